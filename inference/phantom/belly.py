"""Bowel, vessels and pelvic organs as ellipsoids that stay put from slice to slice. Pure."""

from dataclasses import dataclass

import numpy as np

from inference.phantom.body_parts import Frame, Spine
from inference.phantom.grid import Field
from inference.phantom.solids import ellipse
from inference.phantom.stage import Local
from inference.phantom.tissues import Substance

_CONTENTS = (Substance.BOWEL, Substance.AIR, Substance.FLUID, Substance.ORGAN, Substance.FAT)


@dataclass(frozen=True, kw_only=True)
class Loop:
    """Half axes (mm): back and up in its frame, aside; x: its middle; wall: its thickness; softness: of its edge."""

    frame: Frame
    x: float
    half_back: float
    half_up: float
    half_aside: float
    wall: float
    content: Substance
    gain: float
    softness: float

    @property
    def radius(self) -> float:
        return max(self.half_back, self.half_up, self.half_aside) + abs(self.x)

    def distance(self, local: Local) -> Field:
        thin = np.sqrt(np.clip(1 - ((local.aside - self.x) / self.half_aside) ** 2, 1e-4, 1))
        return ellipse(local.back, local.up, half_a=self.half_back * thin, half_b=self.half_up * thin)


def draw_loops(rng: np.random.Generator, spine: Spine) -> list[Loop]:
    """Bowel before the whole spine, vessels near it, larger things in the pelvis."""
    deepest = spine.body.abdomen_depth
    bowel = [_bowel(rng, deepest) for _ in range(rng.integers(3, 22))]
    vessels = [_vessel(rng, deepest) for _ in range(rng.integers(4, 16))]
    promontory = spine.vertebra(6).frame
    pelvis = [_pelvic(rng, promontory) for _ in range(rng.integers(2, 8))]
    return [*bowel, *pelvis, *vessels]


def _bowel(rng: np.random.Generator, deepest: float) -> Loop:
    half = rng.uniform(6, 22)
    return Loop(
        frame=Frame(y=-rng.uniform(25, deepest + 20), z=rng.uniform(-150, 180), tilt=rng.uniform(-1.2, 1.2)),
        x=rng.uniform(-20, 20),
        half_back=half,
        half_up=half * rng.uniform(1, 2.2),
        half_aside=rng.uniform(15, 40),
        wall=rng.uniform(1.5, 3),
        content=_CONTENTS[int(rng.choice(len(_CONTENTS), p=[0.45, 0.2, 0.1, 0.15, 0.1]))],
        gain=rng.uniform(0.5, 1.1),
        softness=rng.uniform(1.0, 4.5),
    )


def _vessel(rng: np.random.Generator, deepest: float) -> Loop:
    half = rng.uniform(1.2, 4.5)
    return Loop(
        frame=Frame(y=-rng.uniform(22, deepest), z=rng.uniform(-130, 180), tilt=rng.uniform(-1.5, 1.5)),
        x=rng.uniform(-6, 6),
        half_back=half,
        half_up=half * rng.uniform(1, 3.5),
        half_aside=8.0,
        wall=0.6,
        content=Substance.FLOWING_BLOOD,
        gain=rng.uniform(0.5, 3),
        softness=1.2,
    )


def _pelvic(rng: np.random.Generator, promontory: Frame) -> Loop:
    """Rectum, sigmoid, uterus, bladder: below and before the promontory."""
    half = rng.uniform(9, 30)
    return Loop(
        frame=Frame(
            y=promontory.y - rng.uniform(-10, 90), z=promontory.z - rng.uniform(0, 110), tilt=rng.uniform(-0.9, 0.9)
        ),
        x=rng.uniform(-12, 12),
        half_back=half,
        half_up=half * rng.uniform(0.8, 1.8),
        half_aside=rng.uniform(20, 45),
        wall=rng.uniform(1.5, 4),
        content=_CONTENTS[int(rng.choice(len(_CONTENTS), p=[0.4, 0.15, 0.2, 0.25, 0.0]))],
        gain=rng.uniform(0.6, 1.1),
        softness=rng.uniform(1.0, 3.5),
    )
