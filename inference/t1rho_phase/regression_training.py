"""How the wide ResNet learns T1rho of nuclei: smooth L1, Adam, cosine over a budget. Talks to: disk, clock, CPU."""

import json
import logging
import math
import time
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
from inference.training.checkpoints import MovingAverage, Progress, averaged_weights, resume, save
from inference.training.export import export

logger = logging.getLogger(__name__)
WIDENING, STEM_STRIDE = 1, 2
BATCH, LEARNING_RATE, WEIGHT_DECAY, WARMUP_STEPS = 32, 1e-3, 5e-3, 40
SAY_EVERY, SAVE_EVERY, AT_ONCE = 20, 100, 64
Rows = NDArray[np.float64]


def compact_regression(seed: int = 1) -> WideResNet:
    """The variant that is shipped: WRN-22-1 behind a strided stem."""
    torch.manual_seed(seed)
    return WideResNet(widening=WIDENING, stem_stride=STEM_STRIDE)


def learn(nuclei: Sequence[Nucleus], network: nn.Module, *, minutes: float, checkpoint: Path, seed: int = 1) -> None:
    """Until the time budget is spent; takes up where the checkpoint left."""
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  # torch's stub lacks this form
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    average = MovingAverage(network, decay=0.99)
    progress = resume(checkpoint, network, average=average, optimiser=optimiser)
    rng = np.random.default_rng([seed, progress.step])
    while progress.seconds < 60 * minutes:
        started = time.process_time()
        for group in optimiser.param_groups:
            group["lr"] = _rate(progress, minutes)
        loss = _step(network, optimiser, _batch(nuclei, rng))
        average.follow(network, progress.step)
        progress.step += 1
        progress.seconds += time.process_time() - started
        if progress.step % SAY_EVERY == 0:
            logger.info("step %d, %.0f s, loss %.4f", progress.step, progress.seconds, loss)
        if progress.step % SAVE_EVERY == 0:
            save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)
    save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)


def _rate(progress: Progress, minutes: float) -> float:
    spent = min(1.0, progress.seconds / (60 * minutes))
    warm = min(1.0, (progress.step + 1) / WARMUP_STEPS)
    return LEARNING_RATE * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * spent)))


def _batch(nuclei: Sequence[Nucleus], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    chosen = [nuclei[int(index)] for index in rng.integers(len(nuclei), size=BATCH)]
    cuts = np.stack([random_cut(each, rng) for each in chosen])
    wanted = standardised(np.stack([each.t1rho for each in chosen]))
    return torch.from_numpy(cuts), torch.from_numpy(wanted.astype(np.float32))


def _step(network: nn.Module, optimiser: torch.optim.Optimizer, batch: tuple[Tensor, Tensor]) -> float:
    cuts, wanted = batch
    with torch.autocast("cpu", torch.bfloat16):
        found = network(cuts.to(memory_format=torch.channels_last))
    loss = functional.smooth_l1_loss(found.float(), wanted, beta=0.5)
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimiser.step()
    return float(loss.detach())


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
