"""A disc of a study laid onto the disc of the atlas, mask to mask. Pure.

After Iriondo 2020: centroid onto centroid, a four-resolution affine (registration_affine), then a B-spline held
stiff by a rigidity penalty (registration_elastic). The field pulls back: for each pixel of the atlas's disc it names
the point of the patient that belongs there, so that every series of the study can be brought into the atlas. A field
that folds is refused.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dicom_io.volume import Volume
from inference.anatomy import Disc, Structure
from inference.errors import ImplausibleResult
from inference.relaxometry.atlas import Atlas
from inference.relaxometry.registration_affine import align
from inference.relaxometry.registration_elastic import ElasticSettings, bend
from inference.relaxometry.registration_patch import Patch, Points, atlas_patch, plane_of, study_patch
from inference.results import LabelMap

LOWEST_DICE: Final = 0.8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the tuner may change (registration_tuning). levels: resolutions of the affine."""

    levels: int = 4
    elastic: ElasticSettings = field(default_factory=ElasticSettings)


@dataclass(frozen=True, kw_only=True)
class Quality:
    """dice: of the study's mask, brought into the atlas, with the atlas's.

    jacobian_sd, jacobian_min: of the determinant of the elastic part over the atlas's disc; the affine has one
    determinant everywhere, how much larger the study's disc is.
    """

    dice: float
    jacobian_sd: float
    jacobian_min: float
    affine_determinant: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Registered:
    """points: (pixel, 3) LPS mm in the study's frame of reference, in the order of np.nonzero(atlas.mask(disc))."""

    disc: Disc
    frame_of_reference: str
    points: Points
    quality: Quality


def register(label_map: LabelMap, volume: Volume, *, disc: Disc, atlas: Atlas, settings: Settings) -> Registered:
    """volume: the one the labels are drawn on; its key slice is taken.

    Raises InputUnsuitable where the key slice has no such disc, ImplausibleResult where the field folds or misses.
    """
    key_slice = label_map.key_slice
    mask = np.asarray(label_map.labels[key_slice] == Structure(disc.value).channel)
    plane = plane_of(mask, volume, key_slice=key_slice, disc=disc)
    target = atlas_patch(atlas, disc)
    moving = study_patch(mask, volume, plane=plane, key_slice=key_slice, pixel_mm=atlas.pixel_mm)
    affine = align(target, moving, levels=settings.levels)
    elastic = bend(target, moving, affine=affine, settings=settings.elastic)
    places = affine(target.millimetres() + elastic.displacement)
    quality = Quality(
        dice=_dice(target.mask, moving, places),
        jacobian_sd=float(elastic.jacobian[target.mask].std()),
        jacobian_min=float(elastic.jacobian[target.mask].min()),
        affine_determinant=affine.determinant,
    )
    demand_plausible(quality, disc)
    return Registered(
        disc=disc,
        frame_of_reference=volume.frame_of_reference,
        points=plane.patient(places)[target.mask],
        quality=quality,
    )


def _dice(wanted: NDArray[np.bool_], moving: Patch, places: Points) -> float:
    seen = ndimage.map_coordinates(moving.distance, moving.pixels(places), order=1, mode="nearest") < 0
    return float(2 * (seen & wanted).sum() / (seen.sum() + wanted.sum()))


def demand_plausible(quality: Quality, disc: Disc) -> None:
    """Raises ImplausibleResult."""
    if quality.jacobian_min <= 0:
        raise ImplausibleResult(f"{disc.value}: the field folds (smallest determinant {quality.jacobian_min:.2f})")
    if quality.dice < LOWEST_DICE:
        raise ImplausibleResult(f"{disc.value}: the field misses the atlas (Dice {quality.dice:.2f})")
