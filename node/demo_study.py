"""A digital phantom as a study that a scanner would send, and what is true of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from inference.anatomy import Sex
from inference.phantom.series import PhantomSeries, sagittal_series
from inference.phantom.spine import sample_spine
from inference.phantom.truth import SpineTruth

SEED: Final = 20
_GRADES: Final = {1: 1.6, 2: 2.0, 3: 2.8, 4: 3.6, 5: 4.3}  # L1/L2 to L5/S1: from white to black
_SLICES: Final = 11
_MATRIX: Final = 384
_CARD: Final = StudyCard(
    study_uid=derived_uid("demo", "study"),
    patient_name="Phantom^Digital",
    patient_id="PHANTOM-1",
    patient_sex="F",
    patient_age="045Y",
    study_description="MR lumbar spine, digital phantom",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class DemoStudy:
    images: Sequence[Dataset]
    truth: SpineTruth

    @property
    def study_uid(self) -> str:
        return str(self.images[0].StudyInstanceUID)


def demo_study() -> DemoStudy:
    """One sagittal T2; the same bytes each time."""
    spine = sample_spine(np.random.default_rng(SEED), grades=_GRADES, sex=Sex.FEMALE, age=45, findings=False)
    series = sagittal_series(spine, slices=_SLICES, matrix=_MATRIX, seed=SEED)
    return DemoStudy(images=classic_images(series.volume, _series_card(series)), truth=series.truth)


def _series_card(series: PhantomSeries) -> SeriesCard:
    sequence = SequenceCard(
        description="t2_tse_sag",
        repetition_time=series.repetition_time,
        echo_time=series.echo_time,
        slice_thickness=series.slice_thickness,
        field_strength=series.field_strength,
    )
    return SeriesCard(series_uid=derived_uid("demo", "T2"), series_number=2, study=_CARD, sequence=sequence)
