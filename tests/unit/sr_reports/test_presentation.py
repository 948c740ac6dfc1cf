"""A viewer that draws no report still shows the outlines, which disc each is, and how it was graded."""

from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset

from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.anatomy import Disc
from sr_reports.findings import Findings
from sr_reports.presentation import outlines_object
from sr_reports.validate import faults
from tests.every_finding import axial, degeneration, phases
from tests.lumbar import findings, identity, refused, source


def drawn(*found: Findings, on: SourceSeries | None = None) -> Dataset:
    document = outlines_object(found, source=on or source(), identity=identity("GSPS"))
    assert document is not None
    return dcmread(BytesIO(part10(document, source=source().first)))


def texts(document: Dataset) -> list[str]:
    return [
        str(text.UnformattedTextValue)
        for annotation in document.GraphicAnnotationSequence
        for text in annotation.TextObjectSequence
    ]


def test_every_disc_is_outlined_and_named_with_its_grade() -> None:
    document = drawn(findings())
    (annotation,) = document.GraphicAnnotationSequence
    assert len(annotation.GraphicObjectSequence) == 5
    assert texts(document) == [
        "AI - RESEARCH USE ONLY",
        *(f"{disc.value}, mPf 4" for disc in Disc),
    ]


def test_grades_of_all_methods_stand_beside_one_outline() -> None:
    document = drawn(findings(), degeneration())
    (annotation,) = document.GraphicAnnotationSequence
    assert len(annotation.GraphicObjectSequence) == 5
    assert "L4/L5, mPf 4, moderate, Pf III" in texts(document)


def test_a_doubtful_level_is_named_so() -> None:
    assert "L2/L3 (level uncertain), mPf 4" in texts(drawn(findings(level_doubt="six discs")))


def test_boxes_and_axial_slices_are_drawn_on_their_own_images() -> None:
    document = drawn(phases(), axial())
    named = [
        annotation.ReferencedImageSequence[0].ReferencedSOPInstanceUID
        for annotation in document.GraphicAnnotationSequence
    ]
    assert named == [image.header.SOPInstanceUID for image in source().images]
    assert any("Canal stenosis Lee grade 0" in text for text in texts(document))


def test_the_window_holds_the_pixels_of_the_slice() -> None:
    (lut,) = drawn(findings()).SoftcopyVOILUTSequence
    found = source()
    assert found.volume is not None
    assert lut.WindowCenter == pytest.approx(np.median(found.volume.voxels[2]), abs=lut.WindowWidth / 2)


@pytest.mark.parametrize("found", [[refused()], [findings(without=list(Disc))]])
def test_where_nothing_was_found_nothing_is_drawn(found: Sequence[Findings]) -> None:
    assert outlines_object(found, source=source(), identity=identity("GSPS")) is None


def test_a_sound_presentation_state_passes_the_gate() -> None:
    file = part10(_document(), source=source().first)
    assert faults(file, sources=source().headers) == ()


def _document() -> Dataset:
    document = outlines_object([findings()], source=source(), identity=identity("GSPS"))
    assert document is not None
    return document


BROKEN: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "no mark": (
        lambda d: delattr(d.GraphicAnnotationSequence[0], "TextObjectSequence"),
        "without saying that it is research",
    ),
    "outside": (
        lambda d: setattr(d.GraphicAnnotationSequence[0].GraphicObjectSequence[0], "GraphicData", [0, 0, 900, 9]),
        "an outline leaves its image",
    ),
    "no window": (lambda d: delattr(d, "SoftcopyVOILUTSequence"), "no window"),
    "no image": (lambda d: delattr(d, "ReferencedSeriesSequence"), "names no image"),
    "other image": (
        lambda d: setattr(
            d.ReferencedSeriesSequence[0].ReferencedImageSequence[0], "ReferencedSOPInstanceUID", "1.2.3"
        ),
        "no source",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_presentation_state_is_kept_back(name: str) -> None:
    change, sentence = BROKEN[name]
    document = dcmread(BytesIO(part10(_document(), source=source().first)))
    change(document)
    into = BytesIO()
    dcmwrite(into, document)
    assert any(sentence in fault for fault in faults(into.getvalue(), sources=source().headers))


def test_the_same_job_gives_the_same_bytes() -> None:
    once, again = (part10(_document(), source=source().first) for _ in range(2))
    assert once == again
