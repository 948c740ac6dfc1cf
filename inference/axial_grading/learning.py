"""The axial training loop: phantoms and real images mixed, marginal and ordinal losses. Talks to: disk, clock, CPU."""

import logging
import math
import time
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
from inference.training.checkpoints import MovingAverage, Progress, resume, save

logger = logging.getLogger(__name__)
REFRESH, SAVE_EVERY, SAY_EVERY = 500, 50, 20
COARSE_SIDE = 128
VALIDATION_MODULUS, VALIDATION_REMAINDER = 7, 5


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


def is_validation(patient: int) -> bool:
    """Training patients set apart for choices: temperature, shares, when to stop."""
    return patient >= 0 and patient % VALIDATION_MODULUS == VALIDATION_REMAINDER


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


def train(network: GradingNet, recipe: Recipe, *, samples: Path, checkpoint: Path) -> MovingAverage:
    """Trains until the time budget is spent; answers the averaged weights of the network. Resumes."""
    learner = Learner(network).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  # stub lacks it
    optimiser = torch.optim.AdamW(learner.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    average = MovingAverage(learner)
    progress = resume(checkpoint, learner, average=average, optimiser=optimiser)
    rng = np.random.default_rng([recipe.seed, progress.step])
    phantoms: list[Graded] = []
    real = [each for each in load_shards(samples, "sudirman") if not is_validation(each.patient)]
    while progress.seconds < 60 * recipe.minutes:
        started = time.process_time()
        if progress.step % REFRESH == 0 or not phantoms:
            phantoms = list(load_shards(samples, "phantom"))
            weights = grade_weights(phantoms, recipe.rarest)
        _set_rate(optimiser, recipe, progress)
        batch = _batch(phantoms, real, recipe, rng)
        if progress.seconds < recipe.coarse * 60 * recipe.minutes:
            batch = coarser(batch)
        loss = _step(learner, optimiser, recipe, batch=batch, weights=weights)
        average.follow(learner, progress.step)
        progress.step += 1
        progress.seconds += time.process_time() - started
        if progress.step % SAY_EVERY == 0:
            logger.info("step %d, %.0f s, %d phantoms, loss %.4f", progress.step, progress.seconds, len(phantoms), loss)
        if progress.step % SAVE_EVERY == 0:
            save(checkpoint, learner, average=average, optimiser=optimiser, progress=progress)
    save(checkpoint, learner, average=average, optimiser=optimiser, progress=progress)
    return average


def _set_rate(optimiser: torch.optim.Optimizer, recipe: Recipe, progress: Progress) -> None:
    spent = min(1.0, progress.seconds / (60 * recipe.minutes))
    warm = min(1.0, (progress.step + 1) / recipe.warmup_steps)
    for group in optimiser.param_groups:
        group["lr"] = recipe.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * spent)))


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


def _step(
    learner: Learner, optimiser: torch.optim.Optimizer, recipe: Recipe, *, batch: Batch, weights: Tensor
) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        logits, told = learner(batch.images.to(memory_format=torch.channels_last))
    logits, told = logits.float(), told.float()
    loss = marginal(logits, batch.allowed, weights) + recipe.ordinal * ordinal(logits, batch.allowed)
    loss = loss + recipe.factual * factual(told, batch.facts)
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(learner.parameters(), 2.0)
    optimiser.step()
    return float(loss.detach())
