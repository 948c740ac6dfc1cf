"""Mean shape of the lumbar spine, level by level, in millimetres and degrees. Pure.

Bodies and canal after Panjabi 1991 (thoracic, Spine 16:888) and 1992 (lumbar, Spine 17:299); disc heights and wedges
tuned so that DH, DHI and HDR of the sampled spines meet the reference ranges of Zheng 2022.
Levels count downwards: T9 is -3, T12 is 0, L1 is 1, L5 is 5, S1 is 6, S5 is 10.
"""

from dataclasses import dataclass

import numpy as np

LEVELS = range(-3, 11)
L1, L5, S1 = 1, 5, 6


def level_name(level: int) -> str:
    if level < L1:
        return f"T{12 + level}"
    return f"L{level}" if level < S1 else f"S{level - L5}"


@dataclass(frozen=True, kw_only=True)
class BodyShape:
    """depth is antero-posterior, width left-right; wedge > 0 is taller in front."""

    depth: float
    width: float
    height: float
    wedge: float


@dataclass(frozen=True, kw_only=True)
class DiscShape:
    """Of the disc below a level: height at the rim's middle; wedge > 0 opens forwards."""

    height: float
    wedge: float


BODIES = {
    level: BodyShape(depth=depth, width=width, height=height, wedge=wedge)
    for level, (depth, width, height, wedge) in zip(
        LEVELS,
        [
            (26.0, 31.0, 21.5, -3.5),
            (27.0, 33.0, 22.5, -3.5),
            (28.0, 36.0, 23.5, -3.5),
            (29.5, 39.0, 25.0, -3.0),
            (30.5, 41.0, 26.4, -2.2),
            (32.2, 43.0, 27.0, -0.6),
            (33.0, 45.0, 27.2, 0.8),
            (33.5, 48.0, 27.0, 2.0),
            (33.5, 51.0, 26.4, 8.0),
            (32.0, 54.0, 29.5, 7.0),
            (21.5, 42.0, 25.0, -2.0),
            (14.5, 32.0, 21.0, -6.0),
            (11.0, 25.0, 18.0, -6.0),
            (8.5, 18.0, 15.0, -6.0),
        ],
        strict=True,
    )
}
DISCS = {
    level: DiscShape(height=height, wedge=wedge)
    for level, (height, wedge) in zip(
        LEVELS,
        [
            (3.5, 0.0),
            (3.9, 0.0),
            (4.4, 0.5),
            (5.3, 2.0),
            (6.1, 4.5),
            (7.3, 6.5),
            (8.4, 8.5),
            (9.1, 11.0),
            (9.1, 14.0),
            (2.2, -2.0),
            (1.5, -9.0),
            (1.2, -12.0),
            (1.0, -12.0),
            (1.0, 0.0),
        ],
        strict=True,
    )
}

# Against the level coordinate (x.5 lies in a disc); lengths in millimetres.
CANAL_KNOTS = (-3.0, 1.0, 2.0, 4.0, 5.0, 5.5, 6.0, 6.8, 7.4, 9.0, 10.5)
ANTERIOR_GAP = (1.0, 1.0, 1.2, 1.6, 2.4, 3.4, 4.2, 4.6, 4.4, 3.5, 2.0)  # posterior wall to dural sac: fat and veins
SAC_DEPTH = (15.0, 16.0, 15.5, 14.5, 13.5, 12.8, 11.0, 8.0, 4.5, 0.2, 0.1)
SAC_HALF_WIDTH = (9.0, 9.8, 9.8, 9.5, 9.2, 8.8, 7.6, 5.4, 3.2, 0.4, 0.3)
POSTERIOR_GAP = (1.0, 1.0, 1.0, 1.2, 1.6, 2.0, 2.6, 3.2, 4.0, 5.0, 3.0)
SPINOUS_LENGTH = (32.0, 32.0, 33.0, 32.0, 25.0, 16.0, 11.0, 7.0, 5.0, 3.0, 2.0)
SPINOUS_DROP = (42.0, 15.0, 10.0, 6.0, 4.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0)  # degrees below the end plate's direction


def along(table: tuple[float, ...], level: np.ndarray | float) -> np.ndarray:
    """A knot table at continuous level coordinates."""
    return np.asarray(np.interp(level, CANAL_KNOTS, table))
