"""How the detector is trained: real boxes and phantoms, cosine over a time budget. Talks to: disk, clock, CPU."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from inference.t1rho_phase.boxed import Boxed, from_phantom, from_readers, has_all_lumbar, random_view
from inference.t1rho_phase.detector import YoloV7
from inference.t1rho_phase.detector_loss import detection_loss
from inference.t1rho_phase.method import DETECTOR
from inference.t1rho_phase.phantom_pairs import load
from inference.t1rho_phase.postprocess import Seen, grid_of
from inference.t1rho_phase.preprocess import SIDE, normalised
from inference.training.checkpoints import Progress, averaged_weights
from inference.training.export import export
from inference.training.optimise import Schedule, logits_of, of_minutes, optimise
from inference.training.samples import is_held_out, is_validation
from inference.training.sudirman import boxed_slices

WIDTH = 0.25
BATCH, PHANTOM_SHARE = 8, 0.3
LIKELY_AT_FIRST = 0.003  # of all cells, about this many answer for a disc


@dataclass(frozen=True, kw_only=True)
class Sources:
    real: Sequence[Boxed]
    phantom: Sequence[Boxed]

    def draw(self, rng: np.random.Generator) -> Boxed:
        take_phantom = self.phantom and (not self.real or rng.random() < PHANTOM_SHARE)
        pool = self.phantom if take_phantom else self.real
        return pool[int(rng.integers(len(pool)))]


def sources(root: Path, phantoms: Sequence[Path]) -> Sources:
    """Sudirman's T1 slices of training patients who are not kept for choices, and phantoms of the full lumbar spine."""
    real = from_readers(boxed_slices(root, ("t1",)))
    pairs = [pair for pair in map(load, phantoms) if has_all_lumbar(pair)]
    return Sources(
        real=[each for each in real if not is_held_out(each.patient) and not is_validation(each.patient)],
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
    grid = torch.from_numpy(grid_of(SIDE).astype(np.float32))

    def loss_of(_: Progress, rng: np.random.Generator) -> Tensor:
        images, targets = _batch(drawn_from, rng)
        return detection_loss(logits_of(network, images), targets, grid)

    schedule = Schedule(spent=of_minutes(minutes), learning_rate=3e-3, weight_decay=1e-2, warmup_steps=60, longest=10.0)
    optimise(network, schedule, loss_of=loss_of, checkpoint=checkpoint, seed=seed)


def _batch(drawn_from: Sources, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    views = [random_view(drawn_from.draw(rng), rng) for _ in range(BATCH)]
    images = torch.from_numpy(np.stack([normalised(view.image) for view in views]))[:, None]
    targets = [np.column_stack([np.full(len(view.targets), k), view.targets]) for k, view in enumerate(views)]
    return images, torch.from_numpy(np.concatenate(targets).astype(np.float32))


def deliver(checkpoint: Path, weights: Path) -> str:
    """Exports the averaged, fused weights as the file that is served; answers its sha256."""
    network = compact_detector()
    network.load_state_dict(averaged_weights(checkpoint))
    arguments = {"width": WIDTH, "classes": len(Seen), "fused": True}
    facts = {"architecture": "YoloV7", "arguments": json.dumps(arguments)}
    return export(network.fuse(), weights / DETECTOR, facts=facts, example=(1, SIDE, SIDE))
