"""All test data: MR series of a few small slices, and everything that can be wrong with one."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from dicom_io.enhanced_mr_image import enhanced_image
from dicom_io.headers import Plane
from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from dicom_io.volume import Volume

NATIVE_SYNTAXES = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)

STUDY = StudyCard(
    study_uid=derived_uid("test", "study"),
    patient_name="Test^Spine",
    patient_id="T0001",
    patient_birth_date="19700101",
    patient_sex="F",
    patient_age="055Y",
    accession_number="A0001",
)

T2 = SequenceCard(
    description="t2_tse_sag",
    repetition_time=3500,
    echo_time=100,
    slice_thickness=4,
    acquisition_contrast="T2",
)
T1 = replace(T2, description="t1_tse_sag", repetition_time=560, echo_time=11, acquisition_contrast="T1")
STIR = replace(
    T2, description="t2_tirm_sag", inversion_time=160, scanning_sequence=("SE", "IR"), acquisition_contrast="STIR"
)

_AXES: dict[Plane, NDArray[np.float64]] = {  # columns: to the next slice, down a column, along a row (LPS)
    Plane.SAGITTAL: np.array([[-1, 0, 0], [0, 0, 1], [0, -1, 0]], dtype=float),
    Plane.AXIAL: np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=float),
    Plane.CORONAL: np.array([[0, 0, 1], [1, 0, 0], [0, -1, 0]], dtype=float),
}


def uid(name: str) -> str:
    return derived_uid("test", name)


def volume(
    *,
    plane: Plane = Plane.SAGITTAL,
    slices: int = 5,
    rows: int = 48,
    columns: int = 40,
    spacing: tuple[float, float, float] = (4.4, 1.2, 1.1),
    tilt_degrees: float = 0.0,
    first: tuple[float, float, float] = (10.0, -100.0, 90.0),
    frame_of_reference: str = uid("frame of reference"),
    seed: int = 0,
) -> Volume:
    """Noise below 1000, brighter towards the last row and column, so that no flip goes unseen.

    tilt_degrees: about the direction of a row. The slices run along their normal, as geometry orders them.
    """
    noise = np.random.default_rng(seed).integers(0, 200, (slices, rows, columns))
    ramp = np.linspace(0, 400, rows)[:, None] + np.linspace(0, 300, columns)
    to_patient = np.eye(4)
    to_patient[:3, :3] = _tilted(_AXES[plane], degrees=tilt_degrees) * spacing
    to_patient[:3, 3] = first
    voxels = np.rint(noise + ramp).astype(np.float32)
    return Volume(voxels=voxels, to_patient=to_patient, frame_of_reference=frame_of_reference)


def _tilted(axes: NDArray[np.float64], *, degrees: float) -> NDArray[np.float64]:
    """Turned about the direction of a row."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    onward, down, along = axes.T
    return np.column_stack([cosine * onward + sine * down, cosine * down - sine * onward, along])


def series_card(
    *, sequence: SequenceCard = T2, study: StudyCard = STUDY, name: str = "series", number: int = 2
) -> SeriesCard:
    return SeriesCard(series_uid=uid(name), series_number=number, study=study, sequence=sequence)


def classic(of: Volume | None = None, *, card: SeriesCard | None = None) -> list[Dataset]:
    """A sagittal T2 series as single-frame objects, in the order of the volume."""
    return list(classic_images(of or volume(), card or series_card()))


def enhanced(of: Volume | None = None, *, card: SeriesCard | None = None) -> Dataset:
    """The same as one multi-frame object."""
    return enhanced_image(of or volume(), card or series_card())


def multi_echo(
    echo_times: Sequence[float], *, of: Volume | None = None, card: SeriesCard | None = None
) -> list[Dataset]:
    """One image per echo time at each position."""
    images: list[Dataset] = []
    for echo_time in echo_times:
        timed = replace(card or series_card(), sequence=replace(T2, echo_time=echo_time))
        images += [
            changed(image, SOPInstanceUID=uid(f"{image.SOPInstanceUID} {echo_time}"), InstanceNumber=len(images) + i)
            for i, image in enumerate(classic(of, card=timed), start=1)
        ]
    return images


def enhanced_echoes(echo_times: Sequence[float], *, of: Volume | None = None) -> Dataset:
    """One multi-frame object: the whole stack for one echo time after the other."""
    image = enhanced(of)
    frames = list(image.PerFrameFunctionalGroupsSequence)
    del image.SharedFunctionalGroupsSequence[0].MREchoSequence
    image.PerFrameFunctionalGroupsSequence = [_timed(frame, time) for time in echo_times for frame in frames]
    image.NumberOfFrames = len(frames) * len(echo_times)
    image.PixelData = image.PixelData * len(echo_times)
    return image


def _timed(frame: Dataset, echo_time: float) -> Dataset:
    timed, echo = deepcopy(frame), Dataset()
    echo.EffectiveEchoTime = echo_time
    timed.MREchoSequence = [echo]
    return timed


def changed(dataset: Dataset, **values: Any) -> Dataset:
    """A copy with other values; None takes the element away."""
    copy = as_read(dataset)
    for keyword, value in values.items():
        if value is None:
            del copy[keyword]
        else:
            setattr(copy, keyword, value)
    if "SOPInstanceUID" in values and values["SOPInstanceUID"] is not None:
        copy.file_meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    return copy


def ct_image() -> Dataset:
    """What another department's scanner would send."""
    image = changed(classic()[0], SOPClassUID=CTImageStorage, Modality="CT", SOPInstanceUID=uid("ct"))
    image.file_meta.MediaStorageSOPClassUID = CTImageStorage
    return image


def in_syntax(dataset: Dataset, syntax: UID) -> Dataset:
    """The same object in another transfer syntax; a compressed one by pydicom's encoders (RLE, JPEG-LS, JPEG 2000)."""
    copy = as_read(dataset)
    if syntax not in NATIVE_SYNTAXES:
        copy.compress(syntax, generate_instance_uid=False)
        return copy
    if syntax == ExplicitVRBigEndian:
        copy.PixelData = np.frombuffer(copy.PixelData, dtype="<u2").astype(">u2").tobytes()
        copy["PixelData"].VR = "OW"
    copy.file_meta.TransferSyntaxUID = syntax
    return copy


def file_bytes(dataset: Dataset) -> bytes:
    """As a Part 10 file in the transfer syntax of its file meta."""
    into = BytesIO()
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    dcmwrite(
        into,
        dataset,
        enforce_file_format=True,
        implicit_vr=syntax.is_implicit_VR,
        little_endian=syntax.is_little_endian,
    )
    return into.getvalue()


def as_read(dataset: Dataset) -> Dataset:
    """The dataset after a turn through a file: values are bytes again, nothing is shared with the one given."""
    from_file = dcmread(BytesIO(file_bytes(dataset)))
    copy = Dataset({tag: from_file.get_item(tag) for tag in from_file.keys()})  # noqa: SIM118 - a Dataset iterates over elements
    copy.file_meta = FileMetaDataset(from_file.file_meta)
    return copy


def write(datasets: Iterable[Dataset], folder: Path) -> list[Path]:
    """One file per object, named by its place, in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, dataset in enumerate(datasets, start=1):
        path = folder / f"{index:04d}.dcm"
        path.write_bytes(file_bytes(dataset))
        paths.append(path)
    return paths
