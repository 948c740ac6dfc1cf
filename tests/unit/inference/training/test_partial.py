"""A label may be a set of classes: the loss asks for no more than the label says."""

import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra")

from inference.training.partial import marginal_cross_entropy, marginal_dice, possible  # noqa: E402 - after the skip


def logits_for(*classes: int) -> torch.Tensor:
    """(1, 3, 1, pixels), very sure of these classes."""
    sure = torch.full((1, 3, 1, len(classes)), -20.0)
    for place, number in enumerate(classes):
        sure[0, number, 0, place] = 20.0
    return sure


def allowed(*bits: int) -> torch.Tensor:
    return possible(torch.tensor([[list(bits)]]), 3)


def test_bits_name_the_possible_classes() -> None:
    assert allowed(0b101)[0, :, 0, 0].tolist() == [True, False, True]


def test_any_class_of_the_set_is_right() -> None:
    for answer in (0, 2):
        assert float(marginal_cross_entropy(logits_for(answer), allowed(0b101))) == pytest.approx(0, abs=1e-4)


def test_a_class_outside_the_set_is_wrong() -> None:
    assert float(marginal_cross_entropy(logits_for(1), allowed(0b101))) > 10


def test_a_pixel_of_which_nothing_is_known_teaches_nothing() -> None:
    logits = torch.randn(1, 3, 1, 2, requires_grad=True)
    marginal_cross_entropy(logits, allowed(0b001, 0b111)).backward()
    assert logits.grad is not None
    assert float(logits.grad[..., 1].abs().sum()) == 0


def test_dice_is_nil_where_all_known_pixels_are_right_and_one_where_they_are_wrong() -> None:
    known = allowed(0b001, 0b010, 0b111)
    assert float(marginal_dice(logits_for(0, 1, 2), known, [1, 1, 1])) == pytest.approx(0, abs=1e-4)
    assert float(marginal_dice(logits_for(2, 2, 0), known, [1, 1, 1])) > 0.6


def test_dice_leaves_out_pixels_whose_class_is_open() -> None:
    known = allowed(0b001, 0b011)
    assert float(marginal_dice(logits_for(0, 1), known, [1, 1, 1])) == pytest.approx(0, abs=1e-4)
