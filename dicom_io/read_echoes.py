"""Spin-lock and multi-echo series as one stack per time, from one series or from one per time. Talks to: disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from config.settings import TimeSource
from dicom_io.attributes import frame_attributes
from dicom_io.echo_times import Echo, Image, echoes_of
from dicom_io.errors import InconsistentSeries
from dicom_io.geometry import SliceStack, repeated_stack, single_stack
from dicom_io.headers import InstanceHeader, read_header
from dicom_io.read_instance import read_instance, read_instance_header
from dicom_io.read_volume import objects_by_uid, read_stack, source_of, without_pixels
from dicom_io.sources import SourceSeries
from dicom_io.volume import Volume

_SAME_GRID_MM = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadEchoes:
    """times_ms ascend; volumes: one per time, on one grid. source: the images of the first time, with its volume.

    is_3d: the header says 3D.
    """

    times_ms: tuple[float, ...]
    volumes: tuple[Volume, ...]
    source: SourceSeries
    is_3d: bool


def read_echoes(paths: Iterable[Path], sources: Sequence[TimeSource]) -> ReadEchoes:
    """Files of one or several series. Raises InvalidInstance, InconsistentSeries, PixelsUnreadable."""
    return echoes_in([read_instance(path) for path in paths], sources)


def echoes_in(datasets: Sequence[Dataset], sources: Sequence[TimeSource]) -> ReadEchoes:
    images = [image for dataset in datasets for image in _images(without_pixels(dataset))]
    echoes = echoes_of(images, sources)
    stacks = [_stack(echo) for echo in echoes]
    _check_one_grid(stacks)
    known = objects_by_uid(datasets)
    parts = [read_stack(stack, known) for stack in stacks]
    return ReadEchoes(
        times_ms=tuple(echo.time_ms for echo in echoes),
        volumes=tuple(part.volume for part in parts),
        source=parts[0].source,
        is_3d=all(image.header.scan.acquisition_type == "3D" for image in images),
    )


def read_first_images(paths: Iterable[Path]) -> SourceSeries:
    """One image of each position, without pixels: what a report names where no times could be told."""
    datasets = [read_instance_header(path) for path in paths]
    stack = repeated_stack([read_header(without_pixels(dataset)) for dataset in datasets])
    return source_of(stack, objects_by_uid(datasets), volume=None)


def _images(bare: Dataset) -> list[Image]:
    header = read_header(bare)
    frames = zip(header.frames, frame_attributes(bare), strict=True)
    return [Image(header=header, frame=frame, values=values) for frame, values in frames]


def _stack(echo: Echo) -> SliceStack:
    """Headers with the frames of this time alone."""
    headers: dict[str, InstanceHeader] = {}
    for image in echo.images:
        uid = image.header.identity.sop_instance_uid
        before = headers[uid].frames if uid in headers else ()
        headers[uid] = replace(image.header, frames=(*before, image.frame))
    return single_stack(list(headers.values()))


def _check_one_grid(stacks: Sequence[SliceStack]) -> None:
    """Raises InconsistentSeries where an echo lies elsewhere than the first."""
    first = stacks[0]
    for other in stacks[1:]:
        if other.frame_of_reference != first.frame_of_reference:
            raise InconsistentSeries("echoes in several frames of reference")
        if (len(other.slices), other.rows, other.columns) != (len(first.slices), first.rows, first.columns):
            raise InconsistentSeries("echoes of different sizes")
        if np.abs(other.to_patient - first.to_patient).max() > _SAME_GRID_MM:
            raise InconsistentSeries("echoes that do not lie on one grid")
