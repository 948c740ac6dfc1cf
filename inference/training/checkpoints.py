"""Training that can be broken off and taken up again: network, its moving average, optimiser, time. Talks to: disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer


@dataclass(kw_only=True)
class Progress:
    """Where training stands; the one mutable value of the loop."""

    step: int = 0
    seconds: float = 0.0


class MovingAverage:
    """Weights averaged over the last steps; the average is what is served."""

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self.decay = decay
        self.values = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def follow(self, network: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                self.values[name].lerp_(value, 1 - decay)
            else:
                self.values[name].copy_(value)


def save(path: Path, network: nn.Module, *, average: MovingAverage, optimiser: Optimizer, progress: Progress) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    state: dict[str, Any] = {
        "network": network.state_dict(),
        "average": average.values,
        "optimiser": optimiser.state_dict(),
        "step": progress.step,
        "seconds": progress.seconds,
    }
    torch.save(state, draft)
    draft.replace(path)


def resume(path: Path, network: nn.Module, *, average: MovingAverage, optimiser: Optimizer) -> Progress:
    """What was saved, put back; a fresh start where nothing was."""
    if not path.exists():
        return Progress()
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    average.values = state["average"]
    optimiser.load_state_dict(state["optimiser"])
    return Progress(step=state["step"], seconds=state["seconds"])


def averaged_weights(path: Path) -> dict[str, torch.Tensor]:
    state: dict[str, dict[str, torch.Tensor]] = torch.load(path, weights_only=True)
    return state["average"]
