"""The training loop: views drawn by source, marginal losses, cosine over a time budget. Talks to: disk, clock, CPU.

New sample files that appear in the folder while it runs join in at the next look (every REFRESH steps).
"""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from inference.sagittal.preprocess import WORKING_MM
from inference.training.augment import random_view
from inference.training.checkpoints import MovingAverage, Progress, resume, save
from inference.training.partial import marginal_cross_entropy, marginal_dice, possible
from inference.training.samples import Sample, is_held_out, load

logger = logging.getLogger(__name__)
REFRESH, SAVE_EVERY, SAY_EVERY = 100, 50, 10


def unchanged(sample: Sample, rng: np.random.Generator) -> Sample:  # noqa: ARG001 - as every change of a sample has it
    return sample


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """class_weights: of the Dice loss. shares: how often each source is drawn, of those that are there.

    change: what a room does to a sample before the view of it is drawn. working_mm: side of a pixel of the views.
    """

    classes: int
    class_weights: Sequence[float]
    shares: Mapping[str, float]
    shapes: Sequence[tuple[int, int]]
    batch_pixels: int
    minutes: float
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    warmup_steps: int = 50
    seed: int = 1
    change: Callable[[Sample, np.random.Generator], Sample] = unchanged
    working_mm: float = WORKING_MM


@dataclass(kw_only=True)
class Pool:
    """The training samples on disk, by source; held-out patients never enter."""

    folder: Path
    by_source: dict[str, list[Sample]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("*.npz")):
            if path.name.startswith(".") or path.name in self.seen:
                continue
            self.seen.add(path.name)
            sample = load(path)
            if not is_held_out(sample.patient):
                self.by_source.setdefault(sample.source, []).append(sample)

    def draw(self, shares: Mapping[str, float], rng: np.random.Generator) -> Sample:
        names = [name for name in shares if name in self.by_source]
        odds = np.array([shares[name] for name in names])
        choice = self.by_source[names[int(rng.choice(len(names), p=odds / odds.sum()))]]
        return choice[int(rng.integers(len(choice)))]


def train(network: nn.Module, recipe: Recipe, *, samples: Path, checkpoint: Path) -> MovingAverage:
    """Trains until the time budget is spent; answers the averaged weights. Resumes from the checkpoint."""
    rng = np.random.default_rng(recipe.seed + time.time_ns() % 1000)
    pool = Pool(folder=samples)
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  # torch's stub lacks this form
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    average = MovingAverage(network)
    progress = resume(checkpoint, network, average=average, optimiser=optimiser)
    while progress.seconds < 60 * recipe.minutes:
        started = time.monotonic()
        if progress.step % REFRESH == 0 or not pool.seen:
            pool.refresh()
        _set_rate(optimiser, recipe, progress)
        loss = _step(network, optimiser, recipe, batch=_batch(pool, recipe, rng))
        average.follow(network, progress.step)
        progress.step += 1
        progress.seconds += time.monotonic() - started
        _say_and_save(progress, loss, network, average=average, optimiser=optimiser, checkpoint=checkpoint)
    save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)
    return average


def _say_and_save(  # noqa: PLR0913 - a checkpoint is these five things
    progress: Progress,
    loss: float,
    network: nn.Module,
    *,
    average: MovingAverage,
    optimiser: torch.optim.Optimizer,
    checkpoint: Path,
) -> None:
    if progress.step % SAY_EVERY == 0:
        logger.info("step %d, %.0f s, loss %.4f", progress.step, progress.seconds, loss)
    if progress.step % SAVE_EVERY == 0:
        save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)


def _set_rate(optimiser: torch.optim.Optimizer, recipe: Recipe, progress: Progress) -> None:
    spent = min(1.0, progress.seconds / (60 * recipe.minutes))
    warm = min(1.0, (progress.step + 1) / recipe.warmup_steps)
    for group in optimiser.param_groups:
        group["lr"] = recipe.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * spent)))


def _batch(pool: Pool, recipe: Recipe, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    shape = recipe.shapes[int(rng.integers(len(recipe.shapes)))]
    count = max(2, round(recipe.batch_pixels / (shape[0] * shape[1])))
    drawn = (recipe.change(pool.draw(recipe.shares, rng), rng) for _ in range(count))
    views = [random_view(sample, shape=shape, rng=rng, working_mm=recipe.working_mm) for sample in drawn]
    images = torch.from_numpy(np.stack([view.image for view in views]))[:, None]
    bits = torch.from_numpy(np.stack([view.bits for view in views]).astype(np.int32))
    return images, bits


def _step(
    network: nn.Module, optimiser: torch.optim.Optimizer, recipe: Recipe, *, batch: tuple[Tensor, Tensor]
) -> float:
    images, bits = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(images.to(memory_format=torch.channels_last))
    logits = logits.float()
    allowed = possible(bits, recipe.classes)
    loss = marginal_cross_entropy(logits, allowed) + marginal_dice(logits, allowed, recipe.class_weights)
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimiser.step()
    return float(loss.detach())
