"""UIDs of ours come from what they name; UIDs of peers are checked."""

import pydicom.uid
import pytest

from dicom_io.errors import InvalidInstance
from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, checked_uid, derived_uid, is_valid_uid


def test_the_same_parts_always_give_the_same_uid() -> None:
    assert derived_uid("study", "L4/L5") == derived_uid("study", "L4/L5")


def test_a_derived_uid_does_not_change_between_releases() -> None:
    assert derived_uid("study", "L4/L5") == "2.25.156547563288265526810628547273789627822"


def test_parts_are_told_apart_by_where_they_end() -> None:
    assert derived_uid("ab", "c") != derived_uid("a", "bc")


@pytest.mark.parametrize("parts", [("a",), ("a", "b"), ("", ""), ("김^철수", "x" * 500)])
def test_a_derived_uid_is_valid_for_pydicom_too(parts: tuple[str, ...]) -> None:
    uid = derived_uid(*parts)
    assert is_valid_uid(uid)
    assert pydicom.uid.UID(uid).is_valid


def test_our_implementation_is_named_as_the_standard_limits_it() -> None:
    assert is_valid_uid(IMPLEMENTATION_CLASS_UID)
    assert 1 <= len(IMPLEMENTATION_VERSION_NAME) <= 16


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2", "2.25.0", "0.1", "1." + "2" * 62])
def test_a_uid_of_the_standard_is_valid(uid: str) -> None:
    assert is_valid_uid(uid)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.",
        ".1",
        "1..2",
        "1.02",
        "3.1",
        "100206310.1.1",
        "1.2\n",
        " 1.2",
        "1.2/../../etc",
        "1.٢",
        "1." + "2" * 63,
        "1.2\x00",
    ],
)
def test_what_is_no_uid_is_no_uid(text: str) -> None:
    assert not is_valid_uid(text)


def test_a_bad_uid_is_named_by_its_keyword_and_not_repeated() -> None:
    with pytest.raises(InvalidInstance, match="StudyInstanceUID is no valid UID") as caught:
        checked_uid("Mustermann/1970", name="StudyInstanceUID")
    assert "Mustermann" not in str(caught.value)


def test_a_missing_uid_is_called_missing() -> None:
    with pytest.raises(InvalidInstance, match="SOPClassUID is missing"):
        checked_uid("", name="SOPClassUID")
