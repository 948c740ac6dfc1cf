"""How the wide ResNet learns T1rho of nuclei: smooth L1, Adam, cosine over a budget. Talks to: disk, clock, CPU."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inference.t1rho_phase.method import REGRESSION
from inference.t1rho_phase.network import WideResNet
from inference.t1rho_phase.nuclei import Nucleus, random_cut
from inference.t1rho_phase.phases import in_ms, standardised
from inference.t1rho_phase.preprocess import CUT_COLUMNS, CUT_ROWS
from inference.training.checkpoints import Progress, averaged_weights
from inference.training.export import export
from inference.training.optimise import Schedule, logits_of, of_minutes, optimise

WIDENING, STEM_STRIDE = 1, 2
BATCH, AT_ONCE = 32, 64
Rows = NDArray[np.float64]


def compact_regression(seed: int = 1) -> WideResNet:
    """The variant that is shipped: WRN-22-1 behind a strided stem."""
    torch.manual_seed(seed)
    return WideResNet(widening=WIDENING, stem_stride=STEM_STRIDE)


def learn(nuclei: Sequence[Nucleus], network: nn.Module, *, minutes: float, checkpoint: Path, seed: int = 1) -> None:
    """Until the time budget is spent; takes up where the checkpoint left."""

    def loss_of(_: Progress, rng: np.random.Generator) -> Tensor:
        cuts, wanted = _batch(nuclei, rng)
        return functional.smooth_l1_loss(logits_of(network, cuts), wanted, beta=0.5)

    schedule = Schedule(
        spent=of_minutes(minutes),
        learning_rate=1e-3,
        weight_decay=5e-3,
        warmup_steps=40,
        longest=5.0,
        final=0.01,
        decay=0.99,
    )
    optimise(network, schedule, loss_of=loss_of, checkpoint=checkpoint, seed=seed)


def _batch(nuclei: Sequence[Nucleus], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    chosen = [nuclei[int(index)] for index in rng.integers(len(nuclei), size=BATCH)]
    cuts = np.stack([random_cut(each, rng) for each in chosen])
    wanted = standardised(np.stack([each.t1rho for each in chosen]))
    return torch.from_numpy(cuts), torch.from_numpy(wanted.astype(np.float32))


def trained(checkpoint: Path) -> WideResNet:
    network = compact_regression()
    network.load_state_dict(averaged_weights(checkpoint))
    return network.eval()


@torch.inference_mode()
def predict(network: nn.Module, nuclei: Sequence[Nucleus]) -> Rows:
    """(discs, 3): minimum, mean, maximum in ms, from the cuts as they are served."""
    found = []
    for start in range(0, len(nuclei), AT_ONCE):
        cuts = np.stack([each.cut for each in nuclei[start : start + AT_ONCE]])
        found += [in_ms(row) for row in network(torch.from_numpy(cuts)).numpy()]
    return np.array(found)


def deliver(checkpoint: Path, weights: Path) -> str:
    """Exports the averaged weights as the file that is served; answers its sha256."""
    arguments = {"widening": WIDENING, "stem_stride": STEM_STRIDE}
    facts = {"architecture": "WideResNet", "arguments": json.dumps(arguments)}
    return export(trained(checkpoint), weights / REGRESSION, facts=facts, example=(1, CUT_ROWS, CUT_COLUMNS))
