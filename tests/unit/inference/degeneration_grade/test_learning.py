"""What the classifier is taught: ordinal targets, groups that add up, rare grades drawn more often, views of a disc."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra")

from inference.degeneration_grade.graded import GradedSlice, drawn_ranks, load, save  # noqa: E402 - after the skip
from inference.degeneration_grade.learning import Deck, Lesson, grade_loss, ordinal_target  # noqa: E402 - after the skip
from inference.degeneration_grade.views import discs_of, random_cut  # noqa: E402 - after the skip
from tests.unit.inference.degeneration_grade.drawn import image, labels  # noqa: E402 - after the skip
from tests.unit.inference.sagittal.drawn import MM  # noqa: E402 - after the skip


def graded_slice() -> GradedSlice:
    ranks = drawn_ranks(np.isin(labels(), [3, 5, 7, 9, 11]), MM)
    return GradedSlice(
        source="spider",
        patient=1,
        name="drawn",
        image=np.clip(image(), 0, 255).astype(np.uint8),
        ranks=ranks,
        spacing=(MM, MM),
        grades={0: 1, 1: 5, 2: 2, 3: 2, 4: 2, 9: 3},
    )


def test_only_graded_discs_with_a_mask_are_learnt_from() -> None:
    assert {disc.rank: disc.grade for disc in discs_of(graded_slice())} == {1: 5, 2: 2, 3: 2, 4: 2}


def test_rank_one_is_the_lowest_disc() -> None:
    ranks = graded_slice().ranks
    rows = [np.argwhere(ranks == rank).mean(axis=0)[0] for rank in range(1, 6)]
    assert rows == sorted(rows, reverse=True)


def test_a_rare_grade_is_drawn_more_often_than_it_occurs() -> None:
    lesson = Lesson(shares={"spider": 1.0}, spread={"spider": 0.5}, steps=1, balance=1.0)
    rng = np.random.default_rng(1)
    deck = Deck(discs_of(graded_slice()), lesson)
    assert np.mean([deck.draw(rng).grade == 5 for _ in range(400)]) == pytest.approx(0.5, abs=0.1)


def test_a_target_falls_off_from_its_grade_and_sums_to_one() -> None:
    target = ordinal_target(2, 0.6)
    assert target.sum() == pytest.approx(1)
    assert np.argsort(-target).tolist()[0] == 1
    assert target[2] > target[3] > target[4]


def test_a_neighbouring_grade_costs_less_than_a_far_one() -> None:
    target = torch.from_numpy(ordinal_target(4, 0.6))[None]
    losses = [float(grade_loss(8.0 * torch.eye(5)[grade - 1][None], target, group_weight=1.0)) for grade in (4, 5, 1)]
    assert losses == sorted(losses)


def test_every_view_of_a_disc_is_another_one_of_the_same_size() -> None:
    disc = discs_of(graded_slice())[0]
    rng = np.random.default_rng(1)
    one, other = random_cut(disc, rng), random_cut(disc, rng)
    assert one.shape == other.shape == (2, 128, 256)
    assert not np.array_equal(one, other)


def test_a_graded_slice_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    save(graded_slice(), tmp_path)
    again = load(tmp_path / "drawn.npz")
    assert again.grades == graded_slice().grades
    assert np.array_equal(again.ranks, graded_slice().ranks)
