"""The image library of a report (TID 1600): the annotated slices, classic or of an enhanced object. Pure.

highdicom's own reads geometry from the top level of a header, where enhanced objects have none.
"""

from collections.abc import Sequence

from highdicom import sr
from pydicom.sr.codedict import codes

from dicom_io.sources import SourceSeries, row_and_column_cosines, slice_position
from inference.results import Unit
from sr_reports import measured_terms, vocabulary

_POSITION = (codes.DCM.ImagePositionPatientX, codes.DCM.ImagePositionPatientY, codes.DCM.ImagePositionPatientZ)
_ORIENTATION = (
    codes.DCM.ImageOrientationPatientRowX,
    codes.DCM.ImageOrientationPatientRowY,
    codes.DCM.ImageOrientationPatientRowZ,
    codes.DCM.ImageOrientationPatientColumnX,
    codes.DCM.ImageOrientationPatientColumnY,
    codes.DCM.ImageOrientationPatientColumnZ,
)


def image_library(source: SourceSeries, *, slices: Sequence[int]) -> sr.ContainerContentItem:
    library = sr.ContainerContentItem(name=codes.DCM.ImageLibrary, relationship_type=sr.RelationshipTypeValues.CONTAINS)
    group = sr.ContainerContentItem(
        name=codes.DCM.ImageLibraryGroup, relationship_type=sr.RelationshipTypeValues.CONTAINS
    )
    group.ContentSequence = sr.ContentSequence([_entry(source, index) for index in slices])
    library.ContentSequence = sr.ContentSequence([group])
    return library


def _entry(source: SourceSeries, index: int) -> sr.ImageContentItem:
    image = source.images[index]
    entry = sr.ImageContentItem(
        name=vocabulary.SOURCE,
        referenced_sop_class_uid=image.header.SOPClassUID,
        referenced_sop_instance_uid=image.header.SOPInstanceUID,
        referenced_frame_numbers=image.frame,
        relationship_type=sr.RelationshipTypeValues.CONTAINS,
    )
    entry.ContentSequence = sr.ContentSequence([*_modality_and_matrix(source, index), *_geometry(source, index)])
    return entry


def _modality_and_matrix(source: SourceSeries, index: int) -> list[sr.ContentItem]:
    header = source.images[index].header
    modality = sr.CodeContentItem(
        name=codes.DCM.Modality,
        value=codes.cid29.MagneticResonance,
        relationship_type=sr.RelationshipTypeValues.HAS_ACQ_CONTEXT,
    )
    return [
        modality,
        _number(codes.DCM.PixelDataRows, int(header.Rows), measured_terms.PIXELS),
        _number(codes.DCM.PixelDataColumns, int(header.Columns), measured_terms.PIXELS),
    ]


def _geometry(source: SourceSeries, index: int) -> list[sr.ContentItem]:
    """TID 1604, from the volume: the same numbers whether the slice is an object or a frame."""
    placed = source.placed(index)
    if placed is None:
        return []
    volume = placed.volume
    frame = sr.UIDRefContentItem(
        name=codes.DCM.FrameOfReferenceUID,
        value=volume.frame_of_reference,
        relationship_type=sr.RelationshipTypeValues.HAS_ACQ_CONTEXT,
    )
    _, between_rows, between_columns = volume.spacing
    position = zip(_POSITION, slice_position(volume, placed.index), strict=True)
    cosines = zip(_ORIENTATION, row_and_column_cosines(volume), strict=True)
    return [
        frame,
        _number(codes.DCM.HorizontalPixelSpacing, between_columns, measured_terms.UNIT[Unit.MILLIMETRE]),
        _number(codes.DCM.VerticalPixelSpacing, between_rows, measured_terms.UNIT[Unit.MILLIMETRE]),
        *(_number(name, value, measured_terms.UNIT[Unit.MILLIMETRE]) for name, value in position),
        *(_number(name, value, measured_terms.DIRECTION_COSINE) for name, value in cosines),
    ]


def _number(name: sr.CodedConcept, value: float, unit: sr.CodedConcept) -> sr.NumContentItem:
    """Six decimals: a nanometre, and what a decimal string holds in any case."""
    return sr.NumContentItem(
        name=name,
        value=value if isinstance(value, int) else round(float(value), 6),
        unit=unit,
        relationship_type=sr.RelationshipTypeValues.HAS_ACQ_CONTEXT,
    )
