"""Checks of a presentation state read back. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.attributes import items
from sr_reports.statements import BANNER

_MARK: Final = BANNER.upper()


def presentation_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    images = {str(source.SOPInstanceUID): source for source in sources}
    return [
        *_reference_faults(document, images=images),
        *[fault for annotation in _annotations(document) for fault in _annotation_faults(annotation, images=images)],
        *([] if items(document, "SoftcopyVOILUTSequence") else ["no window: viewers would show a dark image"]),
    ]


def _annotations(document: Dataset) -> Sequence[Dataset]:
    return items(document, "GraphicAnnotationSequence")


def _reference_faults(document: Dataset, *, images: Mapping[str, Dataset]) -> list[str]:
    named = {
        str(image.ReferencedSOPInstanceUID)
        for series in items(document, "ReferencedSeriesSequence")
        for image in items(series, "ReferencedImageSequence")
    }
    faults = [] if named else ["the presentation state names no image"]
    return [
        *faults,
        *(["the presentation state points at objects that are no source"] if named - images.keys() else []),
    ]


def _annotation_faults(annotation: Dataset, *, images: Mapping[str, Dataset]) -> Iterator[str]:
    texts = [str(text.UnformattedTextValue) for text in items(annotation, "TextObjectSequence")]
    if not any(_MARK in text.upper() for text in texts):
        yield "a slice is drawn on without saying that it is research"
    for named in items(annotation, "ReferencedImageSequence"):
        image = images.get(str(named.ReferencedSOPInstanceUID))
        if image is not None and any(_leaves(drawn, image) for drawn in items(annotation, "GraphicObjectSequence")):
            yield "an outline leaves its image"


def _leaves(drawn: Dataset, image: Dataset) -> bool:
    points = np.reshape(drawn.GraphicData, (-1, 2))
    return bool(points.min() < 0 or (points > (int(image.Columns), int(image.Rows))).any())
