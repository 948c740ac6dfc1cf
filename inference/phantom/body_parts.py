"""One person's lumbar spine as values. LPS-like millimetres: x left, y back, z up; origin in the middle of L3. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from inference.anatomy import Sex
from inference.phantom.canal import Canal
from inference.phantom.grid import Field, Point
from inference.phantom.morphology import L1, S1, level_name


class Transition(StrEnum):
    NONE = "none"
    SACRALISED = "sacralised"
    LUMBARISED = "lumbarised"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where a body or disc stands in the mid-sagittal plane; tilt (radians): how much its end plate rises backwards."""

    y: float
    z: float
    tilt: float

    @property
    def back(self) -> Point:
        """Unit vector (y, z) along the end plates, towards the back."""
        return np.array([np.cos(self.tilt), np.sin(self.tilt)])

    @property
    def up(self) -> Point:
        return np.array([-np.sin(self.tilt), np.cos(self.tilt)])

    def local_back(self, y: Field, z: Field) -> Field:
        return (y - np.float32(self.y)) * np.float32(np.cos(self.tilt)) + (z - np.float32(self.z)) * np.float32(
            np.sin(self.tilt)
        )

    def local_up(self, y: Field, z: Field) -> Field:
        return (z - np.float32(self.z)) * np.float32(np.cos(self.tilt)) - (y - np.float32(self.y)) * np.float32(
            np.sin(self.tilt)
        )

    def at(self, *, back: float, up: float) -> Point:
        """The point (y, z) at local coordinates."""
        return np.array([self.y, self.z]) + back * self.back + up * self.up


@dataclass(frozen=True, kw_only=True)
class Haemangioma:
    """Offsets from the body's centre and radius."""

    back: float
    up: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class Schmorl:
    """A dent of a disc into an end plate; back is the offset from the body's centre."""

    back: float
    depth: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Plate:
    """One end plate: how hollow it is, the lip in front and behind, a dent or none."""

    hollow: float
    lip_front: float
    lip_back: float
    schmorl: Schmorl | None


@dataclass(frozen=True, kw_only=True)
class Vertebra:
    """taper: how much shallower the lower face is, 0 to 1; waist: hollow of front and back walls."""

    level: int
    frame: Frame
    depth: float
    width: float
    height: float
    wedge_degrees: float
    taper: float
    upper: Plate
    lower: Plate
    waist_front: float
    waist_back: float
    collapse: float
    fat_fraction: float
    haemangioma: Haemangioma | None
    vein_is_fat: bool
    spinous_scale: float
    spinous_drop: float

    @property
    def name(self) -> str:
        return level_name(self.level)

    @property
    def is_sacral(self) -> bool:
        return self.level >= S1


@dataclass(frozen=True, kw_only=True)
class Herniation:
    """size: how far it passes the posterior margin; aside: to the left; drift: upwards."""

    size: float
    aside: float
    drift: float


@dataclass(frozen=True, kw_only=True)
class Disc:
    """The disc below a level. grade 1 to 5; modic 0 to 3; cleft: strength of the dark band in the nucleus."""

    level: int
    frame: Frame
    height: float
    wedge_degrees: float
    grade: float
    bulge_front: float
    bulge_back: float
    herniation: Herniation | None
    nucleus_centre: float
    nucleus_reach: float
    cleft: float
    vacuum: bool
    high_intensity_zone: bool
    modic: int
    modic_reach: float
    stenosis: float
    signal_scale: float

    @property
    def name(self) -> str:
        return f"{level_name(self.level)}/{level_name(self.level + 1)}"

    @property
    def is_sacral(self) -> bool:
        return self.level >= S1


@dataclass(frozen=True, kw_only=True)
class LateralCurve:
    """Scoliosis: how far left of the mid-plane the spine runs."""

    amplitude: float
    wavelength: float
    phase: float

    def at(self, z: Field | float) -> Field:
        turn = np.cos(np.float32(2 * np.pi / self.wavelength) * z + np.float32(self.phase))
        return np.asarray(self.amplitude * (turn - np.float32(np.cos(self.phase))))


@dataclass(frozen=True, kw_only=True)
class Body:
    """What surrounds the spine: thicknesses (mm), muscle_fat 0 to 1, aorta_left its offset from the mid-plane (mm)."""

    fat_behind: float
    muscle_fat: float
    abdomen_depth: float
    prevertebral_fat: float
    presacral_fat: float
    aorta_left: float


@dataclass(frozen=True, kw_only=True)
class Spine:
    """vertebrae T9 to S5 and the discs below each of them but the last, cranial to caudal."""

    sex: Sex
    age: float
    size: float
    transition: Transition
    slipped_level: int | None
    slip: float
    vertebrae: tuple[Vertebra, ...]
    discs: tuple[Disc, ...]
    canal: Canal
    lateral: LateralCurve
    body: Body
    texture_seed: int

    def vertebra(self, level: int) -> Vertebra:
        return self.vertebrae[level - self.vertebrae[0].level]

    def disc(self, level_above: int) -> Disc:
        return self.discs[level_above - self.discs[0].level]

    @property
    def lumbar_discs(self) -> tuple[Disc, ...]:
        """L1/L2 to L5/S1."""
        return tuple(self.disc(level) for level in range(L1, S1))

    @property
    def frame_of_reference(self) -> str:
        """The UID that every series of this person shares: they lie still between them."""
        return f"2.25.{self.texture_seed + 1}"

    def straightened(self) -> "Spine":
        """The same spine without scoliosis."""
        return replace(self, lateral=replace(self.lateral, amplitude=0.0))
