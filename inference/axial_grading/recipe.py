"""How the axial network is trained: what it learns from, in which shares, for how long. Talks to: disk, clock, CPU."""

import json
import logging
from pathlib import Path

from inference.axial_grading.calibration import CALIBRATION_SEEDS, answers, cooled, temperatures
from inference.axial_grading.learning import Recipe, train
from inference.axial_grading.method import WEIGHTS_NAME
from inference.axial_grading.network import GradingNet
from inference.axial_grading.phantom_samples import phantom_samples
from inference.axial_grading.preprocess import SIDE
from inference.axial_grading.samples import SHARD, load_shards, real_samples, save_shards
from inference.training.checkpoints import averaged_weights
from inference.training.export import export
from inference.training.samples import is_validation

logger = logging.getLogger(__name__)
ARGUMENTS = {"width": 0.25}
CHECKPOINT = "axial_grading.pt"


def compact_network() -> GradingNet:
    """The variant that is shipped: a quarter of the width."""
    return GradingNet(width=ARGUMENTS["width"])


def gather(root: Path, samples: Path) -> None:
    """Writes the real axial T1 of training patients with what their reports allow."""
    count = save_shards(real_samples(root), samples, source="sudirman")
    logger.info("gathered %d real samples", count)


def imagine(count: int, samples: Path) -> None:
    """Renders phantoms into the samples folder; shards already there are left."""
    for number in range(count // SHARD):
        if not (samples / f"phantom_{number:04d}.npz").exists():
            seeds = range(number * SHARD, (number + 1) * SHARD)
            save_shards(phantom_samples(seeds), samples, source="phantom", first=number)


def learn(minutes: float, *, scratch: Path) -> None:
    train(compact_network(), Recipe(minutes=minutes), samples=scratch / "samples", checkpoint=scratch / CHECKPOINT)


def trained(scratch: Path) -> GradingNet:
    """The averaged weights of the last checkpoint."""
    averaged = averaged_weights(scratch / CHECKPOINT)
    own = {name.removeprefix("network."): value for name, value in averaged.items() if name.startswith("network.")}
    network = compact_network()
    network.load_state_dict(own)
    return network


def calibrate(network: GradingNet, *, samples: Path) -> tuple[float, ...]:
    """Temperatures on phantoms and validation patients together."""
    real = [each for each in load_shards(samples, "sudirman") if is_validation(each.patient)]
    found = temperatures(answers(network, [*phantom_samples(CALIBRATION_SEEDS), *real]))
    logger.info("temperatures %s", found)
    return found


def deliver(scratch: Path, weights: Path) -> str:
    """Exports the averaged, cooled weights of the last checkpoint as the file that is served; answers its sha256."""
    network = trained(scratch)
    cooled(network, calibrate(network, samples=scratch / "samples"))
    facts = {"architecture": "GradingNet", "arguments": json.dumps(ARGUMENTS)}
    return export(network, weights / WEIGHTS_NAME, facts=facts, example=(1, SIDE, SIDE))
