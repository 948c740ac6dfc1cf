"""Objects of a series as volumes, decoded whatever their transfer syntax. Talks to: disk."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.utils import pixel_array
from pydicom.tag import BaseTag
from pydicom.uid import JPEG2000, JPEG2000MC, JPEG2000Lossless, JPEG2000MCLossless, MRImageStorage

from dicom_io.attributes import UNREADABLE, Attributes, frame_attributes
from dicom_io.errors import PixelsUnreadable
from dicom_io.geometry import Slice, SliceStack, single_stack, stacks_of
from dicom_io.headers import InstanceHeader, read_header
from dicom_io.jpeg_extended import decoded_by_gdcm, needs_gdcm
from dicom_io.read_instance import read_instance, read_instance_header
from dicom_io.sources import SourceImage, SourceSeries
from dicom_io.volume import Volume

_UNDECODABLE: Final = (*UNREADABLE, RuntimeError, zlib.error)
_JPEG_2000_PART_1: Final = {JPEG2000MCLossless: JPEG2000Lossless, JPEG2000MC: JPEG2000}
_PIXEL_GROUP: Final = 0x7FE0
# Of a slice: a header that claims more would get its memory before its pixels are missed.
_MOST_PIXELS: Final = 8192 * 8192


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadSeries:
    """One regular stack. source: the objects of its slices in their order, without pixels; source.volume is volume."""

    volume: Volume
    source: SourceSeries


def read_volume(paths: Iterable[Path]) -> ReadSeries:
    """Files of one series that is one regular stack. Raises InvalidInstance, InconsistentSeries, PixelsUnreadable."""
    return volume_of([read_instance(path) for path in paths])


def read_stacks(paths: Iterable[Path]) -> SourceSeries:
    """Files of one series of one or several stacks, e.g. one per disc, from the feet to the head."""
    datasets = [read_instance(path) for path in paths]
    by_uid = objects_by_uid(datasets)
    parts = [read_stack(stack, by_uid) for stack in _upwards(stacks_of(_headers(datasets)))]
    return _joined([part.source for part in parts])


def read_source(paths: Iterable[Path]) -> SourceSeries:
    """The same order and headers as read_volume or read_stacks gives, without decoding a pixel: there is no volume."""
    datasets = [read_instance_header(path) for path in paths]
    by_uid = objects_by_uid(datasets)
    stacks = _upwards(stacks_of(_headers(datasets)))
    return _joined([source_of(stack, by_uid, volume=None) for stack in stacks])


def volume_of(datasets: Sequence[Dataset]) -> ReadSeries:
    """Objects of one series that is one regular stack."""
    stack = single_stack(_headers(datasets))
    return read_stack(stack, objects_by_uid(datasets))


def volumes_of(datasets: Sequence[Dataset]) -> tuple[ReadSeries, ...]:
    """One volume per stack: echoes of a multi-echo series, blocks of axial slices."""
    by_uid = objects_by_uid(datasets)
    return tuple(read_stack(stack, by_uid) for stack in stacks_of(_headers(datasets)))


def _upwards(stacks: Iterable[SliceStack]) -> list[SliceStack]:
    return sorted(stacks, key=lambda stack: float(np.mean([image.position[2] for image in stack.slices])))


def _joined(parts: Sequence[SourceSeries]) -> SourceSeries:
    if len(parts) == 1:
        return parts[0]
    images = tuple(image for part in parts for image in part.images)
    return SourceSeries(images=images, volume=None, stacks=tuple(volume for part in parts for volume in part.volumes))


def _headers(datasets: Iterable[Dataset]) -> list[InstanceHeader]:
    """Of copies: reading a value replaces its bytes."""
    return [read_header(without_pixels(dataset)) for dataset in datasets]


def objects_by_uid(datasets: Iterable[Dataset]) -> dict[str, Dataset]:
    return {str(dataset.SOPInstanceUID).strip(" \0"): dataset for dataset in datasets}


def read_stack(stack: SliceStack, by_uid: Mapping[str, Dataset]) -> ReadSeries:
    if stack.rows * stack.columns > _MOST_PIXELS:
        raise PixelsUnreadable(f"slices of {stack.rows} x {stack.columns} pixels: no MR image is that large")
    values = {uid: list(frame_attributes(by_uid[uid])) for uid in {image.sop_instance_uid for image in stack.slices}}
    planes = []
    for image in stack.slices:  # room for all is taken once the pixels are known to be there
        uid, frame = image.sop_instance_uid, image.frame_number - 1
        planes.append(_decode(by_uid[uid], values[uid][frame], index=frame, shape=(stack.rows, stack.columns)))
    voxels = np.stack(planes).astype(np.float32, copy=False)
    volume = Volume(voxels=voxels, to_patient=stack.to_patient, frame_of_reference=stack.frame_of_reference)
    return ReadSeries(volume=volume, source=source_of(stack, by_uid, volume=volume))


def source_of(stack: SliceStack, by_uid: Mapping[str, Dataset], *, volume: Volume | None) -> SourceSeries:
    bare = {uid: without_pixels(by_uid[uid]) for uid in {image.sop_instance_uid for image in stack.slices}}
    images = (SourceImage(header=bare[image.sop_instance_uid], frame=_frame_number(image)) for image in stack.slices)
    return SourceSeries(images=tuple(images), volume=volume)


def _frame_number(image: Slice) -> int | None:
    """References to a single-frame object name no frame (PS3.3 10.3)."""
    return None if image.sop_class_uid == MRImageStorage else image.frame_number


def without_pixels(dataset: Dataset) -> Dataset:
    """A copy whose values are still the bytes they were read as: dicom_io.written hands them on."""
    bare = _unread(dataset, [tag for tag in dataset.keys() if tag.group != _PIXEL_GROUP])  # noqa: SIM118 - else elements
    bare.file_meta = getattr(dataset, "file_meta", FileMetaDataset())
    return bare


def _decode(dataset: Dataset, values: Attributes, *, index: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    """One frame in the units of the header's rescale; bright stays bright where 0 means white."""
    if "PixelData" not in dataset:
        raise PixelsUnreadable("an object without pixel data")
    try:
        stored = _stored(dataset, index=index)
    except _UNDECODABLE as cause:
        raise PixelsUnreadable(f"pixels in {_syntax_name(dataset)} cannot be decoded") from cause
    if stored.shape != shape:
        raise PixelsUnreadable(f"decoded pixels are {stored.shape}, the header says {shape}")
    pixels = stored.astype(np.float32)
    if values.text("PhotometricInterpretation") == "MONOCHROME1":
        pixels = _darkest_and_brightest(values) - pixels
    slope, intercept = values.number("RescaleSlope"), values.number("RescaleIntercept")
    return pixels * np.float32(1 if slope is None else slope) + np.float32(intercept or 0)


