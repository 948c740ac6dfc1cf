"""Findings as a method gives them, and headers as a scanner writes them, small and without a network."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

from dicom_io.equipment import Equipment
from dicom_io.object_identity import ObjectIdentity
from dicom_io.roles import Role
from dicom_io.sources import SourceImage, SourceSeries
from dicom_io.uids import derived_uid
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Disc, Structure
from inference.results import (
    Grade,
    LabelMap,
    Measurement,
    NotAnalysed,
    Quantity,
    ReferencePosition,
    Result,
    Scale,
    Unit,
)
from sr_reports.findings import Findings, MethodUsed, WeightsUsed

ROLE = Role.SAGITTAL_T2
ROWS, COLUMNS = 320, 256
SLICE_MM, ROW_MM, COLUMN_MM = 4.4, 0.9, 0.8
FRAME_OF_REFERENCE = derived_uid("test", "frame of reference")
METHOD = MethodUsed(
    name="disc_quantification",
    version="1.2.3",
    paper="Zheng 2022",
    weights=(WeightsUsed(name="spine", sha256="ab" * 32),),
)
EQUIPMENT = Equipment(
    manufacturer="lumbar-node project",
    model="lumbar-node",
    software_version="0.1.0",
    serial="S1",
    institution="Example Hospital",
    station="LUMBARNODE",
)
CREATED = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - wall-clock time of a site, as DICOM has it


def identity(kind: str, *, number: int = 131) -> ObjectIdentity:
    return ObjectIdentity(
        series_uid=derived_uid("test", kind, "series"),
        sop_instance_uid=derived_uid("test", kind, "instance"),
        series_number=number,
        created=CREATED,
        equipment=EQUIPMENT,
    )


def header(index: int, **changes: object) -> Dataset:
    """One classic sagittal MR image as read from a file, its values not looked at yet. None takes an attribute out."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    values = {**_PATIENT_AND_STUDY, **_image(index), **changes}
    for keyword, value in values.items():
        if value is not None:
            setattr(dataset, keyword, value)
    into = BytesIO()
    dcmwrite(into, dataset, enforce_file_format=True)
    return dcmread(BytesIO(into.getvalue()))


def _image(index: int) -> dict[str, object]:
    return {
        "SOPClassUID": MRImageStorage,
        "SOPInstanceUID": derived_uid("test", "image", str(index)),
        "Modality": "MR",
        "Manufacturer": "Phantom",
        "FrameOfReferenceUID": FRAME_OF_REFERENCE,
        "Rows": ROWS,
        "Columns": COLUMNS,
        "PixelSpacing": [ROW_MM, COLUMN_MM],
        "SliceThickness": 4,
        "ImagePositionPatient": [index * SLICE_MM, -100, 150],
        "ImageOrientationPatient": [0, 1, 0, 0, 0, -1],
        "InstanceNumber": index + 1,
        "BodyPartExamined": "LSPINE",
        "PatientPosition": "HFS",
    }


_PATIENT_AND_STUDY = {
    "SpecificCharacterSet": "ISO_IR 100",
    "PatientName": "Test^Müller",
    "PatientID": "T-1",
    "IssuerOfPatientID": "TESTS",
    "PatientBirthDate": "19700101",
    "PatientSex": "F",
    "StudyInstanceUID": derived_uid("test", "study"),
    "SeriesInstanceUID": derived_uid("test", "series"),
    "StudyDate": "20250102",
    "StudyTime": "101112",
    "AccessionNumber": "A-1",
    "StudyID": "1",
    "ReferringPhysicianName": "Referrer^A",
    "SeriesNumber": 3,
}


def source(*, slices: int = 5, **changes: object) -> SourceSeries:
    images = tuple(SourceImage(header=header(index, **changes)) for index in range(slices))
    return SourceSeries(images=images, volume=volume(slices))


