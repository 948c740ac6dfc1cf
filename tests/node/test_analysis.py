"""Files in, findings and refusals out: what cannot be used is listed, the rest goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from config.settings import Rule
from dicom_io.equipment import Equipment
from inference.contract import Case
from inference.errors import ImplausibleResult
from node.analysis import Request, analyse
from node.execution import ReadyMethod
from node.planning import Rulebook
from node.publishing import Gate, Publisher
from node.study_work import Workshop
from tests import builders, lumbar
from tests import running_node as house


def workshop(out: Path, methods: dict[str, ReadyMethod] | None = None) -> Workshop:
    ready = methods or {house.CARD.name: house.METHODS[house.CARD.name]}
    rule = Rule(name="every method", methods=tuple(ready), destinations=())
    return Workshop(
        rulebook=Rulebook(rules=(rule,), cards={name: one.method.card for name, one in ready.items()}),
        methods=ready,
        publisher=Publisher(out, gate=Gate(dciodvfy=None)),
        equipment=Equipment(
            manufacturer="tests", model="tests", software_version="1", serial="1", institution="I", station="S"
        ),
    )


def results(folder: Path, out: Path, methods: dict[str, ReadyMethod] | None = None) -> dict[str, Any]:
    analyse(Request(paths=[folder], folder=out, created=lumbar.CREATED), workshop(out, methods))
    document: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return document


def test_a_folder_gives_objects_a_page_and_every_finding(tmp_path: Path) -> None:
    builders.write(house.study(), tmp_path / "in" / "deep")
    found = results(tmp_path / "in", tmp_path / "out")
    assert sorted(one["kind"] for one in found["objects"]) == ["GSPS", "PDF", "PDF", "PNG", "SC", "SEG", "SR"]
    assert all((tmp_path / "out" / one["file"]).is_file() for one in found["objects"])
    (folder,) = (path for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert (folder / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "sheet.pdf").read_bytes().rstrip().endswith(b"%%EOF")
    assert len(found["findings"]) == 25
    assert found["refusals"] == found["refused_files"] == []


def test_the_same_files_give_the_same_objects_byte_for_byte(tmp_path: Path) -> None:
    builders.write(house.study(), tmp_path / "in")
    first, again = results(tmp_path / "in", tmp_path / "a"), results(tmp_path / "in", tmp_path / "b")
    assert first["objects"] == again["objects"]
    for one in first["objects"]:
        assert (tmp_path / "a" / one["file"]).read_bytes() == (tmp_path / "b" / one["file"]).read_bytes()


def test_what_is_no_usable_object_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    builders.write(house.study(), folder)
    whole = builders.file_bytes(house.study(of="another")[0])
    (folder / "a text.txt").write_text("no DICOM at all")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "cut.dcm").write_bytes(whole[:200])
    (folder / "ct.dcm").write_bytes(builders.file_bytes(builders.ct_image()))
    found = results(folder, tmp_path / "out")
    reasons = {one["file"]: one["reason"] for one in found["refused_files"]}
    assert set(reasons) == {"a text.txt", "empty.dcm", "cut.dcm", "ct.dcm"}
    assert reasons["empty.dcm"] == "the file is empty"
    assert "no DICOM file" in reasons["a text.txt"]
    assert "is none of MR" in reasons["ct.dcm"]
    assert found["findings"]


def test_pixels_that_break_off_are_a_refusal_of_their_series(tmp_path: Path) -> None:
    images = house.study()
    images[2].PixelData = images[2].PixelData[:1000]
    builders.write(images, tmp_path / "in")
    (refusal,) = results(tmp_path / "in", tmp_path / "out")["refusals"]
    assert "cannot be decoded" in refusal["reason"]


def test_a_repeated_uid_with_other_content_is_refused(tmp_path: Path) -> None:
    images = house.study()
    builders.write([*images, images[0], builders.changed(images[0], PatientComments="other")], tmp_path / "in")
    (refused,) = results(tmp_path / "in", tmp_path / "out")["refused_files"]
    assert refused == {"file": "0007.dcm", "reason": "another object with this SOP Instance UID was read before"}


class Doubting:
    """Doubts every answer of its own."""

    card = house.CARD

    def run(self, case: Case) -> list[Any]:
        assert case.volumes
        raise ImplausibleResult("a disc of 40 mm")


def test_a_method_that_doubts_itself_sends_nothing_and_says_so(tmp_path: Path) -> None:
    builders.write(house.study(), tmp_path / "in")
    used = house.METHODS[house.CARD.name].used
    methods = {house.CARD.name: ReadyMethod(method=Doubting(), used=used)}
    found = results(tmp_path / "in", tmp_path / "out", methods)
    assert found["objects"] == found["findings"] == []
    assert [one["reason"] for one in found["refusals"]] == ["a disc of 40 mm"]


@pytest.mark.shared_data
def test_the_study_as_published_is_refused_file_by_file(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "rsna_study" / "as_published"
    found = results(folder, tmp_path / "out")
    assert len(found["refused_files"]) == len([path for path in folder.rglob("*") if path.is_file()])
    assert all("SOPClassUID" in one["reason"] for one in found["refused_files"])
    assert found["findings"] == found["objects"] == []


@pytest.mark.shared_data
def test_the_real_study_is_planned_on_its_sagittal_t2(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "rsna_study" / "restored"
    found = results(folder, tmp_path / "out", {house.CARD.name: ReadyMethod(method=Naming(), used=house.USED)})
    t2 = dcmread(next((folder / "1792451510").iterdir()), stop_before_pixels=True)
    assert {one["series_uid"] for one in found["refusals"] if one["role"]} == {t2.SeriesInstanceUID}
    assert len([one for one in found["refusals"] if one["role"] is None]) == 2


class Naming:
    """Finds nothing, in the series that it was given."""

    card = house.CARD

    def run(self, case: Case) -> list[Any]:
        assert case.volumes
        return list(lumbar.refused("seen, not analysed").results)
