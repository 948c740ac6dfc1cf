"""degeneration_grade (Ding 2024): sagittal T2 -> discs, each graded mild, moderate or serious, and Pfirrmann I to V.

Talks to: the networks it is given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.contract import Card, Case, Need
from inference.degeneration_grade.grading import Graded, graded
from inference.degeneration_grade.preprocess import disc_cut
from inference.degeneration_grade.quality import cropped, quality_of
from inference.errors import InputUnsuitable
from inference.resolution import too_coarse
from inference.results import Grade, LabelMap, NotAnalysed, Result, Scale
from inference.runtime import Network
from inference.sagittal.key_slice import find_key_slice
from inference.sagittal.preprocess import eight_bit
from inference.sagittal.saturation import doubt_of
from inference.sagittal.stack import SagittalStack, sagittal_stack

FINDER_NAME, CLASSIFIER_NAME = "unet_compact.onnx", "vgg11_attention_compact.onnx"
ROLE = Role.SAGITTAL_T2
DISCS_FROM = "disc_quantification"
SCALES = (Scale.DEGENERATION_GROUP, Scale.PFIRRMANN)
COARSEST_PIXEL_MM, THICKEST_SLICE_MM = 1.4, 8.0
SMALLEST_DISC_MM2 = 30.0


def refuse(traits: SeriesTraits) -> str | None:
    """Why this series will not do for the networks, by its headers."""
    if traits.inversion_time is not None and traits.inversion_time > 0:
        return "the grades are defined on plain T2, and an inversion pulse (STIR, FLAIR) changes the disc's signal"
    return too_coarse(traits, pixel_mm=COARSEST_PIXEL_MM, slice_mm=THICKEST_SLICE_MM)


CARD = Card(
    name="degeneration_grade",
    version="1.0.0",
    paper="Ding et al. 2024, doi:10.13429/j.cnki.cjcr.2024.05.039",
    needs=(Need(role=ROLE, refuse=refuse),),
    after=(DISCS_FROM,),
    weights=(FINDER_NAME, CLASSIFIER_NAME),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """The key slice and its discs: structures by channel on the pixels of the turned slice; neighbours may be none.

    drawn: the label map, if it is this method's own.
    """

    index: int
    pixels: NDArray[np.float32]
    neighbours: tuple[NDArray[np.float32], ...]
    spacing: tuple[float, float]
    channels: NDArray[np.uint8]
    level_doubt: str | None
    drawn: LabelMap | None

    def mask(self, disc: Disc) -> NDArray[np.bool_]:
        return np.asarray(self.channels == DISC_STRUCTURES[list(Disc).index(disc)].channel)

    @property
    def discs(self) -> NDArray[np.bool_]:
        return np.isin(self.channels, [each.channel for each in DISC_STRUCTURES])

    def is_seen(self, disc: Disc) -> bool:
        pixel_mm2 = self.spacing[0] * self.spacing[1]
        return bool(np.count_nonzero(self.mask(disc)) * pixel_mm2 >= SMALLEST_DISC_MM2)


class DegenerationGrade:
    """Takes the discs that disc_quantification drew, where it ran before; else finds them itself.

    reach: slices on either side of the key slice that the classifier also sees: 0, or 1 for the paper's three.
    Raises InputUnsuitable where no lumbar spine is seen.
    """

    def __init__(self, *, finder: Network, classifier: Network, reach: int = 0) -> None:
        self._finder, self._classifier, self._reach = finder, classifier, reach

    @property
    def card(self) -> Card:
        return CARD

    def run(self, case: Case) -> Sequence[Result]:
        stack = sagittal_stack(case.volumes[ROLE])
        scene = self._scene(case, stack)
        drawn = () if scene.drawn is None else (scene.drawn,)
        if not scene.discs.any():
            raise InputUnsuitable("no lumbar disc was found in the mid-sagittal slice")
        refusal = quality_of(scene.pixels, scene.discs, scene.spacing).refusal
        if refusal is not None:
            return *drawn, NotAnalysed(role=ROLE, disc=None, reason=refusal)
        return *drawn, *(result for disc in Disc for result in self._disc(scene, disc, doubt=doubt_of(scene.pixels)))

    def _scene(self, case: Case, stack: SagittalStack) -> Scene:
        earlier = _drawn_before(case)
        if earlier is None:
            return self._found(case.volumes[ROLE], stack)
        return self._seen(
            stack, earlier.key_slice, _turned(earlier.labels[earlier.key_slice], stack), doubt=earlier.level_doubt
        )

    def _found(self, volume: Volume, stack: SagittalStack) -> Scene:
        key = find_key_slice(self._finder, stack)
        drawn = key.label_map(volume, stack, role=ROLE, structures=DISC_STRUCTURES)
        return self._seen(stack, key.index, key.found.native, doubt=key.found.levels.doubt, drawn=drawn)

    def _seen(
        self,
        stack: SagittalStack,
        index: int,
        channels: NDArray[np.uint8],
        *,
        doubt: str | None,
        drawn: LabelMap | None = None,
    ) -> Scene:
        beside = [index + step for step in range(-self._reach, self._reach + 1) if step]
        last = len(stack.voxels) - 1
        return Scene(
            index=index,
            pixels=np.ascontiguousarray(stack.voxels[index]),
            neighbours=tuple(np.ascontiguousarray(stack.voxels[min(max(each, 0), last)]) for each in beside),
            spacing=stack.spacing,
            channels=channels,
            level_doubt=doubt,
            drawn=drawn,
        )

    def _disc(self, scene: Scene, disc: Disc, *, doubt: str | None) -> Iterator[Result]:
        """doubt: of the whole slice."""
        if not scene.is_seen(disc):
            yield NotAnalysed(role=ROLE, disc=disc, reason="the disc was not found or is out of view")
        elif cropped(scene.mask(disc), scene.spacing):
            yield NotAnalysed(role=ROLE, disc=disc, reason="the disc is cropped by the image's edge")
        else:
            found = self._graded(scene, disc)
            for scale in SCALES:
                value, probabilities = found.of(scale)
                yield Grade(
                    role=ROLE,
                    disc=disc,
                    scale=scale,
                    value=value,
                    probabilities=probabilities,
                    key_slice=scene.index,
                    level_doubt=scene.level_doubt,
                    doubt=doubt or found.doubt,
                )

    def _graded(self, scene: Scene, disc: Disc) -> Graded:
        images = [eight_bit(each) for each in (scene.pixels, *scene.neighbours)]
        return graded(self._classifier(both_ways_up(disc_cut(images, scene.mask(disc), scene.spacing))))


def both_ways_up(cut: NDArray[np.float32]) -> NDArray[np.float32]:
    """(channels, rows, columns) -> (2, channels, rows, columns): as it is, and upside down."""
    return np.stack([cut, cut[:, ::-1]]).astype(np.float32)


def _drawn_before(case: Case) -> LabelMap | None:
    """The discs that another method has drawn on this very series."""
    maps = [each for each in case.earlier.get(DISCS_FROM, ()) if isinstance(each, LabelMap) and each.role is ROLE]
    return maps[0] if maps else None


def _turned(labels: NDArray[np.uint8], stack: SagittalStack) -> NDArray[np.uint8]:
    """One slice of labels on the volume's grid, in the orientation of the stack."""
    upright = labels.T if stack.turned else labels
    return np.ascontiguousarray(np.flip(upright, stack.flips) if stack.flips else upright)