def volume(slices: int) -> Volume:
    to_patient = np.eye(4)
    to_patient[:3, 0] = [SLICE_MM, 0, 0]
    to_patient[:3, 1] = [0, 0, -ROW_MM]
    to_patient[:3, 2] = [0, COLUMN_MM, 0]
    to_patient[:3, 3] = [0, -100, 150]
    voxels = np.random.default_rng(1).normal(200, 30, (slices, ROWS, COLUMNS)).astype(np.float32)
    return Volume(voxels=voxels + 40 * labels(slices), to_patient=to_patient, frame_of_reference=FRAME_OF_REFERENCE)


def labels(slices: int, *, without: Sequence[Disc] = ()) -> NDArray[np.uint8]:
    """A spine of blocks and ellipses on the middle slice and its neighbours, empty elsewhere."""
    picture = np.zeros((ROWS, COLUMNS), np.uint8)
    for index, vertebra in enumerate(LUMBAR_VERTEBRAE):
        row = 40 + 45 * index
        cv2.rectangle(picture, (105, row - 13), (145, row + 13), vertebra.channel, -1)
    for index, disc in enumerate(DISC_STRUCTURES):
        if Disc(disc.value) not in without:
            cv2.ellipse(picture, (125, 63 + 45 * index), (22, 7), 6 * (index - 2), 0, 360, disc.channel, -1)
    drawn = np.zeros((slices, ROWS, COLUMNS), np.uint8)
    middle = slices // 2
    drawn[max(middle - 1, 0) : middle + 2] = picture
    return drawn


def label_map(*, slices: int = 5, without: Sequence[Disc] = (), level_doubt: str | None = None) -> LabelMap:
    drawn = labels(slices, without=without)
    return LabelMap(
        role=ROLE,
        labels=drawn,
        structures=tuple(structure for structure in Structure if (drawn == structure.channel).any()),
        key_slice=slices // 2,
        level_doubt=level_doubt,
    )


def findings(*, slices: int = 5, without: Sequence[Disc] = (), level_doubt: str | None = None) -> Findings:
    """All discs measured and graded, those in without refused."""
    results: list[Result] = [label_map(slices=slices, without=without, level_doubt=level_doubt)]
    for disc in Disc:
        if disc in without:
            results.append(NotAnalysed(role=ROLE, disc=disc, reason="outside the field of view"))
        else:
            results += [*measurements(disc, slices=slices), grade(disc, slices=slices)]
    doubtful = [
        result if isinstance(result, NotAnalysed) else replace(result, level_doubt=level_doubt) for result in results
    ]
    return Findings(method=METHOD, role=ROLE, results=tuple(doubtful))


def refused(reason: str = "slices overlap") -> Findings:
    return Findings(method=METHOD, role=ROLE, results=(NotAnalysed(role=ROLE, disc=None, reason=reason),))


def measurements(disc: Disc, *, slices: int = 5) -> list[Measurement]:
    values = (
        (Quantity.DISC_HEIGHT, 9.614, Unit.MILLIMETRE),
        (Quantity.DISC_HEIGHT_INDEX, 0.3456, Unit.RATIO),
        (Quantity.HEIGHT_TO_DIAMETER, 0.2718, Unit.RATIO),
        (Quantity.SIGNAL_INTENSITY_DIFFERENCE, 72.345, Unit.ARBITRARY),
    )
    return [
        Measurement(
            role=ROLE,
            disc=disc,
            quantity=quantity,
            value=value,
            unit=unit,
            key_slice=slices // 2,
            level_doubt=None,
            reference=None if quantity is Quantity.DISC_HEIGHT else reference(disc),
        )
        for quantity, value, unit in values
    ]


def reference(disc: Disc) -> ReferencePosition:
    return ReferencePosition(
        group=f"{disc.value}, female, 50-60", count=84, mean=80.0, sd=10.0, z_score=-0.77, percentile=22.1
    )


def grade(disc: Disc, *, value: int = 4, slices: int = 5) -> Grade:
    probabilities = [0.03] * 8
    probabilities[value - 1] = 0.79
    return Grade(
        role=ROLE,
        disc=disc,
        scale=Scale.MODIFIED_PFIRRMANN,
        value=value,
        probabilities=tuple(probabilities),
        key_slice=slices // 2,
        level_doubt=None,
    )
