"""One network optimised within a budget, and how far it came kept on disk. Talks to: disk, clock, CPU."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW

from inference.training.checkpoints import MovingAverage, Progress, resume, save

logger = logging.getLogger(__name__)
Spent = Callable[[Progress], float]
Loss = Callable[[Progress, np.random.Generator], Tensor]


def of_minutes(minutes: float) -> Spent:
    """The share of a time budget that is spent, by the schedule's clock."""
    return lambda progress: progress.seconds / (60 * minutes)


def of_steps(steps: int) -> Spent:
    """The share of a number of steps that is spent."""
    return lambda progress: progress.step / steps


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast a network learns: a linear warm-up, then a half cosine over the budget.

    spent: share of the budget; training ends at 1. final: share of learning_rate that is left then. longest: norm to
    which gradients are cut. decay: of the averaged weights. clock: answers seconds; of this process's CPU, if not said.
    """

    spent: Spent
    learning_rate: float
    weight_decay: float
    warmup_steps: int
    longest: float
    final: float = 0.02
    decay: float = 0.998
    clock: Callable[[], float] = time.process_time
    say_every: int = 20
    save_every: int = 100

    def rate(self, progress: Progress) -> float:
        """The learning rate of the step that comes next."""
        warm = min(1.0, (progress.step + 1) / self.warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, self.spent(progress))))
        return self.learning_rate * warm * (self.final + (1 - self.final) * cosine)


def optimise(network: nn.Module, schedule: Schedule, *, loss_of: Loss, checkpoint: Path, seed: int) -> None:
    """Trains until the budget is spent, into the checkpoint; resumes from it, with other random numbers.

    loss_of draws a batch by the generator it is given and answers the loss of it, a scalar.
    """
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  # torch's stub lacks this form
    optimiser = AdamW(network.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    average = MovingAverage(network, decay=schedule.decay)
    progress = resume(checkpoint, network, average=average, optimiser=optimiser)
    rng = np.random.default_rng([seed, progress.step])
    while schedule.spent(progress) < 1:
        started = schedule.clock()
        _set_rate(optimiser, schedule.rate(progress))
        loss = loss_of(progress, rng)
        _descend(network, optimiser, loss, longest=schedule.longest)
        average.follow(network, progress.step)
        progress.step += 1
        progress.seconds += schedule.clock() - started
        if progress.step % schedule.say_every == 0:
            logger.info("step %d, %.0f s, loss %.4f", progress.step, progress.seconds, float(loss.detach()))
        if progress.step % schedule.save_every == 0:
            save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)
    save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)


def _set_rate(optimiser: AdamW, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def _descend(network: nn.Module, optimiser: AdamW, loss: Tensor, *, longest: float) -> None:
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), longest)
    optimiser.step()


def logits_of(network: nn.Module, images: Tensor) -> Tensor:
    """float32 answers of a network that computes in bfloat16. images: (batch, channels, rows, columns)."""
    with torch.autocast("cpu", torch.bfloat16):
        logits: Tensor = network(images.to(memory_format=torch.channels_last))
    return logits.float()
