"""What masks and boxes say of each pixel, and what they leave open."""

import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue
from inference.training.column import bodies_of, centres, sacral_spot
from inference.training.spider import bits
from inference.training.sudirman import EVERYTHING, BoxedSlice, constraints

MM = 0.5


def stacked() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whole vertebrae and discs of a straight spine; the third vertebra hangs on its arch by a pedicle."""
    vertebra, disc = np.zeros((400, 300), bool), np.zeros((400, 300), bool)
    for number in range(5):
        top = 20 + number * 72
        vertebra[top : top + 54, 60:128] = True
        vertebra[top + 15 : top + 45, 190:230] = True
        disc[top + 54 : top + 72, 60:128] = True
    vertebra[184:196, 128:190] = True
    return vertebra, disc


def test_bodies_are_the_pieces_on_the_line_of_the_discs() -> None:
    vertebra, disc = stacked()
    body = bodies_of(vertebra, disc, millimetres=MM)
    assert not body[:, 190:].any()
    assert np.count_nonzero(body[:, 60:128]) > 0.97 * 5 * 54 * 68


def test_a_pedicle_is_cut_close_to_its_body() -> None:
    vertebra, disc = stacked()
    assert not bodies_of(vertebra, disc, millimetres=MM)[:, 128 + 12 :].any()


def test_the_sacral_spot_lies_below_and_behind_the_lowest_disc() -> None:
    _, disc = stacked()
    points = centres(disc, millimetres=MM)
    row, column = sacral_spot(points, millimetres=MM)
    assert row > points[0][0]
    assert column > points[0][1]


def boxed() -> NDArray[np.uint16]:
    tops = np.array([250.0, 205, 155, 105, 55])
    boxes = np.stack([np.full(5, 100.0), tops, np.full(5, 160.0), tops + 20], axis=1)
    image = np.zeros((384, 384), np.uint8)
    return constraints(BoxedSlice(patient=1, name="1_t2_0", contrast="t2", image=image, boxes=boxes))


def test_outside_the_boxes_there_is_no_disc() -> None:
    assert not boxed()[190, 300] & bits(Tissue.DISC)
    assert boxed()[160, 104] & bits(Tissue.DISC)


def test_the_middle_of_a_box_is_disc_and_between_two_boxes_is_bone() -> None:
    assert boxed()[165, 130] == bits(Tissue.DISC)
    assert boxed()[140, 130] == bits(Tissue.VERTEBRA)


def test_below_the_lowest_box_there_is_no_vertebra_and_above_it_no_sacrum() -> None:
    assert not boxed()[330, 200] & bits(Tissue.VERTEBRA)
    assert not boxed()[100, 200] & bits(Tissue.S1, Tissue.SACRUM)


def test_the_upper_edge_of_the_image_is_left_open() -> None:
    assert boxed()[10, 130] & bits(Tissue.DISC)
    assert bits(*Tissue) == EVERYTHING
