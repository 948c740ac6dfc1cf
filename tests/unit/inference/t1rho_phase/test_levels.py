"""Levels are counted from the disc on the sacrum upwards, whatever else is in view."""

import numpy as np
import pytest

from inference.anatomy import Disc
from inference.t1rho_phase.levels import Levels, name_levels
from inference.t1rho_phase.postprocess import Candidates

SPACING = (1.0, 1.0)
STEP = 36.0


def column(count: int, *, lowest: float = 250.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes from the lumbosacral disc upwards, confidence, and how lumbosacral each looks."""
    rows = lowest - STEP * np.arange(count)
    backs = 120.0 - 6 * np.minimum(np.arange(count), 2)
    boxes = np.column_stack([backs - 21, rows - 9, backs + 21, rows + 9])
    return boxes, np.full(count, 0.9), np.where(np.arange(count) == 0, 0.95, 0.03)


def named(boxes: np.ndarray, confidence: np.ndarray, lumbosacral: np.ndarray) -> Levels:
    order = np.random.default_rng(1).permutation(len(boxes))
    found = Candidates(boxes=boxes[order], confidence=confidence[order], lumbosacral=lumbosacral[order])
    levels = name_levels(found, SPACING)
    assert levels is not None
    return levels


def rows_of(levels: Levels) -> dict[Disc, float]:
    return {disc: float(found.box[[1, 3]].mean()) for disc, found in levels.discs.items()}


FIVE = {disc: 250.0 - STEP * (4 - index) for index, disc in enumerate(Disc)}


@pytest.mark.parametrize("count", [5, 6, 8])
def test_discs_above_l1_do_not_shift_the_count(count: int) -> None:
    levels = named(*column(count))
    assert rows_of(levels) == FIVE
    assert list(levels.discs) == list(Disc)
    assert levels.doubt is None


def test_a_remnant_below_does_not_shift_the_count_and_is_told() -> None:
    boxes, confidence, lumbosacral = column(6)
    remnant = boxes[:1] + np.array([14, 28, 14, 28])
    levels = named(np.vstack([boxes, remnant]), np.append(confidence, 0.6), np.append(lumbosacral, 0.3))
    assert rows_of(levels) == FIVE
    assert "below" in str(levels.doubt)


def test_a_smaller_disc_below_that_looks_lumbosacral_is_the_remnant() -> None:
    boxes, confidence, lumbosacral = column(6)
    remnant = np.array([[118.0, 267, 150, 285]])
    lumbosacral[0] = 0.7
    levels = named(np.vstack([boxes, remnant]), np.append(confidence, 0.75), np.append(lumbosacral, 0.99))
    assert rows_of(levels) == FIVE
    assert "below" in str(levels.doubt)


def test_a_faint_box_beside_the_column_is_passed_over() -> None:
    boxes, confidence, lumbosacral = column(6)
    stray = boxes[2:3] + np.array([60, 18, 60, 18])
    levels = named(np.vstack([boxes, stray]), np.append(confidence, 0.2), np.append(lumbosacral, 0.1))
    assert rows_of(levels) == FIVE


def test_a_disc_that_was_not_seen_leaves_its_level_empty_and_is_told() -> None:
    levels = named(*(np.delete(each, 2, axis=0) for each in column(6)))
    assert rows_of(levels) == {disc: row for disc, row in FIVE.items() if disc is not Disc.L3_L4}
    assert "not seen" in str(levels.doubt)


def test_without_a_sacrum_the_levels_are_doubted() -> None:
    boxes, confidence, lumbosacral = column(6)
    levels = named(boxes[1:], confidence[1:], lumbosacral[1:])
    assert "not recognised" in str(levels.doubt)


def test_two_that_look_lumbosacral_are_a_close_call() -> None:
    boxes, confidence, lumbosacral = column(6)
    lumbosacral[:2] = 0.5
    assert "close call" in str(named(boxes, confidence, lumbosacral).doubt)


def test_fewer_than_five_are_told() -> None:
    levels = named(*column(4))
    assert list(levels.discs) == list(Disc)[1:]
    assert "only 4" in str(levels.doubt)


def test_one_box_is_no_column() -> None:
    boxes, confidence, lumbosacral = column(1)
    assert name_levels(Candidates(boxes=boxes, confidence=confidence, lumbosacral=lumbosacral), SPACING) is None


def test_no_box_is_no_column() -> None:
    nothing = Candidates(boxes=np.zeros((0, 4)), confidence=np.zeros(0), lumbosacral=np.zeros(0))
    assert name_levels(nothing, SPACING) is None
