"""Li 2024's protocol: one sixth of the people for the test, five folds of the others, SMOTE and SVM after each network.

Talks to: disk, clock, CPU.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from inference.t1rho_phase import phase_training
from inference.t1rho_phase.nuclei import Nucleus
from inference.t1rho_phase.regression_training import predict
from inference.t1rho_phase.scores import accuracy, bias, mean_auc
from inference.training.metrics import Rows

FOLDS, TEST_SHARE, TEST = 5, 1 / 6, "test"
FEWEST_PEOPLE = 12
Learn = Callable[[Sequence[Nucleus], str], nn.Module]
"""A regression network that has learnt these discs; the text names the run."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    training: tuple[Nucleus, ...]
    test: tuple[Nucleus, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run: rows as scores.py has them for phases, and for mean T1rho."""

    name: str
    phases: Rows
    means: Rows

    def __str__(self) -> str:
        reached = f"accuracy {accuracy(self.phases):.3f}, AUC {mean_auc(self.phases):.3f}"
        return f"{self.name}: {len(self.phases)} discs, {reached}, bias {bias(self.means):+.1f} ms"


class TooFewPeople(ValueError):
    """Five folds need more people than there are."""


def split_off(nuclei: Sequence[Nucleus], share: float, *, seed: int) -> Split:
    """By person, at random."""
    people = np.unique([each.person for each in nuclei])
    chosen = np.random.default_rng(seed).permutation(people)[: max(1, round(len(people) * share))]
    return Split(
        training=tuple(each for each in nuclei if each.person not in chosen),
        test=tuple(each for each in nuclei if each.person in chosen),
    )


def five_folds(nuclei: Sequence[Nucleus], *, seed: int) -> Iterator[Split]:
    """Every person is tested once."""
    people = np.random.default_rng(seed).permutation(np.unique([each.person for each in nuclei]))
    for fold in np.array_split(people, FOLDS):
        yield Split(
            training=tuple(each for each in nuclei if each.person not in fold),
            test=tuple(each for each in nuclei if each.person in fold),
        )


def cross_validated(nuclei: Sequence[Nucleus], learn: Learn, *, seed: int = 1) -> Iterator[Outcome]:
    """The five folds of what is not the test, then the test with a network that has learnt all the rest.

    Raises TooFewPeople.
    """
    if len({each.person for each in nuclei}) < FEWEST_PEOPLE:
        raise TooFewPeople(f"five folds and a test need at least {FEWEST_PEOPLE} people")
    whole = split_off(nuclei, TEST_SHARE, seed=seed)
    for number, split in enumerate(five_folds(whole.training, seed=seed), start=1):
        yield outcome(split, learn(split.training, f"fold {number}"), name=f"fold {number}")
    yield outcome(whole, learn(whole.training, TEST), name=TEST)


def outcome(split: Split, network: nn.Module, *, name: str) -> Outcome:
    machine = phase_training.fitted(
        predict(network, split.training), phases_of(split.training), people_of(split.training)
    )
    features = predict(network, split.test)
    return Outcome(
        name=name,
        phases=phase_rows(phases_of(split.test), phase_training.odds(machine, features)),
        means=np.column_stack([[each.t1rho[2] for each in split.test], features[:, 1]]),
    )


def phase_rows(true: NDArray[np.int64], odds: Rows) -> Rows:
    """True phase, predicted phase, probability of 1, 2, 3."""
    return np.asarray(np.column_stack([true, 1 + odds.argmax(axis=1), odds]), np.float64)


def phases_of(nuclei: Sequence[Nucleus]) -> NDArray[np.int64]:
    return phase_training.phases_of(np.array([each.t1rho[2] for each in nuclei]))


def people_of(nuclei: Sequence[Nucleus]) -> NDArray[np.int64]:
    return np.array([each.person for each in nuclei], np.int64)
