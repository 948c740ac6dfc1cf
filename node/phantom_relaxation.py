"""Spin-lock and multi-echo series of a digital person, as scanners send them, with what is true of each disc. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.uids import derived_uid
from inference.anatomy import Disc, Sex
from inference.phantom.relaxation import MULTI_ECHO, SPIN_LOCK, Decay
from inference.phantom.relaxation_series import RelaxationProtocol, RelaxationSeries, relaxation_series
from inference.phantom.spine import sample_spine
from inference.results import Quantity

_GRADES: Final = {1: 1.3, 2: 1.8, 3: 2.6, 4: 3.4, 5: 4.1}
_AGE: Final = 52.0
_MULTI_ECHO_NUMBER, _SPIN_LOCK_NUMBER = 5, 6


class Layout(StrEnum):
    """How the spin-lock times are told, and how many series there are."""

    COMMENTS = "one series, the time in ImageComments"
    SERIES = "one series for each time, the time in its description"
    NOWHERE = "one series, the time nowhere"


@dataclass(frozen=True, kw_only=True, eq=False)
class RelaxationStudy:
    """images in the order in which a scanner sends them; truth: mean of each disc in ms."""

    study_uid: str
    images: tuple[Dataset, ...]
    truth: Mapping[Quantity, Mapping[Disc, float]]


def relaxation_study(
    *, seed: int = 2027, layout: Layout = Layout.COMMENTS, slices: int = 3, matrix: int = 192
) -> RelaxationStudy:
    """A multi-echo and a spin-lock stack of one person. The same arguments give the same bytes."""
    spine = sample_spine(np.random.default_rng(seed), grades=_GRADES, age=_AGE, sex=Sex.FEMALE, findings=False)
    study = StudyCard(
        study_uid=derived_uid("phantom relaxation study", str(seed), layout.value),
        patient_name="Phantom^Relaxation",
        patient_id=f"PHANTOM-{seed}",
        patient_sex="F",
        patient_age=f"{_AGE:03.0f}Y",
        study_description="MR lumbar spine, digital phantom, relaxometry",
    )
    protocols = (
        RelaxationProtocol(sequence=sequence, slices=slices, matrix=matrix) for sequence in (MULTI_ECHO, SPIN_LOCK)
    )
    multi_echo, spin_lock = (relaxation_series(spine, protocol, seed=seed) for protocol in protocols)
    return RelaxationStudy(
        study_uid=study.study_uid,
        images=(*_multi_echo(multi_echo, study), *_spin_lock(spin_lock, study, layout)),
        truth={Quantity.T2: multi_echo.true_means(), Quantity.T1RHO: spin_lock.true_means()},
    )


def _multi_echo(series: RelaxationSeries, study: StudyCard) -> list[Dataset]:
    return _one_series(series, study, number=_MULTI_ECHO_NUMBER, description="t2map_se_mc_sag")


def _spin_lock(series: RelaxationSeries, study: StudyCard, layout: Layout) -> list[Dataset]:
    images = _one_series(series, study, number=_SPIN_LOCK_NUMBER, description="T1rho MAPSS sag")
    each = len(images) // len(series.times_ms)
    for place, image in enumerate(images):
        time = series.times_ms[place // each]
        if layout is Layout.COMMENTS:
            image.ImageComments = f"TSL = {time:g} ms"
        elif layout is Layout.SERIES:
            image.SeriesInstanceUID = derived_uid("phantom relaxation", study.study_uid, f"TSL {time:g}")
            image.SeriesNumber = _SPIN_LOCK_NUMBER + place // each
            image.SeriesDescription = f"T1rho sag TSL {time:g}"
            image.InstanceNumber = 1 + place % each
    return images


def _one_series(series: RelaxationSeries, study: StudyCard, *, number: int, description: str) -> list[Dataset]:
    """All echoes, one after the other."""
    uid = derived_uid("phantom relaxation", study.study_uid, str(number))
    images: list[Dataset] = []
    for place, volume in enumerate(series.volumes):
        card = SeriesCard(
            series_uid=derived_uid(uid, str(place)),  # the objects of an echo are named after it
            series_number=number,
            study=study,
            sequence=_sequence(series, place, description),
        )
        for image in classic_images(volume, card):
            image.SeriesInstanceUID, image.InstanceNumber = uid, len(images) + 1
            images.append(image)
    return images


def _sequence(series: RelaxationSeries, place: int, description: str) -> SequenceCard:
    protocol, sequence = series.protocol, series.protocol.sequence
    echo_time = sequence.times[place] if sequence.decay is Decay.T2 else sequence.echo_time
    return SequenceCard(
        description=description,
        repetition_time=sequence.recovery_time,
        echo_time=echo_time,
        slice_thickness=protocol.slice_thickness,
        field_strength=protocol.field_strength,
    )
