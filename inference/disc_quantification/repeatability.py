"""How far two scans of one unchanged disc differ, measured on the phantom; written for the reports. Talks to: disk.

One spine, one protocol, two visits: positioned anew, with other noise, shading and artefacts. No public data set has
two scans of one person on one day, so this is the phantom's answer and says so in CARD.md.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from inference.anatomy import Disc
from inference.disc_quantification.evaluation import DiscNumbers, look, numbers_of
from inference.disc_quantification.reference import REPEATABILITY
from inference.phantom.artefacts import draw_artefacts
from inference.phantom.body_parts import Spine
from inference.phantom.random_slice import draw_grid
from inference.phantom.series import SEQUENCES
from inference.phantom.slice_image import Acquisition, SliceImage, image_slice
from inference.phantom.spine import sample_spine
from inference.phantom.tissues import palette
from inference.results import Quantity
from inference.runtime import Network
from inference.training.synthetic import FIRST_UNSEEN_SEED

FIRST_SPINE = FIRST_UNSEEN_SEED + 500_000
Differences = dict[Quantity, list[float]]


def write_repeatability(network: Network, *, spines: int, path: Path = REPEATABILITY) -> None:
    """Within-subject SD of each quantity from pairs of scans: the root of half the mean squared difference."""
    found: Differences = {}
    for seed in range(FIRST_SPINE, FIRST_SPINE + spines):
        for quantity, difference in _differences(network, np.random.default_rng(seed)):
            found.setdefault(quantity, []).append(difference)
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["quantity", "within_subject_sd", "pairs"])
        rows.writerows([quantity.value, f"{_within(values):.4g}", len(values)] for quantity, values in found.items())


def _within(differences: Iterable[float]) -> float:
    return float(np.sqrt(np.mean(np.square(list(differences))) / 2))


def _differences(network: Network, rng: np.random.Generator) -> Iterator[tuple[Quantity, float]]:
    spine = sample_spine(rng)
    first, second = (_visit(network, spine, rng) for _ in range(2))
    for disc in first.keys() & second.keys():
        for quantity, before in _values(first[disc]).items():
            yield quantity, _values(second[disc])[quantity] - before


def _visit(network: Network, spine: Spine, rng: np.random.Generator) -> dict[Disc, DiscNumbers]:
    grid = draw_grid(rng, spine)
    scan = _scan(spine, rng)
    cut: SliceImage = image_slice(spine, grid, scan, seed=int(rng.integers(2**31)))
    image = np.clip(cut.image, 0, None)
    found = look(network, image, (grid.pixel_mm, grid.pixel_mm))
    return numbers_of(image, found) if found else {}


def _scan(spine: Spine, rng: np.random.Generator) -> Acquisition:
    strength = 3.0 if spine.texture_seed % 2 else 1.5
    return Acquisition(
        palette=palette(strength), sequence=SEQUENCES["T2"], artefacts=draw_artefacts(rng), layers=(0.0,)
    )


def _values(numbers: DiscNumbers) -> dict[Quantity, float]:
    return {
        Quantity.DISC_HEIGHT: numbers.height,
        Quantity.DISC_HEIGHT_INDEX: numbers.height_index,
        Quantity.HEIGHT_TO_DIAMETER: numbers.height_to_diameter,
        Quantity.SIGNAL_INTENSITY_DIFFERENCE: numbers.signal,
    }
