"""How the detector is trained: real boxes and phantoms, cosine over a time budget. Talks to: disk, clock, CPU."""

import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from inference.t1rho_phase.boxed import Boxed, from_phantom, from_readers, has_all_lumbar, random_view
from inference.t1rho_phase.detector import YoloV7
from inference.t1rho_phase.detector_loss import detection_loss
from inference.t1rho_phase.method import DETECTOR
from inference.t1rho_phase.phantom_pairs import load
from inference.t1rho_phase.postprocess import Seen, grid_of
from inference.t1rho_phase.preprocess import SIDE, normalised
from inference.training.checkpoints import MovingAverage, Progress, averaged_weights, resume, save
from inference.training.export import export
from inference.training.samples import is_held_out
from inference.training.sudirman import boxed_slices

logger = logging.getLogger(__name__)
WIDTH = 0.25
BATCH, PHANTOM_SHARE = 8, 0.3
LEARNING_RATE, WEIGHT_DECAY, WARMUP_STEPS = 3e-3, 1e-2, 60
SAY_EVERY, SAVE_EVERY = 20, 100
LIKELY_AT_FIRST = 0.003  # of all cells, about this many answer for a disc
VALIDATION_MODULUS, VALIDATION_REMAINDER = 7, 5


def is_validation(patient: int) -> bool:
    """Training patients on whom choices are made; never the held-out ones."""
    return patient % VALIDATION_MODULUS == VALIDATION_REMAINDER


@dataclass(frozen=True, kw_only=True)
class Sources:
    real: Sequence[Boxed]
    phantom: Sequence[Boxed]

    def draw(self, rng: np.random.Generator) -> Boxed:
        take_phantom = self.phantom and (not self.real or rng.random() < PHANTOM_SHARE)
        pool = self.phantom if take_phantom else self.real
        return pool[int(rng.integers(len(pool)))]


def sources(root: Path, phantoms: Sequence[Path], *, with_validation: bool) -> Sources:
    real = [each for each in from_readers(boxed_slices(root, ("t1",))) if not is_held_out(each.patient)]
    pairs = [pair for pair in map(load, phantoms) if has_all_lumbar(pair)]
    return Sources(
        real=[each for each in real if with_validation or not is_validation(each.patient)],
        phantom=[from_phantom(pair) for pair in pairs],
    )


def compact_detector() -> YoloV7:
    """The variant that is shipped, ready to be trained: a quarter of the width, two classes."""
    network = YoloV7(width=WIDTH, classes=len(Seen))
    with torch.no_grad():
        for head in network.detect:
            bias = torch.as_tensor(head.bias).view(-1, network.values)
            bias[:, 4] = math.log(LIKELY_AT_FIRST)
    return network


def learn(drawn_from: Sources, *, minutes: float, checkpoint: Path, seed: int = 1) -> None:
    """Until the time budget is spent; takes up where the checkpoint left."""
    torch.manual_seed(seed)
    network = compact_detector()
    network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]  # torch's stub lacks this form
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    average = MovingAverage(network)
    progress = resume(checkpoint, network, average=average, optimiser=optimiser)
    rng = np.random.default_rng([seed, progress.step])
    grid = torch.from_numpy(grid_of(SIDE).astype(np.float32))
    while progress.seconds < 60 * minutes:
        started = time.process_time()
        for group in optimiser.param_groups:
            group["lr"] = rate(progress, minutes)
        loss = _step(network, optimiser, _batch(drawn_from, rng), grid)
        average.follow(network, progress.step)
        progress.step += 1
        progress.seconds += time.process_time() - started
        if progress.step % SAY_EVERY == 0:
            logger.info("step %d, %.0f s, loss %.4f", progress.step, progress.seconds, loss)
        if progress.step % SAVE_EVERY == 0:
            save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)
    save(checkpoint, network, average=average, optimiser=optimiser, progress=progress)


def rate(progress: Progress, minutes: float) -> float:
    spent = min(1.0, progress.seconds / (60 * minutes))
    warm = min(1.0, (progress.step + 1) / WARMUP_STEPS)
    return LEARNING_RATE * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * spent)))


def _batch(drawn_from: Sources, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    views = [random_view(drawn_from.draw(rng), rng) for _ in range(BATCH)]
    images = torch.from_numpy(np.stack([normalised(view.image) for view in views]))[:, None]
    targets = [np.column_stack([np.full(len(view.targets), k), view.targets]) for k, view in enumerate(views)]
    return images, torch.from_numpy(np.concatenate(targets).astype(np.float32))


def _step(network: nn.Module, optimiser: torch.optim.Optimizer, batch: tuple[Tensor, Tensor], grid: Tensor) -> float:
    images, targets = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(images.to(memory_format=torch.channels_last))
    loss = detection_loss(logits.float(), targets, grid)
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), 10.0)
    optimiser.step()
    return float(loss.detach())


def deliver(checkpoint: Path, weights: Path) -> str:
    """Exports the averaged, fused weights as the file that is served; answers its sha256."""
    network = compact_detector()
    network.load_state_dict(averaged_weights(checkpoint))
    arguments = {"width": WIDTH, "classes": len(Seen), "fused": True}
    facts = {"architecture": "YoloV7", "arguments": json.dumps(arguments)}
    return export(network.fuse(), weights / DETECTOR, facts=facts, example=(1, SIDE, SIDE))
