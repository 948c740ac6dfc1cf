"""Stack bodies and discs into a column: sacral slope, lordosis, slips, transitional anatomy. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inference.phantom.body_parts import Disc, Frame, Transition, Vertebra
from inference.phantom.grid import Point
from inference.phantom.morphology import L1, L5, LEVELS, S1

_FIRST = LEVELS[0]


@dataclass(frozen=True, kw_only=True)
class Posture:
    """Angles in degrees; lean: of the line L1 to S1 from the vertical; slip in millimetres, of a level on the next."""

    sacral_slope: float
    lordosis: float
    lean: float
    slipped_level: int | None
    slip: float


@dataclass(frozen=True, kw_only=True)
class Column:
    vertebrae: tuple[Vertebra, ...]
    discs: tuple[Disc, ...]


def draw_posture(rng: np.random.Generator, *, findings: bool) -> Posture:
    slope = float(np.clip(rng.normal(41, 8), 20, 62))
    slipped = int(rng.choice([4, 5])) if findings and rng.random() < 0.08 else None
    return Posture(
        sacral_slope=slope,
        lordosis=float(np.clip(slope + rng.normal(6, 7), 16, 74)),
        lean=rng.normal(3, 4),
        slipped_level=slipped,
        slip=rng.uniform(3, 9) if slipped else 0.0,
    )


def change_transition(column: Column, transition: Transition) -> Column:
    """A sacralised L5 sits on a stunted disc; a lumbarised S1 on a real one, and stands square."""
    vertebrae, discs = list(column.vertebrae), list(column.discs)
    if transition is Transition.SACRALISED:
        lowest = discs[L5 - _FIRST]
        discs[L5 - _FIRST] = replace(
            lowest, height=lowest.height * 0.45, grade=3.4, wedge_degrees=lowest.wedge_degrees * 0.5, herniation=None
        )
    if transition is Transition.LUMBARISED:
        first = vertebrae[S1 - _FIRST]
        vertebrae[S1 - _FIRST] = replace(first, taper=first.taper * 0.45)
        discs[S1 - _FIRST] = replace(discs[S1 - _FIRST], height=6.0, grade=2.6, wedge_degrees=2.0)
    return Column(vertebrae=tuple(vertebrae), discs=tuple(discs))


def stand(column: Column, posture: Posture) -> Column:
    """Every body and disc in its place; the middle of L3 is the origin."""
    bent = _bend(column, posture.lordosis)
    placed = _slide(_stack(bent, np.deg2rad(posture.sacral_slope)), posture)
    return _centre(_lean(placed, np.deg2rad(posture.lean)))


def _bend(column: Column, lordosis: float) -> Column:
    """Scale the disc wedges L1/L2 to L5/S1 so that the angle L1 to S1 is the lordosis."""
    inner = range(L1 - _FIRST, S1 - _FIRST)
    bony = sum(column.vertebrae[i].wedge_degrees for i in inner)
    soft = sum(column.discs[i].wedge_degrees for i in inner)
    factor = float(np.clip((lordosis - bony) / max(soft, 5.0), 0.2, 2.2))
    discs = [
        replace(disc, wedge_degrees=disc.wedge_degrees * factor) if L1 <= disc.level < S1 else disc
        for disc in column.discs
    ]
    return replace(column, discs=tuple(discs))


def _stack(column: Column, slope: float) -> Column:
    """Upwards and downwards from the end plate of S1 at (0, 0)."""
    top = S1 - _FIRST
    vertebrae, discs = list(column.vertebrae), list(column.discs)
    joint, tilt = np.zeros(2), slope
    for i in range(top - 1, -1, -1):
        frame, joint, tilt = _next(joint, tilt, extent=discs[i].height, turn=-discs[i].wedge_degrees)
        discs[i] = replace(discs[i], frame=frame)
        frame, joint, tilt = _next(joint, tilt, extent=vertebrae[i].height, turn=-vertebrae[i].wedge_degrees)
        vertebrae[i] = replace(vertebrae[i], frame=frame)
    joint, tilt = np.zeros(2), slope
    for i in range(top, len(vertebrae)):
        frame, joint, tilt = _next(joint, tilt, extent=-vertebrae[i].height, turn=vertebrae[i].wedge_degrees)
        vertebrae[i] = replace(vertebrae[i], frame=frame)
        if i < len(discs):
            frame, joint, tilt = _next(joint, tilt, extent=-discs[i].height, turn=discs[i].wedge_degrees)
            discs[i] = replace(discs[i], frame=frame)
    return Column(vertebrae=tuple(vertebrae), discs=tuple(discs))


def _next(joint: Point, tilt: float, *, extent: float, turn: float) -> tuple[Frame, Point, float]:
    """The frame of one part from the joint it stands on, and the joint and tilt beyond it."""
    beyond = tilt + np.deg2rad(turn)
    middle = (tilt + beyond) / 2
    axis = np.array([-np.sin(middle), np.cos(middle)])
    centre = joint + axis * extent / 2
    return Frame(y=float(centre[0]), z=float(centre[1]), tilt=float(middle)), joint + axis * extent, beyond


def _moved(frame: Frame, shift: Point) -> Frame:
    return replace(frame, y=float(frame.y + shift[0]), z=float(frame.z + shift[1]))


def _slide(column: Column, posture: Posture) -> Column:
    """Push the slipped level and all above it forwards; its disc follows half way."""
    if posture.slipped_level is None:
        return column
    level = posture.slipped_level
    shift = -posture.slip * column.vertebrae[level - _FIRST].frame.back
    share = {level: 0.5}
    return Column(
        vertebrae=tuple(replace(v, frame=_moved(v.frame, shift)) if v.level <= level else v for v in column.vertebrae),
        discs=tuple(
            replace(d, frame=_moved(d.frame, shift * share.get(d.level, 1.0))) if d.level <= level else d
            for d in column.discs
        ),
    )


def _each_frame(column: Column, change: Callable[[Frame], Frame]) -> Column:
    return Column(
        vertebrae=tuple(replace(v, frame=change(v.frame)) for v in column.vertebrae),
        discs=tuple(replace(d, frame=change(d.frame)) for d in column.discs),
    )


def _lean(column: Column, lean: float) -> Column:
    """Turn the whole so that the line from S1 to L1 leans forwards by that angle."""
    upper, lower = column.vertebrae[L1 - _FIRST].frame, column.vertebrae[S1 - _FIRST].frame
    turn = lean - float(np.arctan2(lower.y - upper.y, upper.z - lower.z))
    cos, sin = np.cos(turn), np.sin(turn)
    return _each_frame(
        column,
        lambda f: Frame(y=float(cos * f.y - sin * f.z), z=float(sin * f.y + cos * f.z), tilt=float(f.tilt + turn)),
    )


def _centre(column: Column) -> Column:
    middle = column.vertebrae[3 - _FIRST].frame
    shift = -np.array([middle.y, middle.z])
    return _each_frame(column, lambda f: _moved(f, shift))
