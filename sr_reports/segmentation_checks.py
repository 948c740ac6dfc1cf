"""Checks of a segmentation read back. Pure."""

from collections.abc import Sequence

from pydicom.dataset import Dataset


def segmentation_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    return [
        *_grid_faults(document, source=sources[0]),
        *_reference_faults(document, sources=sources),
        *_segment_faults(document),
    ]


def _grid_faults(document: Dataset, *, source: Dataset) -> list[str]:
    """Viewers lay a segmentation over its source only if grid and frame of reference are the same."""
    names = ("Rows", "Columns", "FrameOfReferenceUID")
    faults = [f"{name} differs from the source's" for name in names if document.get(name) != source.get(name)]
    if document.get("SegmentationType") != "BINARY":
        faults.append("the segmentation is not BINARY")
    return faults


def _reference_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:
    known = {str(source.SOPInstanceUID) for source in sources}
    listed = {
        str(instance.ReferencedSOPInstanceUID)
        for series in document.get("ReferencedSeriesSequence", ())
        for instance in series.ReferencedInstanceSequence
    }
    derived = {
        str(image.ReferencedSOPInstanceUID)
        for frame in document.PerFrameFunctionalGroupsSequence
        for derivation in frame.get("DerivationImageSequence", ())
        for image in derivation.SourceImageSequence
    }
    faults = [] if listed else ["the segmentation names no source series"]
    if (listed | derived) - known:
        faults.append("the segmentation points at objects that are no source")
    return [*faults, *(["frames come from images that are not listed"] if derived - listed else [])]


def _segment_faults(document: Dataset) -> list[str]:
    """A segment that is described and has no frame hangs viewers; one without tracking cannot be followed."""
    used = {
        int(frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        for frame in document.PerFrameFunctionalGroupsSequence
    }
    described = {int(segment.SegmentNumber) for segment in document.SegmentSequence}
    faults = (
        [] if used == described else [f"{len(used ^ described)} segments are described without frames, or not at all"]
    )
    untracked = sum(
        not (segment.get("TrackingID") and segment.get("TrackingUID")) for segment in document.SegmentSequence
    )
    return [*faults, *([f"{untracked} segments have no tracking identifiers"] if untracked else [])]
