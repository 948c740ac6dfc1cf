"""A site's folder of real pairs, made from the phantom."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom import dcmwrite

from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from inference.phantom.series import PhantomSeries
from inference.phantom.spine import Spine, sample_spine
from inference.phantom.t1rho_truth import nuclei_of
from inference.t1rho_phase.site_pairs import COLUMNS

GRADES = {1: 1.2, 2: 2.0, 3: 3.0, 4: 3.9, 5: 4.5}  # every phase in every person


def person(number: int) -> Spine:
    return sample_spine(np.random.default_rng(1_000_100 + number), grades=GRADES, age=40, findings=False)


def put_series(folder: Path, series: PhantomSeries, name: str) -> None:
    sequence = SequenceCard(
        description="t1_tse_sag",
        repetition_time=series.repetition_time,
        echo_time=series.echo_time,
        slice_thickness=series.slice_thickness,
        field_strength=series.field_strength,
    )
    study = StudyCard(study_uid=derived_uid("site pairs", name), patient_name="Test^Pair", patient_id=name)
    card = SeriesCard(series_uid=derived_uid("site pairs", name, "T1"), series_number=1, study=study, sequence=sequence)
    (folder / "series" / name).mkdir(parents=True)
    for number, image in enumerate(classic_images(series.volume, card)):
        dcmwrite(folder / "series" / name / f"{number}.dcm", image, enforce_file_format=True)


def put_table(folder: Path, rows: Sequence[Sequence[object]], columns: Sequence[str] = COLUMNS) -> Path:
    with (folder / "t1rho.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return folder / "t1rho.csv"


def true_rows(spine: Spine, name: str) -> list[list[object]]:
    return [[name, disc.value, t.minimum, t.mean, t.maximum] for disc, t in nuclei_of(spine).items()]
