"""axial_grading (Su 2022): axial T2 -> herniation, canal stenosis and root compression, 0 to 3, of each lumbar disc.

Talks to: the network it is given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.axial_grading.axial_stack import AxialStack, axial_stack
from inference.axial_grading.crossing import pictures_agree
from inference.axial_grading.disc_places import disc_places
from inference.axial_grading.heads import GRADES, HEADS, look
from inference.axial_grading.localise import DOUBTFUL_LIKENESS
from inference.axial_grading.sections import Section, sections_by_likeness, sections_of_discs
from inference.axial_grading.weighting import is_fluid_bright
from inference.contract import Card, Case, Need
from inference.errors import ImplausibleResult, InputUnsuitable
from inference.resolution import too_coarse
from inference.results import AxialGrade, LabelMap, NotAnalysed, Remark, Result
from inference.runtime import Network

WEIGHTS_NAME = "axial_grading_compact.onnx"
ROLE = Role.AXIAL_T2
COARSEST_PIXEL_MM, THICKEST_SLICE_MM = 1.2, 8.0
STEEP_TILT = 20.0  # degrees
LIKELY = 0.5
NO_LEVELS = "no sagittal T2 result in the same frame of reference: the levels are not known"
OTHER_FRAME = "the sagittal series names another frame of reference, but both show the same where they cross"
DARK_SAC = "the dural sac is hardly anywhere brighter than the discs: this looks like T1"
WELL_SAMPLED = 3  # groups of slices; fewer may all be stenosed


def refuse(traits: SeriesTraits) -> str | None:
    """Why this series will not do for the network, by its headers."""
    return too_coarse(traits, pixel_mm=COARSEST_PIXEL_MM, slice_mm=THICKEST_SLICE_MM)


def _any_will_do(_: SeriesTraits) -> None:
    """The sagittal series only lends its place: what was drawn on it has been judged already."""


CARD = Card(
    name="axial_grading",
    version="1.0.0",
    paper="Su et al. 2022, doi:10.3389/fendo.2022.890371",
    needs=(Need(role=ROLE, refuse=refuse),),
    wishes=(Need(role=Role.SAGITTAL_T2, refuse=_any_will_do),),
    after=("disc_quantification",),
    weights=(WEIGHTS_NAME,),
    caveat="Axial grades were learnt from a digital phantom (T2) and from report texts on real T1 images; "
    "no graded real axial T2 was available.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Level:
    """Slices of one disc, None where the level is not known; probabilities (section, head, grade)."""

    disc: Disc | None
    sections: tuple[Section, ...]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchor:
    """The sagittal result that names the levels."""

    drawn: LabelMap
    volume: Volume
    level_doubt: str | None


class AxialGrading:
    """Raises InputUnsuitable where no section through a lumbar disc is seen or the contrast is another."""

    def __init__(self, *, network: Network) -> None:
        """network: logits (batch, 16), of HEADS one after the other, already divided by their temperatures."""
        self._network = network

    @property
    def card(self) -> Card:
        return CARD

    def run(self, case: Case) -> Sequence[Result]:
        stacks = _views(case)
        anchor = _anchor(case, stacks)
        levels = tuple(self._levels(anchor, stacks))
        if not levels:
            raise InputUnsuitable("no slice shows a section through a lumbar disc")
        contrast = _contrast_doubt(levels)
        heads = range(len(HEADS))
        grades = [_grade(level, head, anchor=anchor, contrast=contrast) for level in levels for head in heads]
        if anchor is None:
            return Remark(role=ROLE, text=NO_LEVELS), *grades
        return *grades, *_missing(anchor.drawn, levels)

    def _levels(self, anchor: Anchor | None, stacks: Sequence[AxialStack]) -> Iterator[Level]:
        if anchor is None:
            for sections in sections_by_likeness(stacks):
                yield self._level(None, sections)
            return
        for disc, sections in sections_of_discs(disc_places(anchor.drawn, anchor.volume), stacks).items():
            if sections:
                yield self._level(disc, sections)

    def _level(self, disc: Disc | None, sections: tuple[Section, ...]) -> Level:
        probabilities = look(self._network, np.concatenate([section.image for section in sections]))
        if not np.isfinite(probabilities).all():
            raise ImplausibleResult("the network answers with numbers that are none")
        return Level(disc=disc, sections=sections, probabilities=probabilities)


def _views(case: Case) -> tuple[AxialStack, ...]:
    volumes = case.stacks.get(ROLE) or (case.volumes[ROLE],)
    firsts = np.cumsum([0, *(len(volume.voxels) for volume in volumes)])
    return tuple(axial_stack(volume, first=int(first)) for volume, first in zip(volumes, firsts, strict=False))


def _anchor(case: Case, stacks: Sequence[AxialStack]) -> Anchor | None:
    """The sagittal result, where the axial slices share its coordinates by name or by what is seen."""
    for result in (each for results in case.earlier.values() for each in results):
        volume = case.volumes.get(result.role) if isinstance(result, LabelMap) else None
        if not isinstance(result, LabelMap) or volume is None or result.labels.shape != volume.voxels.shape:
            continue
        if all(stack.frame_of_reference == volume.frame_of_reference for stack in stacks):
            return Anchor(drawn=result, volume=volume, level_doubt=result.level_doubt)
        if pictures_agree(stacks, volume, key_slice=result.key_slice):
            doubts = (result.level_doubt, OTHER_FRAME)
            return Anchor(drawn=result, volume=volume, level_doubt="; ".join(each for each in doubts if each))
    return None


def _contrast_doubt(levels: Sequence[Level]) -> str | None:
    if is_fluid_bright(section for level in levels for section in level.sections):
        return None
    if len(levels) >= WELL_SAMPLED:
        raise InputUnsuitable(DARK_SAC)
    return f"{DARK_SAC}, or there is stenosis in every slice"


def _grade(level: Level, head: int, *, anchor: Anchor | None, contrast: str | None) -> AxialGrade:
    """The worst of the slices; of slices with the same grade the one with the worst mean."""
    found = level.probabilities[:, head]
    values, means = found.argmax(axis=1), found @ np.arange(GRADES)
    worst = int(np.lexsort((means, values))[-1])
    section, value = level.sections[worst], int(values[worst])
    return AxialGrade(
        role=ROLE,
        disc=level.disc,
        side=HEADS[head].side,
        scale=HEADS[head].scale,
        value=value,
        probabilities=tuple(float(each) for each in found[worst]),
        slice_index=section.slice_index,
        box=section.box,
        level_doubt=NO_LEVELS if anchor is None else anchor.level_doubt,
        doubt=_doubt(section, float(found[worst, value]), contrast),
    )


def _doubt(section: Section, probability: float, contrast: str | None) -> str | None:
    doubts = [] if contrast is None else [contrast]
    if section.likeness < DOUBTFUL_LIKENESS:
        doubts.append("the slice hardly looks like a section through a lumbar disc")
    if section.tilt > STEEP_TILT:
        doubts.append(f"the slice is tilted by {section.tilt:.0f} degrees against the disc")
    if probability < LIKELY:
        doubts.append("no grade is more likely than not")
    return "; ".join(doubts) or None


def _missing(drawn: LabelMap, levels: Sequence[Level]) -> Iterator[NotAnalysed]:
    seen = {structure.value for structure in drawn.structures}
    for disc in Disc:
        if disc not in {level.disc for level in levels}:
            told = "no axial slice passes through it" if disc.value in seen else "not found in the sagittal slices"
            yield NotAnalysed(role=ROLE, disc=disc, reason=f"the disc: {told}")
