"""What the regression network learns from: disc cuts with T1rho, and views of them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.t1rho_phase.phantom_pairs import PhantomPair
from inference.t1rho_phase.preprocess import Grey, Spacing, cut_image, disc_cut, grey, normalised, seen_in

BOX_ERROR_MM = 2.0  # sd of where a detector sets the middle of a box


@dataclass(frozen=True, kw_only=True, eq=False)
class Nucleus:
    """One disc of one person. box in pixels of the slice; t1rho (3,): minimum, maximum, mean in ms; image grey."""

    person: int
    disc: Disc
    image: Grey
    spacing: Spacing
    box: NDArray[np.float64]
    t1rho: NDArray[np.float64]

    @property
    def cut(self) -> Grey:
        """(1, 64, 128), as it is served."""
        return cut_image(self.image, self.box, self.spacing)


def from_phantoms(pairs: Iterable[PhantomPair]) -> Iterator[Nucleus]:
    for pair in pairs:
        image = grey(pair.image)
        for disc, box, t1rho in zip(Disc, pair.boxes, pair.t1rho, strict=True):
            if np.isfinite(box).all():
                yield Nucleus(
                    person=pair.seed,
                    disc=disc,
                    image=image,
                    spacing=(pair.pixel_mm, pair.pixel_mm),
                    box=box,
                    t1rho=t1rho,
                )


def random_cut(each: Nucleus, rng: np.random.Generator) -> Grey:
    """(1, 64, 128): as a detector a little off would cut it, under another window, shading and noise."""
    frame = disc_cut(each.box, each.spacing)
    off = rng.normal(0, BOX_ERROR_MM, 2)
    frame = replace(
        frame,
        down=frame.down + float(off[0]) * 0.7,
        back=frame.back + float(off[1]),
        mm=frame.mm * float(np.exp(rng.normal(0, 0.02))),
        degrees=float(rng.normal(0, 4)),
    )
    return normalised(_other_contrast(seen_in(frame, each.image, each.spacing), rng))[None]


def _other_contrast(image: Grey, rng: np.random.Generator) -> Grey:
    if rng.random() < 0.5:
        image = np.power(image, np.float32(np.exp(rng.normal(0, 0.12))))
    if rng.random() < 0.4:
        bumps = rng.normal(0, 0.1, (2, 2)).astype(np.float32)
        image = image * np.exp(cv2.resize(bumps, image.shape[::-1], interpolation=cv2.INTER_CUBIC))
    if rng.random() < 0.3:
        noise = rng.standard_normal(image.shape, dtype=np.float32)
        image = np.abs(image + noise * np.float32(rng.uniform(0.003, 0.02)))
    return np.asarray(np.clip(image * np.float32(np.exp(rng.normal(0, 0.2))), 0, 1), np.float32)
