"""Logits become boxes as the anchors say, and overlapping ones are thinned."""

import numpy as np
import pytest

from inference.t1rho_phase.postprocess import Candidates, decode, grid_of, joined, overlaps, thinned

SIDE = 64


def logits() -> np.ndarray:
    found = np.zeros((len(grid_of(SIDE)), 7), np.float32)
    found[:, 4] = -20
    return found


def test_a_cell_without_offsets_tells_its_anchor_in_its_middle() -> None:
    told = logits()
    cell = 3 * 8 * 8 + 5  # past the anchors of stride 8: row 1, column 1 of the first anchor of stride 16
    told[cell, 4:] = [8, -8, 8]
    found = decode(told, SIDE)
    _, _, stride, width, height = grid_of(SIDE)[cell]
    assert stride == 16
    assert np.allclose(found.boxes[0], [24 - width / 2, 24 - height / 2, 24 + width / 2, 24 + height / 2])
    assert found.lumbosacral[0] > 0.99


def test_nothing_is_found_where_nothing_is_told() -> None:
    assert len(decode(logits(), SIDE).boxes) == 0


def test_of_two_boxes_on_one_disc_the_more_confident_stays() -> None:
    boxes = np.array([[0.0, 0, 40, 20], [2, 1, 42, 21], [0, 40, 40, 60]])
    found = thinned(Candidates(boxes=boxes, confidence=np.array([0.6, 0.9, 0.3]), lumbosacral=np.zeros(3)))
    assert found.confidence.tolist() == [0.9, 0.3]


def test_candidates_of_two_squares_are_thinned_together() -> None:
    box = np.array([[0.0, 0, 40, 20]])
    one = Candidates(boxes=box, confidence=np.array([0.5]), lumbosacral=np.zeros(1))
    other = Candidates(boxes=box + 1, confidence=np.array([0.7]), lumbosacral=np.ones(1))
    assert thinned(joined([one, other])).lumbosacral.tolist() == [1]


def test_overlap_is_intersection_over_union() -> None:
    others = np.array([[0.0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]])
    assert overlaps(np.array([0.0, 0, 10, 10]), others) == pytest.approx([1, 1 / 3, 0])
