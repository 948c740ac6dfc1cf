"""A drawn spine as an image, its discs as handed over, and a stand-in for a classifier. Pure."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES
from inference.phantom.labels import Tissue
from inference.results import LabelMap
from inference.sagittal.levels import name_levels
from tests.unit.inference.sagittal.drawn import MM, spine

BRIGHTNESS = {Tissue.VERTEBRA: 100, Tissue.S1: 100, Tissue.SACRUM: 100, Tissue.DISC: 55, Tissue.CSF: 240}


def labels() -> NDArray[np.uint8]:
    """Structure channels of seven straight discs on a sacrum, half a millimetre a pixel."""
    found = name_levels(spine(), millimetres=MM)
    assert found is not None
    return found.labels


def image(*, white: Mapping[int, float] | None = None, noise: float = 1.5) -> NDArray[np.float32]:
    """white: brightness by Structure channel, where it is not that of every disc."""
    tissues = spine()
    seen = np.full(tissues.shape, 40, np.float32)
    for tissue, value in BRIGHTNESS.items():
        seen[tissues == tissue] = value
    for channel, value in (white or {}).items():
        seen[labels() == channel] = value
    soft = np.asarray(cv2.GaussianBlur(seen, (0, 0), 1.0), np.float32)
    return soft + np.random.default_rng(1).normal(0, noise, soft.shape).astype(np.float32)


def volume(*slices: NDArray[np.float32]) -> Volume:
    """Sagittal, rows to the feet, columns to the back."""
    to_patient = np.eye(4)
    to_patient[:3, :3] = np.array([[4.4, 0, 0], [0, 0, MM], [0, -MM, 0]])
    return Volume(voxels=np.stack(slices), to_patient=to_patient, frame_of_reference="1.2.3")


def handed_over(of: Volume, *, key_slice: int = 0, doubt: str | None = None) -> LabelMap:
    everywhere = np.zeros(of.voxels.shape, np.uint8)
    everywhere[key_slice] = labels()
    return LabelMap(
        role=Role.SAGITTAL_T2, labels=everywhere, structures=DISC_STRUCTURES, key_slice=key_slice, level_doubt=doubt
    )


def by_brightness(cuts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits of five grades: the brighter under the mask, which is the last channel, the lower the grade."""
    inside = cuts[:, -1] > 0.5
    bright = np.array([cut[0][mask].mean() if mask.any() else 0.0 for cut, mask in zip(cuts, inside, strict=True)])
    grades = np.arange(1, 6)
    return np.asarray(-((2.5 - 2 * bright[:, None] - grades) ** 2), np.float32)
