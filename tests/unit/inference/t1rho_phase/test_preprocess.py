"""What the networks see: grey by window, squares over any slice, cuts of one scale."""

from itertools import pairwise

import numpy as np
import pytest

from inference.t1rho_phase.preprocess import (
    CUT_COLUMNS,
    CUT_ROWS,
    MEAN,
    SD,
    SIDE,
    WORKING_MM,
    Frame,
    cut_image,
    disc_cut,
    grey,
    seen_in,
    squares,
)

SPACING = (0.7, 0.6)


def ramp(top: float) -> np.ndarray:
    return np.linspace(0, top, 10_000, dtype=np.float32).reshape(100, 100)


def test_a_scanner_of_the_papers_scale_is_seen_through_its_window() -> None:
    assert grey(ramp(1600.0)).max() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("top", [255.0, 700.0, 30_000.0])
def test_another_scale_is_taken_to_its_brightest_half_percent(top: float) -> None:
    assert np.allclose(grey(ramp(top)), grey(ramp(255.0)), atol=1e-4)
    assert grey(ramp(top)).max() == 1


def test_an_empty_slice_stays_empty() -> None:
    assert not grey(np.zeros((8, 8), np.float32)).any()


def test_a_box_that_goes_into_a_frame_comes_back() -> None:
    frame = Frame(rows=SIDE, columns=SIDE, mm=0.85, down=130.0, back=120.0)
    boxes = np.array([[100.0, 90.0, 150.0, 110.0]])
    assert np.allclose(frame.to_slice(frame.from_slice(boxes, SPACING), SPACING), boxes)


def test_what_is_bright_in_a_box_is_bright_in_the_same_box_of_the_frame() -> None:
    image = np.zeros((300, 320), np.float32)
    image[100:140, 150:210] = 1
    frame = Frame(rows=SIDE, columns=SIDE, mm=WORKING_MM, down=105.0, back=96.0)
    x0, y0, x1, y1 = np.round(frame.from_slice(np.array([[150.0, 100.0, 210.0, 140.0]]), SPACING)[0]).astype(int)
    seen = seen_in(frame, image, SPACING)
    assert seen[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1].min() > 0.9
    assert seen.sum() == pytest.approx((y1 - y0) * (x1 - x0), rel=0.05)


def test_a_usual_slice_is_one_square_that_holds_it_all() -> None:
    (frame,) = squares((384, 384), (0.71, 0.71))
    assert frame.mm * SIDE >= 384 * 0.71 - 1


def test_a_long_slice_is_covered_by_squares_that_overlap() -> None:
    frames = list(squares((1058, 400), (0.625, 0.625)))
    covered = sorted((frame.down - frame.mm * SIDE / 2, frame.down + frame.mm * SIDE / 2) for frame in frames)
    assert covered[0][0] <= 0.01
    assert covered[-1][1] >= 1058 * 0.625 - 0.01
    assert all(after[0] < before[1] for before, after in pairwise(covered))


def test_a_cut_keeps_the_scale_whatever_the_pixels_are() -> None:
    small, large = np.zeros((200, 200), np.float32), np.zeros((400, 400), np.float32)
    small[95:105, 80:120], large[190:210, 160:240] = 1, 1
    cuts = [
        cut_image(image, np.array(box), (mm, mm))[0]
        for image, box, mm in ((small, [80, 95, 120, 105], 1.0), (large, [160, 190, 240, 210], 0.5))
    ]
    assert cuts[0].shape == (CUT_ROWS, CUT_COLUMNS)
    bright = [(cut > (0.5 - MEAN) / SD).sum() for cut in cuts]
    assert bright[0] == pytest.approx(bright[1], rel=0.05)


def test_the_middle_of_a_box_is_the_middle_of_its_cut() -> None:
    frame = disc_cut(np.array([100.0, 40.0, 160.0, 60.0]), SPACING)
    assert (frame.down, frame.back) == pytest.approx((35.0, 78.0))
