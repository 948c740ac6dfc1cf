"""How the disc network of relaxometry is trained: what it learns from, for how long. Talks to: disk, clock, CPU."""

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from inference.phantom.labels import Tissue
from inference.phantom.random_relaxation import first_echo_slice
from inference.relaxometry.augment import bent_and_lit
from inference.relaxometry.method import WEIGHTS_NAME, WORKING_MM
from inference.relaxometry.network import BLOCKS, Cfcm
from inference.sagittal.preprocess import eight_bit
from inference.training.checkpoints import averaged_weights
from inference.training.export import export
from inference.training.loop import Recipe, train
from inference.training.samples import SYNTHETIC_PATIENT, Sample, save
from inference.training.spider import space_samples
from inference.training.sudirman import box_samples
from inference.training.synthetic import known

logger = logging.getLogger(__name__)
ARGUMENTS = {"base": 10, "blocks": BLOCKS, "classes": len(Tissue)}
CHECKPOINT = "relaxometry.pt"
SHARES = {"spin_lock": 0.62, "space": 0.26, "boxes_t1": 0.06, "boxes_t2": 0.06}
SHAPES = ((224, 160), (208, 176), (192, 192))
DICE_WEIGHTS = tuple(2.0 if tissue is Tissue.DISC else 1.0 for tissue in Tissue)


def compact_network() -> Cfcm:
    """The variant that is shipped: five thirty-seconds of the width; beside discs it names what tells their levels."""
    return Cfcm(base=10, classes=len(Tissue))


def recipe(minutes: float) -> Recipe:
    return Recipe(
        classes=len(Tissue),
        class_weights=DICE_WEIGHTS,
        shares=SHARES,
        shapes=SHAPES,
        batch_pixels=3 * 224 * 160,
        minutes=minutes,
        learning_rate=1.5e-3,
        change=bent_and_lit,
        working_mm=WORKING_MM,
    )


def first_echo_samples(seeds: Iterable[int]) -> Iterator[Sample]:
    """One slice per seed; seeds from inference.training.synthetic.FIRST_UNSEEN_SEED on are kept for tests."""
    for seed in seeds:
        each = first_echo_slice(np.random.default_rng([seed, 5]))
        yield Sample(
            source="spin_lock",
            patient=SYNTHETIC_PATIENT,
            name=f"spin_lock_{seed}",
            image=eight_bit(each.image),
            bits=known(each),
            spacing=(each.pixel_mm, each.pixel_mm),
        )


def gather(root: Path, samples: Path) -> None:
    """Real T2 slices with masks, and T1 and T2 slices with boxes: shapes and textures that the phantom lacks."""
    count = 0
    for source in (space_samples(root), box_samples(root)):
        for sample in source:
            save(sample, samples)
            count += 1
    logger.info("gathered %d real samples", count)


def imagine(count: int, samples: Path) -> None:
    """Renders first echoes of the phantom into the samples folder; those already there are left."""
    missing = (seed for seed in range(count) if not (samples / f"spin_lock_{seed}.npz").exists())
    for sample in first_echo_samples(missing):
        save(sample, samples)


def learn(minutes: float, *, scratch: Path) -> None:
    train(compact_network(), recipe(minutes), samples=scratch / "samples", checkpoint=scratch / CHECKPOINT)


def deliver(scratch: Path, weights: Path) -> str:
    """Exports the averaged weights of the last checkpoint as the file that is served; answers its sha256."""
    network = compact_network()
    network.load_state_dict(averaged_weights(scratch / CHECKPOINT))
    facts = {"architecture": "CFCM", "arguments": json.dumps(ARGUMENTS)}
    return export(network, weights / WEIGHTS_NAME, facts=facts, example=(1, 256, 192))
