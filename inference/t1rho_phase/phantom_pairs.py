"""Mid-sagittal T1 slices of random people with their discs' boxes and T1rho: the only pairs there are. Talks to: disk.

Boxes are (x0, y0, x1, y1) in pixels, tight around the disc; discs run from L1/L2 to L5/S1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.anatomy import DISC_STRUCTURES, Disc
from inference.phantom.artefacts import draw_artefacts
from inference.phantom.body_parts import Spine, Transition
from inference.phantom.labels import Tissue
from inference.phantom.random_slice import draw_grid
from inference.phantom.signal import FastSpinEcho
from inference.phantom.slice_image import Acquisition, SliceImage, image_slice, layers_across
from inference.phantom.spine import sample_spine
from inference.phantom.t1rho_truth import nuclei_of
from inference.phantom.tissues import Jitter, palette, strayed

JITTER = Jitter(density=0.05, t1=0.05, t2=0.08)  # what a scanner's table of times cannot explain
YOUNGEST, OLDEST = 18.0, 70.0
SMALLEST_MM2 = 40.0


@dataclass(frozen=True, kw_only=True, eq=False)
class PhantomPair:
    """image float32 (row, column), not scaled. boxes (5, 4), NaN where a disc is out of view; upper (n, 4).

    t1rho: (5, 3) minimum, maximum, mean of each nucleus in ms; grades (5,), continuous.
    """

    seed: int
    image: NDArray[np.float32]
    pixel_mm: float
    boxes: NDArray[np.float64]
    upper: NDArray[np.float64]
    t1rho: NDArray[np.float64]
    grades: NDArray[np.float64]


def render(seed: int) -> PhantomPair:
    """A new person and a new scanner for each seed."""
    rng = np.random.default_rng([seed, 4])
    spine = sample_spine(rng, age=rng.uniform(YOUNGEST, OLDEST), transition=Transition.NONE)
    grid = draw_grid(rng, spine)
    acquisition = Acquisition(
        palette=strayed(palette(float(rng.choice([1.5, 3.0]))), rng, JITTER),
        sequence=FastSpinEcho(repetition_time=rng.uniform(400, 750), echo_time=rng.uniform(8, 15)),
        artefacts=draw_artefacts(rng),
        layers=layers_across(rng.uniform(3, 5), 2),
    )
    cut = image_slice(spine, grid, acquisition, seed=int(rng.integers(2**31)))
    return PhantomPair(
        seed=seed,
        image=cut.image,
        pixel_mm=grid.pixel_mm,
        boxes=_lumbar_boxes(cut),
        upper=_upper_boxes(cut, grid.pixel_mm),
        t1rho=_t1rho(spine),
        grades=np.array([disc.grade for disc in spine.lumbar_discs]),
    )


def _t1rho(spine: Spine) -> NDArray[np.float64]:
    nuclei = nuclei_of(spine)
    return np.array([[nuclei[disc].minimum, nuclei[disc].maximum, nuclei[disc].mean] for disc in Disc])


def _lumbar_boxes(cut: SliceImage) -> NDArray[np.float64]:
    return np.stack([_box(cut.levels == structure.channel) for structure in DISC_STRUCTURES])


def _upper_boxes(cut: SliceImage, pixel_mm: float) -> NDArray[np.float64]:
    """Discs above L1."""
    mask = (cut.labels == Tissue.DISC) & (cut.levels == 0)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] * pixel_mm**2 > SMALLEST_MM2]
    return np.array([_box(pieces == i) for i in large]).reshape(-1, 4)


def _box(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return np.full(4, np.nan)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float64)


def render_all(seeds: Iterable[int], folder: Path) -> None:
    """Those that are already in the folder are left."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        path = folder / f"{seed}.npz"
        if not path.exists():
            _save(render(seed), path)


def _save(pair: PhantomPair, path: Path) -> None:
    draft = path.with_name(f".{path.name}")
    np.savez_compressed(
        draft,
        image=pair.image.astype(np.float16),
        pixel_mm=pair.pixel_mm,
        boxes=pair.boxes,
        upper=pair.upper,
        t1rho=pair.t1rho,
        grades=pair.grades,
    )
    draft.replace(path)


def load(path: Path) -> PhantomPair:
    with np.load(path) as stored:
        return PhantomPair(
            seed=int(path.stem),
            image=stored["image"].astype(np.float32),
            pixel_mm=float(stored["pixel_mm"]),
            boxes=stored["boxes"],
            upper=stored["upper"],
            t1rho=stored["t1rho"],
            grades=stored["grades"],
        )
