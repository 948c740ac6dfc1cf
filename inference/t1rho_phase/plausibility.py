"""What the method says of real T1 that nobody has measured T1rho of: levels, phases, rank correlation with Pfirrmann.

Talks to: disk, the networks it is given.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.anatomy import Disc
from inference.t1rho_phase.detection import detect
from inference.t1rho_phase.levels import Levels, name_levels
from inference.t1rho_phase.method import Networks
from inference.t1rho_phase.phases import in_ms, phase_odds
from inference.t1rho_phase.preprocess import cut_image, grey
from inference.training.card import Line, as_table
from inference.training.metrics import ByPatient, mean, over_patients, spearman
from inference.training.spider import MidSlice, mid_slices


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One disc: predicted mean T1rho in ms, predicted phase, Pfirrmann grade from T2 (None: not graded)."""

    patient: int
    mean: float
    phase: int
    pfirrmann: int | None


def plausibility(networks: Networks, root: Path) -> str:
    five: ByPatient = {}
    sure: ByPatient = {}
    readings: list[Reading] = []
    for each in mid_slices(root, ("t1",)):
        image = grey(each.image.astype(np.float32))
        levels = name_levels(detect(networks.detector, image, each.spacing), each.spacing)
        five.setdefault(each.patient, []).append([float(levels is not None and len(levels.discs) == len(Disc))])
        sure.setdefault(each.patient, []).append([float(levels is not None and levels.doubt is None)])
        if levels is not None:
            readings += list(_read(networks, each, levels))
    lines = [
        Line(what="SPIDER T1, five lumbar discs found", asked="", figure=over_patients(five, mean)),
        Line(what="SPIDER T1, no doubt of the levels", asked="", figure=over_patients(sure, mean)),
        Line(
            what="SPIDER T1, Spearman of predicted mean T1rho and Pfirrmann",
            asked="< 0",
            figure=over_patients(_graded(readings), spearman),
        ),
    ]
    return f"{as_table(lines)}\n\n{_distribution(readings)}"


def _read(networks: Networks, each: MidSlice, levels: Levels) -> Iterator[Reading]:
    image = grey(each.image.astype(np.float32))
    for disc, found in levels.discs.items():
        values = in_ms(networks.regression(cut_image(image, found.box, each.spacing)[None])[0])
        yield Reading(
            patient=each.patient,
            mean=values[1],
            phase=phase_odds(networks.phases, values).phase,
            pfirrmann=each.grades.get(len(Disc) - list(Disc).index(disc)),
        )


def _graded(readings: list[Reading]) -> ByPatient:
    rows: ByPatient = {}
    for each in readings:
        if each.pfirrmann is not None:
            rows.setdefault(each.patient, []).append([each.mean, float(each.pfirrmann)])
    return rows


def _distribution(readings: list[Reading]) -> str:
    """Phases by Pfirrmann grade, and the spread of predicted means."""
    head = "| Pfirrmann (T2) | discs | mean of predicted T1rho, ms | phase 1 | phase 2 | phase 3 |"
    lines = [head, "|---|---|---|---|---|---|"]
    for grade in (1, 2, 3, 4, 5):
        chosen = [each for each in readings if each.pfirrmann == grade]
        if chosen:
            counts = Counter(each.phase for each in chosen)
            middle = float(np.mean([each.mean for each in chosen]))
            lines.append(f"| {grade} | {len(chosen)} | {middle:.0f} | {counts[1]} | {counts[2]} | {counts[3]} |")
    quartiles = np.percentile([each.mean for each in readings], [5, 25, 50, 75, 95])
    told = ", ".join(f"{each:.0f}" for each in quartiles)
    return "\n".join([*lines, "", f"Predicted mean T1rho of all discs, percentiles 5, 25, 50, 75, 95: {told} ms."])
