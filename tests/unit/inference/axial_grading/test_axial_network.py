"""The axial network and what it learns from: shapes, the mirror, masked labels, unseen seeds."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from inference.axial_grading.learning import (  # noqa: E402 - torch first
    COARSE_SIDE,
    Batch,
    Learner,
    coarser,
    factual,
    marginal,
    ordinal,
)
from inference.axial_grading.network import GRADES, HEADS, GradingNet  # noqa: E402 - torch first
from inference.axial_grading.phantom_samples import graded, phantom_slice  # noqa: E402 - torch first
from inference.axial_grading.samples import FACTS, WIDE, Graded, bits_of, load_shards, save_shards  # noqa: E402 - torch first
from inference.axial_grading.views import mirrored, plain_view, random_view  # noqa: E402 - torch first


def _sample(seed: int = 3) -> Graded:
    return graded(phantom_slice(seed))


def test_the_paper_size_has_the_parameters_of_resnet_50() -> None:
    with torch.device("meta"):
        network = GradingNet()
    assert sum(each.numel() for each in network.parameters()) == pytest.approx(23.5e6, rel=0.005)


def test_the_compact_network_answers_sixteen_logits_per_image() -> None:
    with torch.no_grad():
        logits = GradingNet(width=0.125).eval()(torch.zeros(2, 1, 192, 192))
    assert logits.shape == (2, HEADS * GRADES)


def test_a_mirrored_view_exchanges_the_roots_and_turns_the_place() -> None:
    view = plain_view(_sample())
    other = mirrored(view)
    assert np.array_equal(other.image, view.image[:, ::-1])
    assert list(other.bits) == [view.bits[0], view.bits[1], view.bits[3], view.bits[2]]
    assert other.facts[1] == -view.facts[1]
    assert np.array_equal(mirrored(other).facts, view.facts)


def test_a_random_view_is_what_the_network_takes() -> None:
    view = random_view(_sample(), np.random.default_rng(1))
    assert view.image.shape == (192, 192)
    assert view.image.dtype == np.float32
    assert np.isfinite(view.image).all()


def test_unknown_heads_neither_cost_nor_pull() -> None:
    logits = torch.randn(2, HEADS, GRADES, requires_grad=True)
    allowed = torch.ones(2, HEADS, GRADES, dtype=torch.bool)
    loss = marginal(logits, allowed, torch.ones(HEADS, GRADES)) + ordinal(logits, allowed)
    loss = loss + factual(torch.zeros(2, FACTS), torch.full((2, FACTS), float("nan")))
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad is not None
    assert logits.grad.abs().max().item() == 0.0


def test_a_range_of_grades_costs_nothing_inside_it() -> None:
    logits = torch.full((1, HEADS, GRADES), -30.0)
    logits[..., 1:3] = 30.0
    allowed = torch.zeros(1, HEADS, GRADES, dtype=torch.bool)
    allowed[..., 1:3] = True
    assert float(marginal(logits, allowed, torch.ones(HEADS, GRADES))) == pytest.approx(0.0, abs=1e-4)


def test_ordinal_loss_is_larger_for_a_grade_further_off() -> None:
    allowed = torch.zeros(1, HEADS, GRADES, dtype=torch.bool)
    allowed[..., 0] = True
    losses = []
    for grade in range(GRADES):
        logits = torch.full((1, HEADS, GRADES), -30.0)
        logits[..., grade] = 30.0
        losses.append(float(ordinal(logits, allowed)))
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(0.0, abs=1e-6)


def test_shards_come_back_as_they_were(tmp_path: Path) -> None:
    sample = _sample()
    assert save_shards([sample, sample], tmp_path, source="phantom") == 2
    first, _ = load_shards(tmp_path, "phantom")
    assert sample.image.shape == (WIDE, WIDE)
    assert np.array_equal(first.image, sample.image)
    assert np.array_equal(first.bits, sample.bits)
    assert np.array_equal(first.facts, sample.facts)


def test_bits_name_the_possible_grades() -> None:
    assert list(bits_of([(0, 0), (1, 2), None, (3, 3)])) == [0b0001, 0b0110, 0b1111, 0b1000]


def test_the_learner_tells_facts_beside_grades() -> None:
    with torch.no_grad():
        logits, facts = Learner(GradingNet(width=0.125)).eval()(torch.zeros(1, 1, 192, 192))
    assert logits.shape == (1, HEADS, GRADES)
    assert facts.shape == (1, FACTS)


def test_coarser_views_are_smaller_and_say_the_same() -> None:
    images = torch.randn(2, 1, 192, 192)
    batch = Batch(images=images, allowed=torch.ones(2, HEADS, GRADES, dtype=torch.bool), facts=torch.zeros(2, FACTS))
    small = coarser(batch)
    assert small.images.shape == (2, 1, COARSE_SIDE, COARSE_SIDE)
    assert small.allowed is batch.allowed
