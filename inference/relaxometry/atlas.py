"""The space that cohorts are compared in: five discs on one sagittal picture. Talks to: disk.

An atlas is a .npz file without pickled objects, with three arrays:

labels    uint8 (row, column): Structure.channel of L1/L2 to L5/S1 inside the discs, 0 elsewhere.
          Rows run from head to feet, columns from front to back; at least 5 mm of 0 around every disc.
pixel_mm  one number: the side of a pixel, 0.2 to 1.5.
name      one line of text: what it was made from.

The shipped one is the mean of healthy discs of the digital phantom (inference.relaxometry.atlas_making); a site may
give its own, for example the outlines of one healthy volunteer, as Iriondo 2020 did.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from inference.anatomy import Disc, Structure
from inference.errors import InputUnsuitable

SHIPPED: Final = Path(__file__).parent / "atlas.npz"
MARGIN_MM: Final = 5.0
_SMALLEST_MM2 = 60.0
_PIXEL_MM = (0.2, 1.5)
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Atlas:
    """labels: uint8 (row, column), Structure channels of the five discs; square pixels of pixel_mm."""

    labels: NDArray[np.uint8]
    pixel_mm: float
    name: str

    def mask(self, disc: Disc) -> NDArray[np.bool_]:
        return np.asarray(self.labels == Structure(disc.value).channel)

    @cached_property
    def sha256(self) -> str:
        """Of what is compared, whatever file it came from."""
        content = self.labels.tobytes() + repr((self.labels.shape, self.pixel_mm)).encode()
        return hashlib.sha256(content).hexdigest()


def read_atlas(path: Path = SHIPPED) -> Atlas:
    """Raises InputUnsuitable with what is wrong, OSError where there is no such file."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            labels, pixel_mm, name = (np.asarray(arrays[key]) for key in ("labels", "pixel_mm", "name"))
    except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as cause:
        raise InputUnsuitable("the atlas is no .npz file with the arrays labels, pixel_mm and name") from cause
    if labels.dtype != np.uint8 or labels.ndim != 2 or pixel_mm.size != 1 or name.size != 1:
        raise InputUnsuitable("the atlas needs labels as uint8 (row, column), and one pixel_mm and one name")
    if pixel_mm.dtype.kind not in "fiu" or name.dtype.kind != "U":
        raise InputUnsuitable("the atlas needs a number as pixel_mm and a text as name")
    return checked(Atlas(labels=labels, pixel_mm=float(pixel_mm.item()), name=str(name.item())))


def write_atlas(atlas: Atlas, path: Path) -> None:
    np.savez_compressed(path, labels=atlas.labels, pixel_mm=np.float64(atlas.pixel_mm), name=np.array(atlas.name))


def checked(atlas: Atlas) -> Atlas:
    """Raises InputUnsuitable where maps could not be brought into this space."""
    if not _PIXEL_MM[0] <= atlas.pixel_mm <= _PIXEL_MM[1]:
        raise InputUnsuitable(f"the atlas has pixels of {atlas.pixel_mm:g} mm; {_PIXEL_MM[0]} to {_PIXEL_MM[1]} do")
    if len(atlas.name) > _LONGEST_NAME or not atlas.name.isprintable():
        raise InputUnsuitable("the name of the atlas is not one line of text")
    known = {Structure(disc.value).channel for disc in Disc} | {0}
    strange = sorted(set(np.unique(atlas.labels).tolist()) - known)
    if strange:
        raise InputUnsuitable(f"the atlas has labels that are no disc: {strange}")
    for disc in Disc:
        _check_disc(atlas, disc)
    _check_order(atlas)
    return atlas


def _check_disc(atlas: Atlas, disc: Disc) -> None:
    mask = atlas.mask(disc)
    if mask.sum() * atlas.pixel_mm**2 < _SMALLEST_MM2:
        raise InputUnsuitable(f"{disc.value} of the atlas is missing, or smaller than {_SMALLEST_MM2:g} mm2")
    if ndimage.label(mask)[1] != 1:
        raise InputUnsuitable(f"{disc.value} of the atlas is in several pieces")
    margin = int(np.ceil(MARGIN_MM / atlas.pixel_mm))
    inner = np.zeros_like(mask)
    inner[margin:-margin, margin:-margin] = True
    if (mask & ~inner).any():
        raise InputUnsuitable(f"{disc.value} of the atlas lies within {MARGIN_MM:g} mm of its border")


def _check_order(atlas: Atlas) -> None:
    heights = [float(np.nonzero(atlas.mask(disc))[0].mean()) for disc in Disc]
    if heights != sorted(heights):
        raise InputUnsuitable("the discs of the atlas do not run from L1/L2 at the top to L5/S1 at the bottom")
