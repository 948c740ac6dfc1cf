"""A phantom person's spin-lock and multi-echo series as DICOM files."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from inference.phantom.relaxation import MULTI_ECHO, SPIN_LOCK_FSE, RelaxationSequence
from inference.phantom.relaxation_series import RelaxationProtocol, RelaxationSeries, relaxation_series
from inference.phantom.spine import sample_spine


def write_relaxation_study(folder: Path, *, seed: int, slices: int = 1, with_t2: bool = True) -> None:
    """One series for each time, as several scanners send them; EchoTime tells the spin-lock time."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(_images(seed, slices, with_t2=with_t2)):
        image.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)


def _images(seed: int, slices: int, *, with_t2: bool) -> Iterator[Dataset]:
    spine = sample_spine(np.random.default_rng(seed), findings=False)
    kinds: list[tuple[str, RelaxationSequence]] = [("t1rho", SPIN_LOCK_FSE)]
    if with_t2:
        kinds.append(("t2 map multi echo", MULTI_ECHO))
    for kind, (description, sequence) in enumerate(kinds):
        series = relaxation_series(spine, RelaxationProtocol(sequence=sequence, slices=slices), seed=seed)
        for place in range(len(series.times_ms)):
            yield from _echo(series, place, name=f"{seed} {kind}", description=description)


def _echo(series: RelaxationSeries, place: int, *, name: str, description: str) -> tuple[Dataset, ...]:
    study_uid = derived_uid("relaxation study", name.split()[0])
    card = SeriesCard(
        series_uid=derived_uid("relaxation series", name, str(place)),
        series_number=100 * (1 + int(name.split()[1])) + place,
        study=StudyCard(study_uid=study_uid, patient_name="Phantom^Relaxation", patient_id="PHANTOM-R"),
        sequence=SequenceCard(
            description=description,
            repetition_time=2000.0,
            echo_time=series.times_ms[place],
            slice_thickness=series.protocol.slice_thickness,
            field_strength=series.protocol.field_strength,
            image_type=("ORIGINAL", "PRIMARY", "M"),
        ),
    )
    return classic_images(series.volumes[place], card)
