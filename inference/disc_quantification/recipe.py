"""How the disc network is trained: what it learns from, in which shares, for how long. Talks to: disk, clock, CPU."""

import json
import logging
from pathlib import Path

from config.settings import Inference
from inference.disc_quantification.method import WEIGHTS_NAME
from inference.disc_quantification.network import BianqueNet
from inference.phantom.labels import Tissue
from inference.runtime import find_weights, open_network
from inference.training.checkpoints import averaged_weights
from inference.training.export import export
from inference.training.loop import Recipe, train
from inference.training.pseudo import boxed_pseudo_samples, spider_pseudo_samples
from inference.training.samples import save
from inference.training.spider import mid_slices, space_samples
from inference.training.sudirman import box_samples, boxed_slices
from inference.training.synthetic import phantom_samples

logger = logging.getLogger(__name__)
WIDTH, BLOCKS, CLASSES = 0.25, (3, 4, 6, 3), len(Tissue)

DICE_WEIGHTS = tuple({Tissue.VERTEBRA: 0.9, Tissue.S1: 0.9, Tissue.DISC: 0.8}.get(tissue, 1.0) for tissue in Tissue)
SHARES = {
    "space": 0.66,
    "phantom": 0.16,
    "boxes_t2": 0.04,
    "boxes_t1": 0.03,
    "pseudo_t2": 0.08,
    "pseudo_t1": 0.03,
}
SHAPES = ((384, 320), (448, 320), (512, 384), (320, 384))
WORKING_MM = 0.55


ARGUMENTS = {"width": WIDTH, "blocks": BLOCKS, "classes": CLASSES}


def compact_network() -> BianqueNet:
    """The variant that is shipped: a quarter of the width, six blocks in layer3, semantic classes."""
    return BianqueNet(width=WIDTH, blocks=BLOCKS, classes=CLASSES)


def recipe(minutes: float) -> Recipe:
    return Recipe(
        classes=CLASSES,
        class_weights=DICE_WEIGHTS,
        shares=SHARES,
        shapes=SHAPES,
        batch_pixels=5 * 320 * 256,
        minutes=minutes,
        working_mm=WORKING_MM,
    )


def gather(root: Path, samples: Path) -> None:
    """Writes every real sample that can be learnt from into the samples folder."""
    count = 0
    for source in (space_samples(root), box_samples(root)):
        for sample in source:
            save(sample, samples)
            count += 1
    logger.info("gathered %d real samples", count)


def imagine(count: int, samples: Path) -> None:
    """Renders phantom slices into the samples folder; those already there are left."""
    missing = (seed for seed in range(count) if not (samples / f"phantom_{seed}.npz").exists())
    for sample in phantom_samples(missing):
        save(sample, samples)


def believe(root: Path, *, scratch: Path, weights: Path) -> None:
    """Labels what has no masks with the weights that are there, where boxes or counts agree."""
    network = open_network(find_weights(weights, WEIGHTS_NAME), Inference(device="cpu"))
    count = 0
    for source in (
        boxed_pseudo_samples(network, boxed_slices(root)),
        spider_pseudo_samples(network, mid_slices(root)),
    ):
        for sample in source:
            save(sample, scratch / "samples")
            count += 1
    logger.info("labelled %d images by the first stage", count)


def learn(minutes: float, *, scratch: Path) -> None:
    """Trains the compact network on what lies in scratch/samples, into scratch/disc_quantification.pt."""
    train(
        compact_network(),
        recipe(minutes),
        samples=scratch / "samples",
        checkpoint=scratch / "disc_quantification.pt",
    )


def deliver(scratch: Path, weights: Path) -> str:
    """Exports the averaged weights of the last checkpoint as the file that is served; answers its sha256."""
    network = compact_network()
    network.load_state_dict(averaged_weights(scratch / "disc_quantification.pt"))
    facts = {"architecture": "BianqueNet", "arguments": json.dumps(ARGUMENTS)}
    return export(network, weights / WEIGHTS_NAME, facts=facts)
