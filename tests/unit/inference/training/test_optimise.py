"""Training within a budget: it ends with it, goes on where it was, and warms up before it cools down."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra")

from inference.training.checkpoints import Progress, averaged_weights  # noqa: E402 - after the skip
from inference.training.optimise import Schedule, Spent, of_minutes, of_steps, optimise  # noqa: E402 - after the skip


def schedule(spent: Spent) -> Schedule:
    """Every step takes a second."""
    ticks = count()
    return Schedule(
        spent=spent,
        learning_rate=0.1,
        weight_decay=0.0,
        warmup_steps=4,
        longest=1.0,
        decay=0.5,
        clock=lambda: float(next(ticks)),
    )


class Fit:
    """One number learns to be 3; notes where training stood at every step."""

    def __init__(self) -> None:
        self.network = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.network.weight)
        self.steps: list[Progress] = []
        self.drawn: list[float] = []

    def loss(self, progress: Progress, rng: np.random.Generator) -> torch.Tensor:
        self.steps.append(Progress(step=progress.step, seconds=progress.seconds))
        self.drawn.append(float(rng.random()))
        return (self.network(torch.ones(1, 1)) - 3).square().sum()

    @property
    def weight(self) -> float:
        return float(self.network.weight.detach())

    def learn(self, spent: Spent, checkpoint: Path) -> None:
        optimise(self.network, schedule(spent), loss_of=self.loss, checkpoint=checkpoint, seed=1)


def test_training_ends_when_its_time_is_spent(tmp_path: Path) -> None:
    fit = Fit()
    fit.learn(of_minutes(0.5), tmp_path / "fit.pt")
    assert [each.seconds for each in fit.steps] == list(range(30))


def test_training_that_was_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    first, second = Fit(), Fit()
    first.learn(of_steps(5), tmp_path / "fit.pt")
    second.learn(of_steps(8), tmp_path / "fit.pt")
    assert [each.step for each in second.steps] == [5, 6, 7]
    assert second.weight > first.weight > 0
    assert not set(first.drawn) & set(second.drawn)


def test_a_spent_budget_leaves_the_checkpoint_as_it_was(tmp_path: Path) -> None:
    for _ in range(2):
        Fit().learn(of_steps(5), tmp_path / "fit.pt")
    again = Fit()
    again.learn(of_steps(5), tmp_path / "fit.pt")
    assert again.steps == []


def test_the_average_follows_behind_the_weights(tmp_path: Path) -> None:
    fit = Fit()
    fit.learn(of_steps(10), tmp_path / "fit.pt")
    assert 0 < float(averaged_weights(tmp_path / "fit.pt")["weight"]) < fit.weight


def test_the_rate_rises_to_its_height_and_falls_to_its_share_of_it() -> None:
    rates = [schedule(of_steps(100)).rate(Progress(step=step)) for step in (0, 1, 3, 50, 100)]
    assert rates[0] == pytest.approx(0.025)
    assert rates[:3] == sorted(rates[:3])
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(0.1 * 0.02)
