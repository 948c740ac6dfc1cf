"""Outlines and words on slices of a series as a Grayscale Softcopy Presentation State. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from highdicom import ModalityLUTTransformation
from highdicom.color import CIELabColor
from highdicom.pr import (
    AnnotationUnitsValues,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GraphicTypeValues,
    GrayscaleSoftcopyPresentationState,
    SoftcopyVOILUTTransformation,
    TextObject,
)
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from dicom_io.attributes import frame_attributes
from dicom_io.errors import ObjectUnwritable
from dicom_io.inherited import inheritable
from dicom_io.object_identity import ObjectIdentity, series_description
from dicom_io.repertoire import writable
from dicom_io.sources import SourceImage, SourceSeries
from dicom_io.stamp import contributing_equipment, stamp

_DESCRIPTION: Final = "AI outlines (research use only)"
_WHAT: Final = "AI outlines"
_LABEL: Final = "AI_OUTLINES"
_LAYER: Final = "AI"
_COLOUR: Final = "#ffd400"
_CREATOR: Final = "LSpineNode^AI"
_PER_FRAME: Final = "PerFrameFunctionalGroupsSequence"
_PIXEL: Final = AnnotationUnitsValues.PIXEL
_MODALITY_LUT: Final = ("RescaleSlope", "RescaleIntercept", "RescaleType", "PixelValueTransformationSequence")


@dataclass(frozen=True, kw_only=True)
class Note:
    """Words on an image. at: where they begin, (column, row); the first pixel spans 0 to 1."""

    text: str
    at: tuple[float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """What is drawn on one slice. polygons: closed, (points, 2) as (column, row), the first pixel spans 0 to 1."""

    image: SourceImage
    polygons: Sequence[NDArray[np.float64]]
    notes: Sequence[Note]


def presentation_state(
    drawings: Sequence[Drawing],
    *,
    source: SourceSeries,
    window: tuple[float, float],
    identity: ObjectIdentity,
    subject: str,
) -> GrayscaleSoftcopyPresentationState:
    """drawings: at least one. window: darkest and brightest value after rescale; without it a viewer that follows the
    standard shows the slice without any window. `dicom_io.written.part10` turns the object into the bytes that may
    leave. subject: what the series is, for its description.

    Raises ObjectUnwritable.
    """
    try:
        document = _document(drawings, source=source, window=window, identity=identity, subject=subject)
    except (ValueError, TypeError, AttributeError, KeyError) as cause:
        raise ObjectUnwritable(f"no presentation state can be made: {type(cause).__name__}") from cause
    document.BodyPartExamined = "LSPINE"
    document.DeviceUID = identity.equipment.device_uid
    stamp(document, header=source.first, identity=identity)
    document.PresentationCreationDate, document.PresentationCreationTime = document.ContentDate, document.ContentTime
    del document.ContentDate, document.ContentTime
    return document


def _document(
    drawings: Sequence[Drawing],
    *,
    source: SourceSeries,
    window: tuple[float, float],
    identity: ObjectIdentity,
    subject: str,
) -> GrayscaleSoftcopyPresentationState:
    equipment, (low, high) = identity.equipment, window
    headers = {str(one.image.header.SOPInstanceUID): _monochrome(one.image.header) for one in drawings}
    layer = GraphicLayer(_LAYER, 1, description=_DESCRIPTION, display_color=CIELabColor.from_string(_COLOUR))
    return GrayscaleSoftcopyPresentationState(
        referenced_images=list(headers.values()),
        series_instance_uid=identity.series_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=equipment.manufacturer,
        manufacturer_model_name=equipment.model,
        software_versions=equipment.software_version,
        device_serial_number=equipment.serial,
        content_label=_LABEL,
        content_description=_DESCRIPTION,
        content_creator_name=_CREATOR,
        graphic_annotations=[_annotation(one, layer, headers, source=source) for one in drawings],
        graphic_layers=[layer],
        modality_lut_transformation=_modality_lut(drawings),
        voi_lut_transformations=[
            SoftcopyVOILUTTransformation(window_center=(low + high) / 2, window_width=max(high - low, 1.0))
        ],
        series_description=series_description(_WHAT, of=subject),
        contributing_equipment=[contributing_equipment(equipment, header=source.first)],
        transfer_syntax_uid=ExplicitVRLittleEndian,
    )


def _annotation(
    drawing: Drawing, layer: GraphicLayer, headers: dict[str, Dataset], *, source: SourceSeries
) -> GraphicAnnotation:
    return GraphicAnnotation(
        referenced_images=[headers[str(drawing.image.header.SOPInstanceUID)]],
        graphic_layer=layer,
        referenced_frame_number=drawing.image.frame,
        graphic_objects=[
            GraphicObject(GraphicTypeValues.POLYLINE, polygon.round(2), units=_PIXEL) for polygon in drawing.polygons
        ]
        or None,
        text_objects=[
            TextObject(
                writable(note.text, header=source.first), units=_PIXEL, anchor_point=note.at, anchor_point_visible=False
            )
            for note in drawing.notes
        ]
        or None,
    )


def _modality_lut(drawings: Sequence[Drawing]) -> ModalityLUTTransformation:
    """One for all. Raises ValueError where slices are stored on several scales: no one window would suit them."""
    scales = {_scale(drawing.image) for drawing in drawings}
    if len(scales) > 1:
        raise ValueError("slices on several scales")
    slope, intercept = scales.pop()
    return ModalityLUTTransformation(rescale_intercept=intercept, rescale_slope=slope, rescale_type="US")


def _scale(image: SourceImage) -> tuple[float, float]:
    values = list(frame_attributes(image.header))[(image.frame or 1) - 1]
    slope, intercept = values.number("RescaleSlope"), values.number("RescaleIntercept")
    return (1.0 if slope is None else slope), intercept or 0.0


def _monochrome(header: Dataset) -> Dataset:
    """As highdicom wants it, and without a modality LUT: it would look for one where some objects have none."""
    taken = inheritable(header)
    taken.SamplesPerPixel = 1
    for item in (taken, *taken.get("SharedFunctionalGroupsSequence", ()), *taken.get(_PER_FRAME, ())):
        for keyword in _MODALITY_LUT:
            if keyword in item:
                del item[keyword]
    return taken
