"""The mid-sagittal slice is found by what is seen, not by its number."""

import numpy as np

from inference.phantom.labels import Tissue
from inference.sagittal.midline import best_slice, candidates, midline_score
from tests.unit.inference.sagittal.drawn import MM, spine


def test_candidates_lie_round_the_middle_and_inside_the_stack() -> None:
    assert candidates(18, 4.4) == (4, 5, 6, 7, 8, 9, 10, 11, 12)
    assert candidates(1, 4.4) == (0,)
    assert candidates(3, 4.4) == (0, 1, 2)


def test_thin_slices_are_not_all_looked_at() -> None:
    chosen = candidates(120, 0.9)
    assert len(chosen) < 18
    assert (chosen[-1] - chosen[0]) * 0.9 <= 42


def test_more_dural_sac_beside_the_column_scores_higher() -> None:
    middle, beside = spine(), spine()
    beside[beside == Tissue.CSF] = 0
    assert midline_score(middle, millimetres=MM) > midline_score(beside, millimetres=MM)


def test_without_a_column_there_is_no_score() -> None:
    fluid = np.full((300, 300), Tissue.CSF, np.uint8)
    assert midline_score(fluid, millimetres=MM) == 0


def test_one_lucky_slice_does_not_beat_a_good_neighbourhood() -> None:
    assert best_slice({3: 10.0, 4: 80.0, 5: 90.0, 6: 80.0, 7: 10.0, 8: 0.0, 9: 95.0, 10: 0.0}) == 5
