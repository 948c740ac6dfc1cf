"""Graded axial phantoms for the network: as many of the rare grades as of the common ones. Pure.

Seed s is always the same person, level, wear and scanner; UNSEEN and above are for evaluation only.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from inference.axial_grading.samples import FACTS, Graded, bits_of, wide_cut
from inference.phantom.axial_draw import draw_section
from inference.phantom.axial_section import AxialSection
from inference.phantom.axial_slice import AxialSlice, training_axial
from inference.phantom.axial_truth import AxialTruth, lump_share, truth_of_section

UNSEEN = 1_000_000  # seeds from here on are never trained on
SYNTHETIC_PATIENT = -1
_STREAM, _TRIES = 21, 12
# How likely a drawn section is kept, by head and grade: rare ones always.
_KEEP = ((0.20, 0.9, 0.45, 0.8), (0.20, 0.22, 1.0, 1.0), (0.15, 1.0, 1.0, 0.5), (0.15, 1.0, 1.0, 0.5))


def phantom_samples(seeds: Iterable[int]) -> Iterator[Graded]:
    for seed in seeds:
        yield graded(phantom_slice(seed))


def phantom_slice(seed: int) -> AxialSlice:
    """One slice, its grades balanced by drawing again."""
    rng = np.random.default_rng([seed, _STREAM])
    return training_axial(rng, section=balanced_section(rng))


def balanced_section(rng: np.random.Generator) -> AxialSection:
    for _ in range(_TRIES):
        section = draw_section(rng)
        grades = truth_of_section(section).grades
        if rng.random() < max(row[grade] for row, grade in zip(_KEEP, grades, strict=True)):
            return section
    return section


def graded(cut: AxialSlice) -> Graded:
    return Graded(
        patient=SYNTHETIC_PATIENT,
        image=wide_cut(cut.image, (cut.pixel_mm, cut.pixel_mm), cut.border),
        bits=bits_of([(grade, grade) for grade in cut.truth.grades]),
        facts=facts_of(cut.section, cut.truth),
    )


def facts_of(section: AxialSection, truth: AxialTruth) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Size of the herniation, its place, area and crowding of the sac, free fluid, how far roots moved and are flat."""
    shares = [lump_share(section, lump) for lump in section.lumps]
    moved = [found.y - rest.y for found, rest in zip(truth.traversing, section.traversing, strict=True)]
    flat = [found.half_y / rest.radius for found, rest in zip(truth.traversing, section.traversing, strict=True)]
    facts = np.array(
        [
            max(shares, default=0.0),
            2.0 * np.sin(section.lumps[0].bearing) if section.lumps else 0.0,
            truth.bundle.area / 100,
            2 * truth.bundle.crowding,
            2 * truth.bundle.free_front,
            moved[1] / 2,
            moved[0] / 2,
            flat[1],
            flat[0],
        ],
        np.float32,
    )
    if facts.shape != (FACTS,):
        raise ValueError(facts.shape)
    return np.clip(facts, -4, 4)
