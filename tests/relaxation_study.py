"""A phantom person's spin-lock and multi-echo series as DICOM files."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from inference.anatomy import Disc
from inference.phantom.body_parts import Spine
from inference.phantom.relaxation import MULTI_ECHO, SPIN_LOCK_FSE, RelaxationSequence
from inference.phantom.relaxation_series import RelaxationProtocol, RelaxationSeries, relaxation_series
from inference.phantom.spine import sample_spine


def write_relaxation_study(folder: Path, *, seed: int, slices: int = 1, with_t2: bool = True) -> None:
    """One series for each time, as several scanners send them; EchoTime tells the spin-lock time."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(_images(seed, slices, with_t2=with_t2)):
        image.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)


def true_means(seed: int, *, slices: int = 1) -> Mapping[str, Mapping[Disc, float]]:
    """By "T1rho" and "T2": ms, over the voxels of each disc."""
    spine = spine_of(seed)
    return {
        name: relaxation_series(spine, RelaxationProtocol(sequence=sequence, slices=slices), seed=seed).true_means()
        for name, sequence in (("T1rho", SPIN_LOCK_FSE), ("T2", MULTI_ECHO))
    }


def spine_of(seed: int) -> Spine:
    return sample_spine(np.random.default_rng(seed), findings=False)


def _images(seed: int, slices: int, *, with_t2: bool) -> Iterator[Dataset]:
    spine = spine_of(seed)
    kinds: dict[str, RelaxationSequence] = {"t1rho": SPIN_LOCK_FSE}
    if with_t2:
        kinds["t2 map multi echo"] = MULTI_ECHO
    for description, sequence in kinds.items():
        series = relaxation_series(spine, RelaxationProtocol(sequence=sequence, slices=slices), seed=seed)
        for place in range(len(series.times_ms)):
            yield from _echo(series, place, seed=seed, description=description)


def _echo(series: RelaxationSeries, place: int, *, seed: int, description: str) -> tuple[Dataset, ...]:
    card = SeriesCard(
        series_uid=derived_uid("relaxation series", str(seed), description, str(place)),
        series_number=place + (100 if description == "t1rho" else 200),
        study=StudyCard(
            study_uid=derived_uid("relaxation study", str(seed)),
            patient_name="Phantom^Relaxation",
            patient_id="PHANTOM-R",
        ),
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
