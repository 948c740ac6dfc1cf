"""What training sees: boxes follow their discs through every view; phantoms carry the boxes that readers would draw."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the train extra")
pytest.importorskip("imblearn", reason="the phases are learnt with the train extra")

from inference.anatomy import Disc
from inference.t1rho_phase.boxed import Boxed, from_phantom, random_view
from inference.t1rho_phase.evaluation import grown_boxes
from inference.t1rho_phase.nuclei import from_phantoms, random_cut
from inference.t1rho_phase.phantom_pairs import PhantomPair, render
from inference.t1rho_phase.postprocess import Seen
from inference.t1rho_phase.preprocess import CUT_COLUMNS, CUT_ROWS, SIDE


@pytest.fixture(scope="module")
def pair() -> PhantomPair:
    return render(4)


def squares_drawn() -> Boxed:
    """Two bright bars with a box round each, the lower one first."""
    image = np.zeros((300, 300), np.float32)
    image[200:220, 120:180] = image[150:170, 120:180] = 1
    boxes = np.array([[120.0, 200, 180, 220], [120, 150, 180, 170]])
    return Boxed(patient=1, image=image, spacing=(0.9, 0.9), boxes=boxes)


@pytest.mark.parametrize("seed", range(6))
def test_boxes_follow_what_they_were_drawn_round(seed: int) -> None:
    view = random_view(squares_drawn(), np.random.default_rng(seed))
    assert view.image.shape == (SIDE, SIDE)
    for _, x0, y0, x1, y1 in view.targets:
        middle = view.image[round((y0 + y1) / 2) - 2 : round((y0 + y1) / 2) + 3, round(x0) + 8 : round(x1) - 8]
        assert middle.mean() > 3 * np.median(view.image)


def test_the_lowest_box_is_the_lumbosacral_one() -> None:
    view = random_view(squares_drawn(), np.random.default_rng(1))
    lowest = view.targets[np.argmax(view.targets[:, 4])]
    assert lowest[0] == Seen.LUMBOSACRAL
    assert (view.targets[:, 0] == Seen.LUMBOSACRAL).sum() == 1


def test_a_phantom_s_boxes_grow_by_the_rim_that_readers_leave(pair: PhantomPair) -> None:
    grown = grown_boxes(pair)
    assert set(grown) == set(Disc)
    for disc, tight in zip(Disc, pair.boxes, strict=True):
        assert (grown[disc][:2] < tight[:2]).all()
        assert (grown[disc][2:] > tight[2:]).all()


def test_a_phantom_s_boxes_run_from_the_sacrum_upwards(pair: PhantomPair) -> None:
    rows = from_phantom(pair).boxes[:, 1]
    assert (np.diff(rows) < 0).all()


def test_one_seed_renders_one_pair(pair: PhantomPair) -> None:
    again = render(4)
    assert np.array_equal(again.image, pair.image)
    assert np.array_equal(again.t1rho, pair.t1rho)


def test_every_nucleus_is_cut_at_one_size(pair: PhantomPair) -> None:
    nuclei = list(from_phantoms([pair]))
    assert [each.disc for each in nuclei] == list(Disc)
    cuts = [random_cut(each, np.random.default_rng(1)) for each in nuclei]
    assert {cut.shape for cut in cuts} == {(1, CUT_ROWS, CUT_COLUMNS)}
    assert all(np.isfinite(cut).all() for cut in cuts)
