"""Volumes as MR images, for the demonstration and the nightly self-test: what a scanner would have sent. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from dicom_io.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, derived_uid
from dicom_io.volume import Volume

_TWELVE_BITS: Final = 4095


@dataclass(frozen=True, kw_only=True)
class StudyCard:
    """Whose study it is. Dates as YYYYMMDD, times as HHMMSS, age as in 045Y; "" where unknown."""

    study_uid: str
    patient_name: str
    patient_id: str
    patient_birth_date: str = ""
    patient_sex: str = ""
    patient_age: str = ""
    issuer_of_patient_id: str = ""
    accession_number: str = ""
    study_id: str = "1"
    study_date: str = "20260101"
    study_time: str = "120000"
    study_description: str = "MR lumbar spine"
    referring_physician: str = ""
    character_set: str | tuple[str, ...] = "ISO_IR 192"
    institution: str = ""


@dataclass(frozen=True, kw_only=True)
class SequenceCard:
    """How it was taken. Times in milliseconds, field strength in tesla, thickness in millimetres; None: not written."""

    description: str
    repetition_time: float | None
    echo_time: float | None
    slice_thickness: float
    inversion_time: float | None = None
    field_strength: float = 1.5
    manufacturer: str = "lumbar-node project"
    model: str = "digital phantom"
    protocol: str = ""
    sequence_name: str = ""
    scanning_sequence: tuple[str, ...] = ("SE",)
    sequence_variant: tuple[str, ...] = ("SK",)
    scan_options: tuple[str, ...] = ()
    image_type: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "OTHER")
    acquisition_type: str = "2D"
    echo_train_length: int = 15
    flip_angle: float = 90.0
    body_part: str = "LSPINE"
    contrast_agent: str = ""
    acquisition_contrast: str = "UNKNOWN"  # T1, T2, STIR, ...: only enhanced objects say it


@dataclass(frozen=True, kw_only=True)
class SeriesCard:
    """Which series of the study it is."""

    series_uid: str
    series_number: int
    study: StudyCard
    sequence: SequenceCard


def classic_images(volume: Volume, card: SeriesCard, *, before: int = 0) -> tuple[Dataset, ...]:
    """One MR Image Storage object per slice, in the order of the volume; UIDs come from the series UID.

    before: images that the series has already, of other stacks.

    Voxels are rounded to whole numbers from 0; more than 4095 takes 16 bits.
    """
    stored = stored_values(volume)
    bits = bits_stored(stored)
    return tuple(
        _classic_image(volume, card, index=index, number=before + index + 1, stored=plane, bits=bits)
        for index, plane in enumerate(stored)
    )


def stored_values(volume: Volume) -> NDArray[np.uint16]:
    return np.clip(np.rint(volume.voxels), 0, np.iinfo(np.uint16).max).astype(np.uint16)


def bits_stored(stored: NDArray[np.uint16]) -> int:
    return 12 if stored.max(initial=0) <= _TWELVE_BITS else 16


def decimal(*numbers: float) -> list[str]:
    """Decimal strings of at most 16 characters (PS3.5 6.2)."""
    return [f"{number + 0.0:.9g}" for number in numbers]


def position_of(volume: Volume, index: int) -> list[str]:
    return decimal(*(volume.to_patient @ [index, 0, 0, 1])[:3])


def orientation_of(volume: Volume) -> list[str]:
    return decimal(*(volume.to_patient[:3, 2] / volume.spacing[2]), *(volume.to_patient[:3, 1] / volume.spacing[1]))


def add_study_and_equipment(image: Dataset, card: SeriesCard) -> None:
    """Patient, study, series and equipment: the same for classic and enhanced."""
    study, sequence = card.study, card.sequence
    image.SpecificCharacterSet = (
        study.character_set if isinstance(study.character_set, str) else list(study.character_set)
    )
    image.PatientName, image.PatientID = study.patient_name, study.patient_id
    image.PatientBirthDate, image.PatientSex = study.patient_birth_date, study.patient_sex
    image.StudyInstanceUID, image.StudyID = study.study_uid, study.study_id
    image.StudyDate, image.StudyTime = study.study_date, study.study_time
    image.SeriesDate, image.SeriesTime = study.study_date, study.study_time
    image.ContentDate, image.ContentTime = study.study_date, study.study_time
    image.AccessionNumber, image.ReferringPhysicianName = study.accession_number, study.referring_physician
    image.SeriesInstanceUID, image.SeriesNumber = card.series_uid, card.series_number
    image.Modality, image.BodyPartExamined, image.PatientPosition = "MR", sequence.body_part, "HFS"
    image.Manufacturer, image.ManufacturerModelName = sequence.manufacturer, sequence.model
    image.DeviceSerialNumber, image.SoftwareVersions = "0", "0"
    image.PositionReferenceIndicator = ""
    optional = {
        "IssuerOfPatientID": study.issuer_of_patient_id,
        "PatientAge": study.patient_age,
        "StudyDescription": study.study_description,
        "InstitutionName": study.institution,
        "SeriesDescription": sequence.description,
        "ProtocolName": sequence.protocol,
    }
    for keyword, text in optional.items():
        if text:
            setattr(image, keyword, text)


def file_meta(image: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def add_pixels(image: Dataset, stored: NDArray[np.uint16], *, bits: int) -> None:
    """stored: (row, column), or (frame, row, column)."""
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows, image.Columns = stored.shape[-2:]
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, bits, bits - 1, 0
    image.PixelData = stored.astype("<u2").tobytes()


def _classic_image(  # noqa: PLR0913 - a slice of a volume, as one object of a series
    volume: Volume, card: SeriesCard, *, index: int, number: int, stored: NDArray[np.uint16], bits: int
) -> Dataset:
    image = Dataset()
    image.SOPClassUID = MRImageStorage
    image.SOPInstanceUID = derived_uid("classic image", card.series_uid, str(number - 1))
    add_study_and_equipment(image, card)
    for keyword, value in _acquisition(card.sequence):
        setattr(image, keyword, value)
    image.AcquisitionDate, image.AcquisitionTime = card.study.study_date, card.study.study_time
    image.InstanceNumber, image.AcquisitionNumber = number, 1
    image.FrameOfReferenceUID = volume.frame_of_reference
    image.ImagePositionPatient, image.ImageOrientationPatient = position_of(volume, index), orientation_of(volume)
    image.PixelSpacing = decimal(*volume.spacing[1:])
    image.SpacingBetweenSlices = decimal(volume.spacing[0])[0]
    add_pixels(image, stored, bits=bits)
    image.WindowCenter, image.WindowWidth = decimal(*_window(volume))
    image.file_meta = file_meta(image)
    return image


def _acquisition(sequence: SequenceCard) -> Iterator[tuple[str, object]]:
    yield "ImageType", list(sequence.image_type)
    yield "ScanningSequence", list(sequence.scanning_sequence)
    yield "SequenceVariant", list(sequence.sequence_variant)
    yield "ScanOptions", list(sequence.scan_options)
    yield "MRAcquisitionType", sequence.acquisition_type
    yield "SliceThickness", sequence.slice_thickness
    yield "RepetitionTime", sequence.repetition_time
    yield "EchoTime", sequence.echo_time
    yield "EchoTrainLength", sequence.echo_train_length
    yield "MagneticFieldStrength", sequence.field_strength
    yield "FlipAngle", sequence.flip_angle
    if sequence.sequence_name:
        yield "SequenceName", sequence.sequence_name
    if sequence.inversion_time is not None:
        yield "InversionTime", sequence.inversion_time
    if sequence.contrast_agent:
        yield "ContrastBolusAgent", sequence.contrast_agent


def _window(volume: Volume) -> tuple[float, float]:
    """Centre and width: from 0 to what only the brightest hundredth exceeds."""
    bright = max(float(np.percentile(volume.voxels, 99)), 2.0)
    return round(bright / 2), round(bright)
