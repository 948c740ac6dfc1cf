"""The published split, and samples that come back from disk as they were."""

from pathlib import Path

import numpy as np

from inference.training.samples import SYNTHETIC_PATIENT, Sample, is_held_out, is_validation, load, save


def test_patients_that_leave_three_by_seven_are_held_out_and_phantoms_never() -> None:
    assert [number for number in range(1, 22) if is_held_out(number)] == [3, 10, 17]
    assert not is_held_out(SYNTHETIC_PATIENT)


def test_patients_to_choose_by_are_neither_held_out_nor_phantoms() -> None:
    assert [number for number in range(1, 22) if is_validation(number)] == [5, 12, 19]
    assert not is_validation(SYNTHETIC_PATIENT)


def test_a_sample_comes_back_as_it_was(tmp_path: Path) -> None:
    sample = Sample(
        source="space",
        patient=4,
        name="one",
        image=np.arange(12, dtype=np.uint8).reshape(3, 4),
        bits=np.full((3, 4), 257, np.uint16),
        spacing=(0.5, 0.75),
    )
    save(sample, tmp_path)
    back = load(tmp_path / "one.npz")
    assert (back.source, back.patient, back.spacing) == ("space", 4, (0.5, 0.75))
    assert np.array_equal(back.image, sample.image)
    assert np.array_equal(back.bits, sample.bits)
