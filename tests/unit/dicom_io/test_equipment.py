"""An installation keeps its device UID across releases, and shares it with no other."""

from pathlib import Path

from config.settings import Site
from dicom_io.equipment import equipment_of
from dicom_io.uids import is_valid_uid


def site(*, serial: str) -> Site:
    return Site(institution="Example Hospital", device_serial=serial, storage=Path("unused"))


def test_a_new_version_is_the_same_device() -> None:
    old, new = (equipment_of(site(serial="A1"), software_version=version) for version in ("0.1.0", "0.2.0"))
    assert old.device_uid == new.device_uid
    assert is_valid_uid(old.device_uid)


def test_another_serial_number_is_another_device() -> None:
    first, second = (equipment_of(site(serial=serial), software_version="0.1.0") for serial in ("A1", "A2"))
    assert first.device_uid != second.device_uid
