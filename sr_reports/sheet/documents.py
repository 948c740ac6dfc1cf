"""The sheet of a study as Secondary Capture and as Encapsulated PDF. Pure."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from matplotlib.image import imsave
from pydicom.dataset import Dataset

from dicom_io.encapsulated_pdf import encapsulated_pdf
from dicom_io.object_identity import ObjectIdentity
from dicom_io.secondary_capture import secondary_capture
from dicom_io.sources import SourceImage
from inference.results import AxialGrade, DetectedDisc, Grade, LabelMap, Measurement
from sr_reports.sheet.page import draw_sheet
from sr_reports.sheet.palette import PAPER, READING_ROOM
from sr_reports.sheet.study import SheetStudy
from sr_reports.vocabulary import REPORT_TITLE

SHEET_DESCRIPTION: Final = "AI picture sheet (research use only)"
SHEET_TITLE: Final = "Lumbar spine MR, AI results, research use only"


def sheet_capture(study: SheetStudy, *, identity: ObjectIdentity) -> Dataset:
    """Light on dark, for a reading room. Raises ObjectUnwritable, FindingsContradict."""
    return secondary_capture(
        draw_sheet(study, READING_ROOM).pixels(),
        header=study.source.first,
        images=tuple(_shown(study)),
        identity=identity,
        description=SHEET_DESCRIPTION,
    )


def sheet_pdf(study: SheetStudy, *, identity: ObjectIdentity) -> Dataset:
    """Dark on light, for paper. Raises ObjectUnwritable, FindingsContradict."""
    return encapsulated_pdf(
        draw_sheet(study, PAPER).pdf(title=SHEET_TITLE),
        header=study.source.first,
        images=tuple(_shown(study)),
        identity=identity,
        title=REPORT_TITLE,
        description=SHEET_DESCRIPTION,
    )


def capture_as_png(capture: Dataset) -> bytes:
    """The pixels of a Secondary Capture of ours as a picture file."""
    into = BytesIO()
    imsave(into, capture.pixel_array, format="png")
    return into.getvalue()


def _shown(study: SheetStudy) -> Iterator[SourceImage]:
    """The slices that the results were read on; of a series without any its first image."""
    for series in study.analysed:
        results = [result for one in series.findings for result in one.results]
        slices = {one.key_slice for one in results if isinstance(one, LabelMap | Measurement | Grade | DetectedDisc)}
        slices |= {one.slice_index for one in results if isinstance(one, AxialGrade)}
        yield from (series.source.images[index] for index in sorted(slices) or [0])
