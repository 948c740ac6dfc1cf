"""Whether our figures move with level and sex as the paper's Table 5 says, on public patients. Talks to: disk.

Anatomy, not accuracy: training patients are looked at too, whose outlines the network may have seen. SPIDER's patients
have back pain and many a collapsed lower disc, the paper's are a population: so only discs up to Pfirrmann 3 count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.settings import Inference
from inference.anatomy import Disc
from inference.disc_quantification.evaluation import CARD, DiscNumbers, Rows, look, numbers_of, rank_of
from inference.disc_quantification.method import WEIGHTS_NAME
from inference.runtime import Network, find_weights, open_network
from inference.training.card import put_between_marks
from inference.training.metrics import Figure, over_patients
from inference.training.spider import MidSlice, mid_slices

LEVELS = (Disc.L1_L2, Disc.L2_L3, Disc.L3_L4, Disc.L5_S1)  # each against L4/5
VARIABLES = ("female", *(level.value for level in LEVELS))
WORST_GRADE = 3
QUANTITIES = tuple(each.name for each in fields(DiscNumbers))
NAMES = {"signal": "dSI", "height": "DH", "height_index": "DHI", "height_to_diameter": "HDR"}
PAPER: Mapping[str, tuple[float, float, float, float]] = {
    "female": (-0.0279, -0.2541, -0.1121, 0.1115),
    Disc.L1_L2.value: (0.2800, -0.7181, -0.6708, -0.4932),
    Disc.L2_L3.value: (0.1719, -0.3832, -0.4155, -0.2912),
    Disc.L3_L4.value: (0.0907, -0.1593, -0.1942, -0.1122),
    Disc.L5_S1.value: (0.1526, -0.0520, -0.0312, 0.1105),
}


def write_trends(root: Path, *, weights: Path) -> None:
    """Regresses dSI, DH, DHI and HDR of SPIDER's T2 mid-slices on level and sex; puts the table into CARD.md."""
    network = open_network(find_weights(weights, WEIGHTS_NAME), Inference(device="cpu"))
    put_between_marks(CARD, as_table(rows_of(network, list(mid_slices(root)))), mark="trends")


def rows_of(network: Network, slices: Sequence[MidSlice]) -> Rows:
    """By patient, a row for each disc that is not collapsed: the five variables as 0 or 1, then the four quantities."""
    rows: Rows = {}
    for each in slices:
        if each.female is None:
            continue
        found = look(network, each.image, each.spacing)
        for disc, numbers in (numbers_of(each.image, found) if found else {}).items():
            if each.grades.get(rank_of(disc), WORST_GRADE + 1) > WORST_GRADE:
                continue
            variables = [float(each.female), *(float(disc is level) for level in LEVELS)]
            rows.setdefault(each.patient, []).append([*variables, *astuple(numbers)])
    return rows


def standardised(rows: NDArray[np.float64], *, variable: int, quantity: int) -> float:
    """Coefficient of one variable in the least-squares fit by all of them, in SDs of the quantity per SD of it."""
    count = len(VARIABLES)
    spread = rows.std(axis=0)
    if spread[variable] == 0 or spread[count + quantity] == 0:
        return float("nan")
    design = np.column_stack([rows[:, :count], np.ones(len(rows))])
    slopes, *_ = np.linalg.lstsq(design, rows[:, count + quantity], rcond=None)
    return float(slopes[variable] * spread[variable] / spread[count + quantity])


def as_table(rows: Rows) -> str:
    """A line for each variable; in each column the paper's coefficient, then ours with its 95 % interval."""
    some = _figure(rows, 0, 0)
    lines = [
        f"{some.patients} patients, {some.items} discs.\n",
        "| against L4/5, male | " + " | ".join(f"{NAMES[name]}: paper, ours" for name in QUANTITIES) + " |",
        "|---|" + "---|" * len(QUANTITIES),
        *_lines(rows),
    ]
    return "\n".join(lines) + "\n"


def _lines(rows: Rows) -> Iterator[str]:
    for variable, name in enumerate(VARIABLES):
        cells = (
            f"{PAPER[name][quantity]:+.2f}, {_signed(_figure(rows, variable, quantity))}"
            for quantity in range(len(QUANTITIES))
        )
        yield f"| {name} | " + " | ".join(cells) + " |"


def _figure(rows: Rows, variable: int, quantity: int) -> Figure:
    return over_patients(rows, partial(standardised, variable=variable, quantity=quantity))


def _signed(figure: Figure) -> str:
    return f"{figure.value:+.2f} ({figure.low:+.2f} to {figure.high:+.2f})"
