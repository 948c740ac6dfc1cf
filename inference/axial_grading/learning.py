"""The axial training loop: phantoms and real images mixed, marginal and ordinal losses. Talks to: disk, clock, CPU."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.axial_grading.network import GRADES, HEADS, GradingNet
from inference.axial_grading.samples import FACTS, Graded, load_shards
from inference.axial_grading.views import random_view
from inference.training.checkpoints import Progress
from inference.training.optimise import Schedule, Spent, of_minutes, optimise
from inference.training.samples import is_validation

logger = logging.getLogger(__name__)
REFRESH = 500
COARSE_SIDE = 128


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """real: share of real images in a batch. rarest: by how much the rarest grade counts more than the commonest.

    coarse: share of the time in which views have COARSE_SIDE pixels a side, which is quicker; then they are whole.
    """

    minutes: float
    batch: int = 16
    real: float = 0.25
    rarest: float = 2.0
    ordinal: float = 1.0
    factual: float = 0.5
    learning_rate: float = 1.5e-3
    weight_decay: float = 2e-2
    warmup_steps: int = 60
    coarse: float = 0.6
    seed: int = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    images: Tensor  # (batch, 1, rows, columns)
    allowed: Tensor  # bool (batch, HEADS, GRADES)
    facts: Tensor  # (batch, FACTS), NaN where unknown


class Learner(nn.Module):
    """The network, and beside its heads one that tells lengths, which only phantoms know; it is not served."""

    def __init__(self, network: GradingNet) -> None:
        super().__init__()
        self.network = network
        self.tell = nn.Linear(network.channels, FACTS)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, HEADS, GRADES) and facts (batch, FACTS)."""
        features = functional.dropout(self.network.features(images), 0.1, self.training)
        return self.network.grade(features).view(-1, HEADS, GRADES), self.tell(features)


def marginal(logits: Tensor, allowed: Tensor, weights: Tensor) -> Tensor:
    """Minus the log of the probability of the possible grades, by the weight of the heaviest of them; unknown: 0."""
    every = logits.logsumexp(-1)
    loss = every - logits.masked_fill(~allowed, -1e4).logsumexp(-1)
    weight = torch.where(allowed.all(-1), 0.0, (weights * allowed).sum(-1) / allowed.sum(-1))
    return (loss * weight).sum() / weight.sum().clamp_min(1e-3)


def ordinal(logits: Tensor, allowed: Tensor) -> Tensor:
    """Squared distance of cumulative probabilities, where one grade alone is possible."""
    known = (allowed.sum(-1) == 1).float()
    apart = (logits.softmax(-1) - allowed.float()).cumsum(-1).square().sum(-1)
    return (apart * known).sum() / known.sum().clamp_min(1)


def factual(told: Tensor, facts: Tensor) -> Tensor:
    known = ~facts.isnan()
    error = functional.smooth_l1_loss(told, facts.nan_to_num(), beta=0.3, reduction="none")
    return (error * known).sum() / known.sum().clamp_min(1)


def grade_weights(samples: Sequence[Graded], rarest: float) -> Tensor:
    """(HEADS, GRADES), mean 1 over what is known: rare grades count more, up to a factor."""
    known = np.stack([each.bits for each in samples])
    counts = np.array([[np.count_nonzero(known[:, h] == 1 << g) for g in range(GRADES)] for h in range(HEADS)])
    odds = np.clip(counts.max(1, keepdims=True) / np.maximum(counts, 1), 1, None) ** 0.7
    return torch.tensor(np.minimum(odds, rarest), dtype=torch.float32)


def train(network: GradingNet, recipe: Recipe, *, samples: Path, checkpoint: Path) -> None:
    """Trains until the time budget is spent, into the checkpoint; resumes from it."""
    learner = Learner(network)
    phantoms = Phantoms(samples, recipe.rarest)
    real = [each for each in load_shards(samples, "sudirman") if not is_validation(each.patient)]
    spent = of_minutes(recipe.minutes)

    def loss_of(progress: Progress, rng: np.random.Generator) -> Tensor:
        phantoms.refresh(progress.step)
        batch = _batch(phantoms.samples, real, recipe, rng)
        batch = coarser(batch) if spent(progress) < recipe.coarse else batch
        return _loss(learner, recipe, batch=batch, weights=phantoms.weights)

    optimise(learner, _schedule(recipe, spent), loss_of=loss_of, checkpoint=checkpoint, seed=recipe.seed)


class Phantoms:
    """The phantoms on disk and the weights of their grades; what is rendered meanwhile joins in every REFRESH steps."""

    def __init__(self, folder: Path, rarest: float) -> None:
        self._folder, self._rarest = folder, rarest
        self.samples: Sequence[Graded] = ()
        self.weights = torch.ones(HEADS, GRADES)

    def refresh(self, step: int) -> None:
        if step % REFRESH == 0 or not self.samples:
            self.samples = tuple(load_shards(self._folder, "phantom"))
            self.weights = grade_weights(self.samples, self._rarest)
            logger.info("%d phantoms", len(self.samples))


def _schedule(recipe: Recipe, spent: Spent) -> Schedule:
    return Schedule(
        spent=spent,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        warmup_steps=recipe.warmup_steps,
        longest=2.0,
        save_every=50,
    )


def _batch(phantoms: Sequence[Graded], real: Sequence[Graded], recipe: Recipe, rng: np.random.Generator) -> Batch:
    pools = [real if real and rng.random() < recipe.real else phantoms for _ in range(recipe.batch)]
    views = [random_view(pool[int(rng.integers(len(pool)))], rng) for pool in pools]
    bits = torch.from_numpy(np.stack([view.bits for view in views]).astype(np.int64))
    return Batch(
        images=torch.from_numpy(np.stack([view.image for view in views]))[:, None],
        allowed=((bits[..., None] >> torch.arange(GRADES)) & 1).bool(),
        facts=torch.from_numpy(np.stack([view.facts for view in views])),
    )


def coarser(batch: Batch) -> Batch:
    images = functional.interpolate(batch.images, size=COARSE_SIDE, mode="bilinear", antialias=True)
    return replace(batch, images=images)


def _loss(learner: Learner, recipe: Recipe, *, batch: Batch, weights: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        logits, told = learner(batch.images.to(memory_format=torch.channels_last))
    logits, told = logits.float(), told.float()
    loss = marginal(logits, batch.allowed, weights) + recipe.ordinal * ordinal(logits, batch.allowed)
    return loss + recipe.factual * factual(told, batch.facts)
