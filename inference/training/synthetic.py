"""The digital phantom as training material: every pixel known. Pure."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from inference.phantom.random_slice import TrainingSlice, training_slice
from inference.sagittal.preprocess import eight_bit
from inference.training.samples import SYNTHETIC_PATIENT, Sample

FIRST_UNSEEN_SEED = 1_000_000


def phantom_samples(seeds: Iterable[int]) -> Iterator[Sample]:
    """One slice per seed; seeds from FIRST_UNSEEN_SEED on are kept for tests."""
    for seed in seeds:
        each = training_slice(np.random.default_rng(seed))
        yield Sample(
            source="phantom",
            patient=SYNTHETIC_PATIENT,
            name=f"phantom_{seed}",
            image=eight_bit(each.image),
            bits=known(each),
            spacing=(each.pixel_mm, each.pixel_mm),
        )


def known(each: TrainingSlice) -> NDArray[np.uint16]:
    return np.left_shift(np.uint16(1), each.labels.astype(np.uint16))
