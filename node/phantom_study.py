"""A lumbar MR study of a digital person, as a scanner would send it, with what is true of each disc. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, Disc, Sex
from inference.disc_quantification.postprocess import eight_bit_for_signal, signal_difference
from inference.phantom.axial_series import angled_stacks, axial_series
from inference.phantom.labels import Tissue
from inference.phantom.relaxation import SPIN_LOCK_FSE
from inference.phantom.relaxation_series import RelaxationProtocol, relaxation_series
from inference.phantom.series import PhantomSeries, sagittal_series
from inference.phantom.spine import Spine, sample_spine
from inference.phantom.truth import DiscTruth
from inference.results import Quantity

_GRADES: Final = {1: 1.3, 2: 1.8, 3: 2.6, 4: 3.9, 5: 4.8}  # by the level above: every stage of wear in one spine
_AGE, _SEX = 52.0, Sex.FEMALE
_SLICES: Final = 9
_PLAIN: Final = ("ORIGINAL", "PRIMARY", "M", "NORM")
_SPIN_LOCK_REPETITION: Final = 2000.0  # ms


@dataclass(frozen=True, kw_only=True)
class TrueDisc:
    """grade: how worn the phantom made the disc, continuous from 1 to 5.

    values: shapes measured on the anatomy itself, dSI inside the true outlines on the mid-sagittal T2 image.
    """

    disc: Disc
    grade: float
    values: Mapping[Quantity, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class PhantomStudy:
    """images: every object of every series, in the order in which a scanner sends them."""

    study_uid: str
    images: tuple[Dataset, ...]
    truth: tuple[TrueDisc, ...]

    @property
    def series_count(self) -> int:
        return len({image.SeriesInstanceUID for image in self.images})


def phantom_study(*, seed: int = 2026) -> PhantomStudy:
    """One person: localizer, sagittal T2 and T1, axial T2 along each disc, spin-lock. The same seed, the same bytes."""
    spine = sample_spine(np.random.default_rng(seed), grades=_GRADES, age=_AGE, sex=_SEX, findings=False)
    study_uid = derived_uid("phantom study", str(seed))
    study = StudyCard(
        study_uid=study_uid,
        patient_name="Phantom^Lumbar",
        patient_id=f"PHANTOM-{seed}",
        patient_sex="F",
        patient_age=f"{_AGE:03.0f}Y",
        study_description="MR lumbar spine, digital phantom",
    )
    t2 = sagittal_series(spine, contrast="T2", slices=_SLICES, matrix=384, seed=seed + 1)
    scanned = (*_sagittal(spine, t2, seed=seed), _axial(spine, seed=seed), *_spin_lock(spine, seed=seed))
    return PhantomStudy(
        study_uid=study_uid,
        images=tuple(image for number, one in enumerate(scanned, start=1) for image in _images(one, study, number)),
        truth=true_discs(t2),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scanned:
    """A series: its stacks, and how they were taken."""

    stacks: tuple[Volume, ...]
    sequence: SequenceCard


def _sagittal(spine: Spine, t2: PhantomSeries, *, seed: int) -> Iterator[_Scanned]:
    scout = sagittal_series(spine, contrast="T1", slices=3, slice_spacing=20.0, matrix=128, seed=seed)
    yield _of_sagittal(scout, "localizer", image_type=("ORIGINAL", "PRIMARY", "LOCALIZER", "M"))
    yield _of_sagittal(t2, "t2_tse_sag")
    t1 = sagittal_series(spine, contrast="T1", slices=_SLICES, matrix=256, seed=seed + 2)
    yield _of_sagittal(t1, "t1_tse_sag")


def _of_sagittal(series: PhantomSeries, description: str, *, image_type: tuple[str, ...] = _PLAIN) -> _Scanned:
    sequence = SequenceCard(
        description=description,
        repetition_time=series.repetition_time,
        echo_time=series.echo_time,
        slice_thickness=series.slice_thickness,
        field_strength=series.field_strength,
        acquisition_contrast=series.contrast,
        image_type=image_type,
    )
    return _Scanned(stacks=(series.volume,), sequence=sequence)


def _axial(spine: Spine, *, seed: int) -> _Scanned:
    """One series of five angled stacks, as most scanners are told to take them."""
    series = axial_series(spine, angled_stacks(spine, slices=3), seed=seed + 3)
    sequence = SequenceCard(
        description="t2_tse_tra",
        repetition_time=series.repetition_time,
        echo_time=series.echo_time,
        slice_thickness=series.slice_thickness,
        field_strength=series.field_strength,
        acquisition_contrast=series.contrast,
        image_type=_PLAIN,
    )
    return _Scanned(stacks=series.stacks, sequence=sequence)


def _spin_lock(spine: Spine, *, seed: int) -> Iterator[_Scanned]:
    """One series for each spin-lock time, which stands in Echo Time."""
    protocol = RelaxationProtocol(sequence=SPIN_LOCK_FSE, slices=3)
    series = relaxation_series(spine, protocol, seed=seed + 4)
    for volume, time in zip(series.volumes, series.times_ms, strict=True):
        sequence = SequenceCard(
            description="t1rho_fse_sag",
            repetition_time=_SPIN_LOCK_REPETITION,
            echo_time=time,
            slice_thickness=protocol.slice_thickness,
            field_strength=protocol.field_strength,
            image_type=_PLAIN,
        )
        yield _Scanned(stacks=(volume,), sequence=sequence)


def _images(scanned: _Scanned, study: StudyCard, number: int) -> Iterator[Dataset]:
    card = SeriesCard(
        series_uid=derived_uid("phantom series", study.study_uid, str(number)),
        series_number=number,
        study=study,
        sequence=scanned.sequence,
    )
    before = 0
    for volume in scanned.stacks:
        yield from classic_images(volume, card, before=before)
        before += len(volume.voxels)


def true_discs(t2: PhantomSeries) -> tuple[TrueDisc, ...]:
    """L1/L2 to L5/S1. Shapes are those of the anatomy; dSI is that of the mid slice inside the outlines drawn there."""
    levels, tissues = t2.levels[t2.mid_slice], t2.labels[t2.mid_slice]
    csf = tissues == Tissue.CSF
    image = eight_bit_for_signal(t2.volume.voxels[t2.mid_slice], csf)
    signals = {
        Disc(structure.value): signal_difference(image, levels == structure.channel, csf)
        for structure in DISC_STRUCTURES
    }
    return tuple(_true_disc(truth, signals[truth.disc]) for truth in t2.truth.discs)


def _true_disc(truth: DiscTruth, signal: float | None) -> TrueDisc:
    values = {
        Quantity.DISC_HEIGHT: truth.height,
        Quantity.DISC_HEIGHT_INDEX: truth.height_index,
        Quantity.HEIGHT_TO_DIAMETER: truth.height_to_diameter,
    }
    told = {} if signal is None else {Quantity.SIGNAL_INTENSITY_DIFFERENCE: signal}
    return TrueDisc(disc=truth.disc, grade=truth.grade, values=values | told)
