"""How a network learns tissues: views drawn by source, marginal losses, a budget of time. Talks to: disk, clock, CPU.

New sample files that appear in the folder while it runs join in at the next look (every REFRESH steps).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from inference.sagittal.preprocess import WORKING_MM
from inference.training.augment import random_view
from inference.training.checkpoints import Progress
from inference.training.optimise import Schedule, logits_of, of_minutes, optimise
from inference.training.partial import marginal_cross_entropy, marginal_dice, possible
from inference.training.samples import Sample, is_held_out, load

REFRESH = 100


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


def train(network: nn.Module, recipe: Recipe, *, samples: Path, checkpoint: Path) -> None:
    """Trains until the time budget is spent, into the checkpoint; resumes from it."""
    pool = Pool(folder=samples)

    def loss_of(progress: Progress, rng: np.random.Generator) -> Tensor:
        if progress.step % REFRESH == 0 or not pool.seen:
            pool.refresh()
        return _loss(network, recipe, batch=_batch(pool, recipe, rng))

    optimise(network, _schedule(recipe), loss_of=loss_of, checkpoint=checkpoint, seed=recipe.seed)


def _schedule(recipe: Recipe) -> Schedule:
    return Schedule(
        spent=of_minutes(recipe.minutes),
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        warmup_steps=recipe.warmup_steps,
        longest=2.0,
        clock=time.monotonic,
        say_every=10,
        save_every=50,
    )


def _batch(pool: Pool, recipe: Recipe, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    shape = recipe.shapes[int(rng.integers(len(recipe.shapes)))]
    count = max(2, round(recipe.batch_pixels / (shape[0] * shape[1])))
    drawn = (recipe.change(pool.draw(recipe.shares, rng), rng) for _ in range(count))
    views = [random_view(sample, shape=shape, rng=rng, working_mm=recipe.working_mm) for sample in drawn]
    images = torch.from_numpy(np.stack([view.image for view in views]))[:, None]
    bits = torch.from_numpy(np.stack([view.bits for view in views]).astype(np.int32))
    return images, bits


def _loss(network: nn.Module, recipe: Recipe, *, batch: tuple[Tensor, Tensor]) -> Tensor:
    images, bits = batch
    logits = logits_of(network, images)
    allowed = possible(bits, recipe.classes)
    return marginal_cross_entropy(logits, allowed) + marginal_dice(logits, allowed, recipe.class_weights)