def _stored(dataset: Dataset, *, index: int) -> NDArray[np.generic]:
    if needs_gdcm(dataset):
        return decoded_by_gdcm(dataset, index=index)
    return pixel_array(_as_first_part(dataset), index=index, raw=True)


def _as_first_part(dataset: Dataset) -> Dataset:
    """JPEG 2000 Part 2 of one component is encoded as Part 1 is; pydicom knows only the latter."""
    part_1 = _JPEG_2000_PART_1.get(dataset.file_meta.TransferSyntaxUID)
    if part_1 is None:
        return dataset
    renamed = _unread(dataset, list(dataset.keys()))
    renamed.file_meta = FileMetaDataset(dataset.file_meta)
    renamed.file_meta.TransferSyntaxUID = part_1
    return renamed


def _unread(dataset: Dataset, tags: Sequence[BaseTag]) -> Dataset:
    """These elements as they are: an element of no known VR, or without a value, is not looked at either."""
    return Dataset({tag: dataset.get_item(tag, keep_deferred=True) for tag in tags})


def _darkest_and_brightest(values: Attributes) -> np.float32:
    """The sum of the smallest and the largest stored value: taking a value from it turns black into white."""
    bits = values.integer("BitsStored") or 16
    return np.float32(-1 if values.integer("PixelRepresentation") == 1 else 2**bits - 1)


def _syntax_name(dataset: Dataset) -> str:
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    return "an unknown transfer syntax" if syntax is None else str(syntax.name)
