"""Axial stacks through the spine of tests.lumbar, painted with the mean cross-sections where they pass a disc."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.axial_grading.localise import HALF, sections
from tests import lumbar

PIXEL_MM, SIDE = 0.8, 200
DISC_ROWS = {disc: 63 + 45 * index for index, disc in enumerate(Disc)}
BORDER_COLUMN, MIDDLE_SLICE = 147, 2
FLUID = {True: 500.0, False: -150.0}  # added to the dural sac


def border_of(disc: Disc) -> NDArray[np.float64]:
    """LPS mm of the middle of the disc's posterior border, but for a millimetre or two."""
    place = [MIDDLE_SLICE, DISC_ROWS[disc], BORDER_COLUMN, 1.0]
    return np.asarray((lumbar.volume(5).to_patient @ np.array(place))[:3])


def stack(
    disc: Disc,
    *,
    offsets: Sequence[float] = (-3.5, 0.0, 3.5),
    tilt: float = 0.0,
    frame_of_reference: str = lumbar.FRAME_OF_REFERENCE,
    fluid_is_bright: bool = True,
) -> Volume:
    """Slices round a disc, offsets mm to the head, even; those within 5 mm show a section, the others noise.

    tilt: degrees about the left-right axis.
    """
    sine, cosine = np.sin(np.radians(tilt)), np.cos(np.radians(tilt))
    normal, back = np.array([0.0, -sine, cosine]), np.array([0.0, cosine, sine])
    border = border_of(disc)
    to_patient = np.eye(4)
    to_patient[:3, 0] = normal * (offsets[1] - offsets[0] if len(offsets) > 1 else 3.5)
    to_patient[:3, 1], to_patient[:3, 2] = back * PIXEL_MM, np.array([PIXEL_MM, 0.0, 0.0])
    to_patient[:3, 3] = border + normal * offsets[0] - (back + np.array([1.0, 0.0, 0.0])) * SIDE / 2 * PIXEL_MM
    rng = np.random.default_rng(list(Disc).index(disc))
    voxels = [_slice(rng, shows_disc=abs(offset) <= 5.0, fluid=FLUID[fluid_is_bright]) for offset in offsets]
    return Volume(voxels=np.stack(voxels), to_patient=to_patient, frame_of_reference=frame_of_reference)


def _slice(rng: np.random.Generator, *, shows_disc: bool, fluid: float) -> NDArray[np.float32]:
    """The border of the disc lies at (SIDE / 2, SIDE / 2)."""
    image = rng.normal(400, 25, (SIDE, SIDE)) + np.linspace(0, 200, SIDE)  # brighter to the left: no mirror unseen
    if not shows_disc:
        return image.astype(np.float32)
    size = round(2 * HALF / PIXEL_MM)
    first = SIDE // 2 - size // 2
    section = cv2.resize(sections()[4], (size, size), interpolation=cv2.INTER_LINEAR)
    image[first : first + size, first : first + size] += 120 * np.asarray(section)
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    image[(np.abs(columns) < 6) & (rows > 2) & (rows < 12)] += fluid
    return np.clip(image, 0, None).astype(np.float32)
