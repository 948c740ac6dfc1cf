"""A label map of two structures and the Segmentation made of it, for tests."""

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
from highdicom.sr import CodedConcept
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from dicom_io.equipment import Equipment
from dicom_io.object_identity import ObjectIdentity
from dicom_io.read_volume import volume_of
from dicom_io.segmentation import Algorithm, Parameter, Segment, segmentation
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from tests import builders

WEIGHTS = "0f" * 32
ALGORITHM = Algorithm(
    name="disc_quantification",
    version="1.2.3",
    source="Zheng 2022",
    parameters=(Parameter(name="weights-sha256", value=WEIGHTS),),
)
IDENTITY = ObjectIdentity(
    series_uid=builders.uid("seg series"),
    sop_instance_uid=builders.uid("seg"),
    series_number=9001,
    created=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    equipment=Equipment(
        manufacturer="lumbar-node project",
        model="lumbar-node",
        software_version="0.1.0",
        serial="SN-1",
        institution="Example Hospital",
        station="AI1",
    ),
)


def segment(value: int) -> Segment:
    return Segment(
        value=value,
        label=f"structure {value}",
        category=CodedConcept.from_code(codes.SCT.AnatomicalStructure),
        type=CodedConcept("14293000", "SCT", "L2 vertebra"),
        anatomic_region=CodedConcept.from_code(codes.SCT.LumbarSpine),
        colour="#35c2a0",
        tracking_id=f"structure {value}",
        tracking_uid=builders.uid(f"tracking {value}"),
    )


def labels() -> NDArray[np.uint8]:
    """Structures 3 and 7 on two slices each, lopsided, so that no flip or shift goes unseen; 5 is nowhere."""
    drawn = np.zeros(builders.volume().voxels.shape, dtype=np.uint8)
    drawn[1, 4:9, 3:7] = 3
    drawn[2, 4:10, 3:8] = 3
    drawn[2, 30:33, 20:39] = 7
    drawn[3, 40:48, 0:5] = 7
    return drawn


def source(datasets: list[Dataset] | None = None) -> SourceSeries:
    return volume_of(datasets or [builders.as_read(image) for image in builders.classic()]).source


def written(drawn: NDArray[np.uint8] | None = None, *, of: SourceSeries | None = None) -> Dataset:
    """As a reader gets it."""
    return dcmread(BytesIO(file_of(drawn, of=of)))


def file_of(drawn: NDArray[np.uint8] | None = None, *, of: SourceSeries | None = None) -> bytes:
    series = of or source()
    document = segmentation(
        labels() if drawn is None else drawn,
        source=series,
        segments=[segment(value) for value in (3, 5, 7)],
        algorithm=ALGORITHM,
        coding_schemes=[],
        identity=IDENTITY,
    )
    return part10(document, source=series.first)
