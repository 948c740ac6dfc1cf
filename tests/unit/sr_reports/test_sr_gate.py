"""Each guard of the gate has a fault that trips it; a sound object passes."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicom_io.written import part10
from inference.anatomy import Disc
from inference.results import MapKind
from sr_reports.content_tree import children, measurement_groups_of, walk
from sr_reports.ohif_safety import ohif_faults
from sr_reports.regions import region_segmentation
from sr_reports.report import sagittal_report
from sr_reports.scalar_maps import map_object
from sr_reports.validate import faults
from tests.every_finding import relaxation
from tests.lumbar import findings, header, identity, refused, source

UNSAFE = "../examples/dicom/fixtures_ohif_unsafe"
HEADERS = [header(index) for index in range(5)]


def report_file() -> bytes:
    return part10(sagittal_report([findings()], source=source(), identity=identity("SR")), source=header(2))


def segmentation_file() -> bytes:
    return part10(region_segmentation(findings(), source=source(), identity=identity("SEG")), source=header(2))


def changed(file: bytes, change: Callable[[Dataset], object]) -> bytes:
    dataset = dcmread(BytesIO(file))
    change(dataset)
    into = BytesIO()
    dcmwrite(into, dataset)
    return into.getvalue()


def groups(document: Dataset) -> list[Dataset]:
    return measurement_groups_of(document)


def first_region(document: Dataset) -> Dataset:
    return next(item for item in walk(document) if item.get("ValueType") == "SCOORD")


def group_with_region(document: Dataset) -> Dataset:
    return next(group for group in groups(document) if children(group, value_type="SCOORD"))


def drop(item: Dataset, name: str) -> None:
    gone = children(item, name=name)
    item.ContentSequence = Sequence([child for child in item.ContentSequence if child not in gone])


@pytest.mark.parametrize("without", [[], [Disc.L5_S1], list(Disc)])
def test_a_sound_report_passes(without: list[Disc]) -> None:
    found = findings(without=without)
    file = part10(sagittal_report([found], source=source(), identity=identity("SR")), source=header(2))
    assert faults(file, sources=HEADERS) == ()


def test_a_report_of_refusals_passes() -> None:
    file = part10(sagittal_report([refused()], source=source(), identity=identity("SR")), source=header(2))
    assert faults(file, sources=HEADERS) == ()


def test_a_sound_segmentation_passes() -> None:
    assert faults(segmentation_file(), sources=HEADERS) == ()


REPORT_FAULTS: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "patient": (lambda d: setattr(d, "PatientID", "T-2"), "PatientID differs"),
    "name": (lambda d: setattr(d, "PatientName", "Test^Mueller"), "PatientName differs"),
    "issuer": (lambda d: delattr(d, "IssuerOfPatientID"), "IssuerOfPatientID differs"),
    "study": (lambda d: setattr(d, "StudyInstanceUID", "1.2.3"), "StudyInstanceUID differs"),
    "character set": (lambda d: setattr(d, "SpecificCharacterSet", "ISO_IR 192"), "SpecificCharacterSet differs"),
    "series of the source": (
        lambda d: setattr(d, "SeriesInstanceUID", HEADERS[0].SeriesInstanceUID),
        "SeriesInstanceUID is one of the source's",
    ),
    "head": (lambda d: setattr(d.file_meta, "MediaStorageSOPInstanceUID", "1.2.3"), "head names another SOP Instance"),
    "undeclared scheme": (lambda d: delattr(d, "CodingSchemeIdentificationSequence"), "neither standard nor declared"),
    "code without meaning": (
        lambda d: setattr(groups(d)[0].ConceptNameCodeSequence[0], "CodeMeaning", ""),
        "lacks value, scheme or meaning",
    ),
    "verified": (lambda d: setattr(d, "VerificationFlag", "VERIFIED"), "VerificationFlag is not UNVERIFIED"),
    "evidence": (
        lambda d: delattr(d, "CurrentRequestedProcedureEvidenceSequence"),
        "pointed at and not listed as evidence",
    ),
    "outline outside": (
        lambda d: setattr(first_region(d), "GraphicData", [1, 1, 900, 1, 900, 9, 5, 9, 4, 8, 3, 7, 1, 1]),
        "an outline leaves its image",
    ),
    "outline open": (
        lambda d: setattr(first_region(d), "GraphicData", first_region(d).GraphicData[:-2]),
        "an outline is not closed",
    ),
    "hidden names": (lambda d: setattr(groups(d)[0], "ContinuityOfContent", "CONTINUOUS"), "not SEPARATE"),
    "title": (
        lambda d: setattr(d.ConceptNameCodeSequence[0], "CodeValue", "126001"),
        "the title is not Imaging Measurement Report",
    ),
    "no tracking uid": (lambda d: drop(groups(d)[0], "112040"), "no tracking unique identifier"),
    "no tracking identifier": (lambda d: drop(groups(d)[0], "112039"), "no tracking identifier"),
    "rectangle": (
        lambda d: setattr(first_region(d), "GraphicData", [1, 1, 9, 1, 9, 9, 1, 9, 1, 1]),
        "a polyline of 5 points",
    ),
    "no region": (lambda d: drop(group_with_region(d), "111030"), "1 tracking UIDs have no group with coordinates"),
}


@pytest.mark.parametrize("name", REPORT_FAULTS)
def test_a_broken_report_is_kept_back(name: str) -> None:
    change, sentence = REPORT_FAULTS[name]
    found = faults(changed(report_file(), change), sources=HEADERS)
    assert any(sentence in fault for fault in found), found


SEGMENTATION_FAULTS: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "frame of reference": (lambda d: setattr(d, "FrameOfReferenceUID", "1.2.3"), "FrameOfReferenceUID differs"),
    "described but empty": (
        lambda d: setattr(d.SegmentSequence[0], "SegmentNumber", 99),
        "described without frames, or not at all",
    ),
    "untracked": (lambda d: delattr(d.SegmentSequence[0], "TrackingUID"), "1 segments have no tracking"),
    "no series": (lambda d: delattr(d, "ReferencedSeriesSequence"), "names no source series"),
}


@pytest.mark.parametrize("name", SEGMENTATION_FAULTS)
def test_a_broken_segmentation_is_kept_back(name: str) -> None:
    change, sentence = SEGMENTATION_FAULTS[name]
    found = faults(changed(segmentation_file(), change), sources=HEADERS)
    assert any(sentence in fault for fault in found), found


def test_a_segmentation_of_other_images_is_kept_back() -> None:
    found = faults(segmentation_file(), sources=[header(7)])
    assert "the segmentation points at objects that are no source" in found


@pytest.mark.parametrize(("file", "sentence"), [(b"", "not a DICOM file"), (b"x" * 200, "not a DICOM file")])
def test_what_is_no_object_is_kept_back(file: bytes, sentence: str) -> None:
    assert faults(file, sources=HEADERS) == (sentence,)


def test_an_image_is_kept_back() -> None:
    into = BytesIO()
    dcmwrite(into, header(0))
    assert faults(into.getvalue(), sources=HEADERS) == ("an object of a kind that this node does not make",)


def test_a_truncated_report_is_kept_back() -> None:
    assert faults(report_file()[:3000], sources=HEADERS) != ()


def test_no_sentence_repeats_what_the_patient_is_called() -> None:
    found = faults(changed(report_file(), lambda d: setattr(d, "PatientName", "Secret^Name")), sources=HEADERS)
    assert not any("Secret" in fault or "Müller" in fault for fault in found)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["sr_segment", "sr_segframe", "sr_scoord_uniquetrack"])
def test_valid_reports_that_break_ohif_are_recognised(name: str, shared_data: Path) -> None:
    assert ohif_faults(dcmread(shared_data / UNSAFE / f"{name}.dcm")) != []


def map_file() -> bytes:
    (found, *_) = relaxation(MapKind.T1RHO).maps
    return part10(map_object(found, source=source(), identity=identity("PM")), source=header(2))


def test_a_sound_map_passes() -> None:
    assert faults(map_file(), sources=HEADERS) == ()


def shared(document: Dataset) -> Dataset:
    groups_: Dataset = document.SharedFunctionalGroupsSequence[0]
    return groups_


def with_nan(document: Dataset) -> None:
    values = np.frombuffer(document.FloatPixelData, "<f4").copy()
    values[5] = np.nan
    document.FloatPixelData = values.tobytes()


MAP_FAULTS: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "frame of reference": (lambda d: setattr(d, "FrameOfReferenceUID", "1.2.3"), "FrameOfReferenceUID differs"),
    "rows": (lambda d: setattr(d, "Rows", 319), "Rows differs"),
    "no number": (with_nan, "values that are no numbers"),
    "cut off": (lambda d: setattr(d, "FloatPixelData", d.FloatPixelData[:-8]), "more or fewer values"),
    "whole numbers": (lambda d: delattr(d, "FloatPixelData"), "no float pixels"),
    "no anatomy": (lambda d: delattr(shared(d), "FrameAnatomySequence"), "no frame anatomy"),
    "no meaning": (lambda d: delattr(shared(d), "RealWorldValueMappingSequence"), "nothing says what"),
    "scaled": (
        lambda d: setattr(shared(d).RealWorldValueMappingSequence[0], "RealWorldValueSlope", 0.1),
        "do not stand for themselves",
    ),
    "not research": (lambda d: setattr(d, "ContentQualification", "PRODUCT"), "not marked as research"),
    "no source": (
        lambda d: delattr(d.PerFrameFunctionalGroupsSequence[0], "DerivationImageSequence"),
        "a frame of the map names no source image",
    ),
    "other source": (
        lambda d: setattr(
            d.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence[0],
            "ReferencedSOPInstanceUID",
            "1.2.3",
        ),
        "points at objects that are no source",
    ),
}


@pytest.mark.parametrize("name", MAP_FAULTS)
def test_a_broken_map_is_kept_back(name: str) -> None:
    change, sentence = MAP_FAULTS[name]
    found = faults(changed(map_file(), change), sources=HEADERS)
    assert any(sentence in fault for fault in found), found
