"""How the classifier learns: discs drawn by source and grade, ordinal targets, averaged weights. Talks to: disk."""

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
from inference.training.checkpoints import Progress
from inference.training.optimise import Schedule, logits_of, of_steps, optimise

GRADES = 5


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

    def loss_of(_: Progress, rng: np.random.Generator) -> Tensor:
        return _loss(network, lesson, [deck.draw(rng) for _ in range(lesson.batch)], rng)

    optimise(network, _schedule(lesson), loss_of=loss_of, checkpoint=checkpoint, seed=lesson.seed)


def _schedule(lesson: Lesson) -> Schedule:
    return Schedule(
        spent=of_steps(lesson.steps),
        learning_rate=lesson.learning_rate,
        weight_decay=lesson.weight_decay,
        warmup_steps=lesson.warmup_steps,
        longest=2.0,
        final=0.01,
        decay=lesson.decay,
        say_every=50,
        save_every=200,
    )


def _loss(network: nn.Module, lesson: Lesson, discs: Sequence[GradedDisc], rng: np.random.Generator) -> Tensor:
    cuts = torch.from_numpy(np.stack([random_cut(disc, rng) for disc in discs]))
    targets = torch.from_numpy(np.stack([ordinal_target(disc.grade, lesson.spread[disc.of.source]) for disc in discs]))
    return grade_loss(logits_of(network, cuts), targets, group_weight=lesson.group_weight)


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
