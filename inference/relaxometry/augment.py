"""The paper's own changes to a training image: elastic deformation and local brightening. Pure.

Iriondo 2020, Figure S1: elastic deformations (1 to 3 points, sigma 6 to 12) and a Gaussian brightening somewhere in
the image. Rotation comes with inference.training.augment.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.training.samples import Sample

ELASTIC_SHARE, BRIGHT_SHARE = 0.4, 0.5
_PUSH_MM = 7.0


def bent_and_lit(sample: Sample, rng: np.random.Generator) -> Sample:
    """The sample as it is, bent, brightened or both."""
    seen = _bent(sample, rng) if rng.random() < ELASTIC_SHARE else sample
    return _lit(seen, rng) if rng.random() < BRIGHT_SHARE else seen


def _bent(sample: Sample, rng: np.random.Generator) -> Sample:
    """One to three points pushed to the side, their surroundings with them (sigma 6 to 12 % of the image)."""
    rows, columns = sample.image.shape
    across, down = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    source_x, source_y = across.copy(), down.copy()
    for _ in range(int(rng.integers(1, 4))):
        reach = np.float32(rng.uniform(0.06, 0.12) * min(rows, columns))
        y, x = rng.uniform(0.15, 0.85, 2) * (rows, columns)
        near = np.exp(-((across - np.float32(x)) ** 2 + (down - np.float32(y)) ** 2) / (2 * reach**2))
        push_y, push_x = rng.uniform(-_PUSH_MM, _PUSH_MM, 2) / sample.spacing
        push_y, push_x = (float(np.clip(push, -0.5 * reach, 0.5 * reach)) for push in (push_y, push_x))
        source_y += near * np.float32(push_y)
        source_x += near * np.float32(push_x)
    image = cv2.remap(sample.image, source_x, source_y, cv2.INTER_LINEAR)
    bits = cv2.remap(sample.bits, source_x, source_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return replace(sample, image=np.asarray(image, np.uint8), bits=np.asarray(bits, np.uint16))


def _lit(sample: Sample, rng: np.random.Generator) -> Sample:
    """Up to twice as bright around a point in or near the image."""
    rows, columns = sample.image.shape
    y, x = rng.uniform(-0.1, 1.1, 2) * (rows, columns)
    reach = rng.uniform(0.1, 0.4) * max(rows, columns)
    gain = 1 + rng.uniform(-0.5, 1.0) * np.outer(_bell(rows, y, reach), _bell(columns, x, reach))
    return replace(sample, image=np.asarray(np.clip(sample.image * gain, 0, 255), np.uint8))


def _bell(length: int, centre: float, reach: float) -> NDArray[np.float32]:
    return np.asarray(np.exp(-((np.arange(length) - centre) ** 2) / (2 * reach**2)), np.float32)
