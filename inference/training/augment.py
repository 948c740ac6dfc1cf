"""One sample seen otherwise: turned, scaled, cut, with another contrast, shading, blur and noise. Pure.

Randomness comes in as a generator. Images are uint8 and labels uint16 bits, (row, column).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.phantom.labels import Tissue
from inference.sagittal.preprocess import MEAN, SD, WORKING_MM, normalised
from inference.training.samples import Sample

BACKGROUND_BIT = 1
FAT_DIMMED_SHARE = 0.3
ASPECT_LOST_SHARE = 0.15
WATER = (1 << Tissue.CSF) | (1 << Tissue.CANAL) | (1 << Tissue.DISC)


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What the network gets: float32 image and uint16 bits of one size."""

    image: NDArray[np.float32]
    bits: NDArray[np.uint16]


def random_view(
    sample: Sample, *, shape: tuple[int, int], rng: np.random.Generator, working_mm: float = WORKING_MM
) -> View:
    """A random cut of `shape` on the working grid; never further than half its size outside the image."""
    image, bits = _turned_and_scaled(sample, rng, working_mm=working_mm)
    image = _fat_dimmed(image, bits, rng) if rng.random() < FAT_DIMMED_SHARE else image
    return _random_cut(normalised(_other_appearance(image, rng)), bits, shape, rng)


def _turned_and_scaled(
    sample: Sample, rng: np.random.Generator, *, working_mm: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    rows, columns = sample.image.shape
    zoom = float(np.exp(rng.uniform(np.log(0.8), np.log(1.25))))
    stretch = _stretch(rng)
    scale = np.array([sample.spacing[1] * stretch, sample.spacing[0] / stretch]) * (zoom / working_mm)
    size = (max(64, round(columns * scale[0])), max(64, round(rows * scale[1])))
    angle = float(np.clip(rng.normal(0, 7), -20, 20))
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1.0)
    turn = np.diag(scale) @ np.asarray(turn)
    turn[:, 2] += np.array(size) / 2 - np.diag(scale) @ (np.array([columns, rows]) / 2)
    source = _blurred(sample.image, 0.35 / float(scale.min())) if scale.min() < 0.7 else sample.image
    image = cv2.warpAffine(source, turn, size, flags=cv2.INTER_LINEAR, borderValue=0)
    bits = cv2.warpAffine(sample.bits, turn, size, flags=cv2.INTER_NEAREST, borderValue=BACKGROUND_BIT)
    return np.asarray(image, np.uint8), np.asarray(bits, np.uint16)


def _stretch(rng: np.random.Generator) -> float:
    """Square root of how much wider a pixel becomes than high: little, but some published images lost their aspect."""
    if rng.random() < ASPECT_LOST_SHARE:
        return float(np.exp(rng.uniform(-0.3, 0.3)))
    return float(np.exp(rng.normal(0, 0.03)))


def _other_appearance(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    seen: NDArray[np.float32] = image.astype(np.float32) / np.float32(255)
    if rng.random() < 0.8:
        seen = np.power(seen, np.float32(np.exp(rng.normal(0, 0.35))))
    if rng.random() < 0.6:
        seen = seen * _shading((image.shape[0], image.shape[1]), rng)
    if rng.random() < 0.4:
        seen = _coarser(seen, rng.uniform(1.1, 2.0))
    elif rng.random() < 0.2:
        seen = _sharpened(seen, rng.uniform(0.2, 0.8))
    if rng.random() < 0.15:
        seen = _curved(seen, rng)
    if rng.random() < 0.5:
        noise = rng.standard_normal(seen.shape, dtype=np.float32)
        seen = np.abs(seen + noise * np.float32(rng.uniform(0.005, 0.06)))
    top = max(float(np.percentile(seen, 99.5)), 1e-3) * rng.uniform(0.8, 1.15)
    return np.asarray(np.round(np.clip(seen / top, 0, 1) * 255), np.uint8)


def _fat_dimmed(image: NDArray[np.uint8], bits: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.uint8]:
    """As under fat saturation or STIR: all but discs and canal darkened; images without masks stay as they are."""
    water = (bits & ~np.uint16(WATER)) == 0
    if np.mean(water) < 0.02:
        return image
    kept = np.asarray(cv2.GaussianBlur(water.astype(np.float32), (0, 0), rng.uniform(0.6, 1.5)))
    dim = rng.uniform(0.15, 0.7)
    boost = rng.uniform(1.0, 1.6)
    gain = dim + (boost - dim) * kept
    return np.asarray(np.round(np.clip(image * gain, 0, 255)), np.uint8)


def _blurred(image: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def _shading(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    coarse = rng.normal(0, rng.uniform(0.1, 0.5), (3, 3)).astype(np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.exp(np.asarray(field, np.float32))


def _coarser(image: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    rows, columns = image.shape
    small = cv2.resize(image, (round(columns / factor), round(rows / factor)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32).clip(0)


def _sharpened(image: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 1.5), np.float32)
    return np.asarray(np.clip(image + np.float32(amount) * (image - soft), 0, None), np.float32)


def _curved(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A random tone curve, not always rising: contrasts that no sequence of ours has."""
    knots = np.concatenate([[0.0], rng.uniform(0, 1, 4), [1.0]])
    steady = np.linspace(0, 1, 6)
    mix = rng.uniform(0.3, 0.8)
    return np.interp(image, steady, mix * knots + (1 - mix) * steady).astype(np.float32)


def _random_cut(
    image: NDArray[np.float32], bits: NDArray[np.uint16], shape: tuple[int, int], rng: np.random.Generator
) -> View:
    telling = np.argwhere(bits[::8, ::8] != BACKGROUND_BIT) * 8
    rows, columns = shape
    if len(telling):
        low, high = np.percentile(telling, [2, 98], axis=0)
    else:
        low, high = np.zeros(2), np.array(image.shape)
    top = _offset(low[0], high[0], image.shape[0], rows, rng)
    left = _offset(low[1], high[1], image.shape[1], columns, rng)
    cut_image = np.full(shape, -MEAN / SD, np.float32)
    cut_bits = np.full(shape, BACKGROUND_BIT, np.uint16)
    there = (
        slice(max(top, 0), min(top + rows, image.shape[0])),
        slice(max(left, 0), min(left + columns, image.shape[1])),
    )
    here = slice(there[0].start - top, there[0].stop - top), slice(there[1].start - left, there[1].stop - left)
    cut_image[here], cut_bits[here] = image[there], bits[there]
    return View(image=cut_image, bits=cut_bits)


def _offset(low: float, high: float, length: int, wanted: int, rng: np.random.Generator) -> int:
    """Where a cut starts: inside the image where it fits, and over what is labelled."""
    if length <= wanted:
        return -int(rng.integers(0, wanted - length + 1))
    centre = rng.uniform(low, high)
    return int(np.clip(round(centre - wanted / 2 + rng.normal(0, wanted / 8)), 0, length - wanted))
