"""Random slices to train on: same seed same bytes, everything there and in order."""

import numpy as np
import pytest

from inference.phantom.labels import Tissue
from inference.phantom.random_slice import TrainingSlice, training_slice


@pytest.fixture(scope="module")
def slices() -> list[TrainingSlice]:
    return [training_slice(np.random.default_rng([5, i])) for i in range(6)]


def test_the_same_seed_gives_the_same_bytes(slices: list[TrainingSlice]) -> None:
    again = training_slice(np.random.default_rng([5, 2]))
    assert again.image.tobytes() == slices[2].image.tobytes()
    assert again.labels.tobytes() == slices[2].labels.tobytes()
    assert again.levels.tobytes() == slices[2].levels.tobytes()


def test_another_seed_gives_another_image(slices: list[TrainingSlice]) -> None:
    assert slices[0].image.tobytes() != slices[1].image.tobytes()


def test_every_tissue_is_labelled_somewhere(slices: list[TrainingSlice]) -> None:
    seen = set(np.unique(np.concatenate([s.labels.ravel() for s in slices])))
    assert seen == {int(tissue) for tissue in Tissue}


def test_images_are_finite_and_of_the_shape_of_their_labels(slices: list[TrainingSlice]) -> None:
    for cut in slices:
        assert cut.image.dtype == np.float32
        assert cut.image.shape == cut.labels.shape == cut.levels.shape
        assert np.isfinite(cut.image).all()
        assert cut.image.min() >= 0
        assert cut.image.max() > 0
