"""How the classifier learns: discs drawn by source and grade, ordinal targets, averaged weights. Talks to: disk."""

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inference.degeneration_grade.network import AttentionVGG11
from inference.degeneration_grade.views import GradedDisc, random_cut
from inference.training.checkpoints import MovingAverage, Progress, resume, save

logger = logging.getLogger(__name__)
GRADES = 5
SAY_EVERY, SAVE_EVERY = 50, 200


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """shares: how often each source is drawn. spread: of the target over neighbouring grades, by source, in grades.

    group_weight: of the loss over the three groups beside that over the five grades.
    """

    shares: Mapping[str, float]
    spread: Mapping[str, float]
    steps: int
    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 3e-2
    warmup_steps: int = 100
    group_weight: float = 1.0
    balance: float = 0.5
    decay: float = 0.995
    seed: int = 1


class Deck:
    """The training discs by source, drawn so that rare grades come more often (their count to the power -balance)."""

    def __init__(self, discs: Sequence[GradedDisc], lesson: Lesson) -> None:
        self._by_source = {
            source: [disc for disc in discs if disc.of.source == source]
            for source in lesson.shares
            if any(disc.of.source == source for disc in discs)
        }
        shares = np.array([lesson.shares[source] for source in self._by_source])
        self._shares = shares / shares.sum()
        self._odds = {source: _odds(found, lesson.balance) for source, found in self._by_source.items()}

    def draw(self, rng: np.random.Generator) -> GradedDisc:
        source = list(self._by_source)[int(rng.choice(len(self._shares), p=self._shares))]
        return self._by_source[source][int(rng.choice(len(self._odds[source]), p=self._odds[source]))]


def _odds(discs: Sequence[GradedDisc], balance: float) -> NDArray[np.float64]:
    count = np.bincount([disc.grade for disc in discs], minlength=GRADES + 1)
    odds = np.array([float(count[disc.grade]) ** -balance for disc in discs])
    return np.asarray(odds / odds.sum())


def learn(network: AttentionVGG11, discs: Sequence[GradedDisc], lesson: Lesson, *, checkpoint: Path) -> None:
    """Trains for the lesson's steps, into the checkpoint; resumes from it."""
    deck = Deck(discs, lesson)
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  # torch's stub lacks this form
    optimiser = torch.optim.AdamW(network.parameters(), lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    average = MovingAverage(network, decay=lesson.decay)
    progress = resume(checkpoint, network, average=average, optimiser=optimiser)
    rng = np.random.default_rng((lesson.seed, progress.step))
    while progress.step < lesson.steps:
        started = time.process_time()
        _set_rate(optimiser, lesson, progress)
        loss = _step(network, optimiser, lesson, [deck.draw(rng) for _ in range(lesson.batch)], rng)
        average.follow(network, progress.step)
        progress.step += 1
        progress.seconds += time.process_time() - started
        if progress.step % SAY_EVERY == 0:
            logger.info("step %d, %.0f s, loss %.4f", progress.step, progress.seconds, loss)
        if progress.step % SAVE_EVERY == 0:
            save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)
    save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)


def _set_rate(optimiser: torch.optim.Optimizer, lesson: Lesson, progress: Progress) -> None:
    spent = min(1.0, progress.step / lesson.steps)
    warm = min(1.0, (progress.step + 1) / lesson.warmup_steps)
    for group in optimiser.param_groups:
        group["lr"] = lesson.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * spent)))


def _step(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    lesson: Lesson,
    discs: Sequence[GradedDisc],
    rng: np.random.Generator,
) -> float:
    cuts = torch.from_numpy(np.stack([random_cut(disc, rng) for disc in discs]))
    targets = torch.from_numpy(np.stack([ordinal_target(disc.grade, lesson.spread[disc.of.source]) for disc in discs]))
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(cuts.to(memory_format=torch.channels_last))
    loss = grade_loss(logits.float(), targets, group_weight=lesson.group_weight)
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimiser.step()
    return float(loss.detach())


def ordinal_target(grade: int, spread: float) -> NDArray[np.float32]:
    """(5,): a bell round the grade, so that a neighbour is a smaller fault than a stranger; summing to 1."""
    distance = np.arange(1, GRADES + 1) - grade
    bell = np.exp(-0.5 * (distance / max(spread, 1e-3)) ** 2)
    return np.asarray(bell / bell.sum(), np.float32)


def grade_loss(logits: Tensor, targets: Tensor, *, group_weight: float) -> Tensor:
    """Cross entropy over five grades, and over the three groups that they add up to."""
    grades = -(targets * functional.log_softmax(logits, dim=1)).sum(dim=1)
    groups = -(in_groups(targets) * in_groups(logits.softmax(dim=1)).clamp_min(1e-6).log()).sum(dim=1)
    return (grades + group_weight * groups).mean()


def in_groups(probabilities: Tensor) -> Tensor:
    """(batch, 5) Pfirrmann -> (batch, 3): I and II mild, III moderate, IV and V serious."""
    return torch.stack(
        [probabilities[:, 0] + probabilities[:, 1], probabilities[:, 2], probabilities[:, 3] + probabilities[:, 4]],
        dim=1,
    )
