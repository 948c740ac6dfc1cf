"""How right the rules read reports: against a hundred that a person read. Talks to: disk.

reference/hand_read_reports.csv holds the person's readings without the texts (reference/README.md).
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from scipy.stats import binomtest

from inference.anatomy import Disc
from inference.axial_grading.report_rules import Herniation, Pressure, Said, read_report
from inference.training.card import Line
from inference.training.metrics import Figure

HAND_READ = Path(__file__).parent / "reference" / "hand_read_reports.csv"
LEAST = {
    "herniation": int(Herniation.PROTRUSION),
    "sac": int(Pressure.TOUCHED),
    "left": int(Pressure.TOUCHED),
    "right": int(Pressure.TOUCHED),
}
NAMES = {"herniation": "protrusion or more", "sac": "sac touched or more", "left": "left root", "right": "right root"}


def report_lines(root: Path) -> Iterator[Line]:
    """The unit is the report: it is right where all that was read of its levels is. Exact binomial intervals."""
    texts = report_texts(root)
    for name, least in LEAST.items():
        read, true = _findings(texts, name, least)
        wrong = {patient for patient, _ in read - true}
        missed = {patient for patient, _ in true - read}
        given = {patient for patient, _ in read}
        there = {patient for patient, _ in true}
        yield _line(f"reports, {NAMES[name]}: precision", len(given) - len(wrong), len(given), len(read))
        yield _line(f"reports, {NAMES[name]}: recall", len(there) - len(missed), len(there), len(true))


def report_texts(root: Path) -> dict[int, str]:
    with (root / "sudirman_axial_t1" / "reports.csv").open(newline="", encoding="utf-8-sig") as file:
        return {int(row["patient"]): row["notes"] for row in csv.DictReader(file)}


def _findings(texts: dict[int, str], name: str, least: int) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """(patient, level) where the rules read it, and where the person did; those that either left open are left out."""
    read, true = set(), set()
    with HAND_READ.open(newline="") as file:
        for row in csv.DictReader(file):
            place = int(row["patient"]), row["level"]
            found = _value(read_report(texts[place[0]])[Disc(place[1])], name)
            if row[name] == "" or found is None:
                continue
            if found >= least:
                read.add(place)
            if int(row[name]) >= least:
                true.add(place)
    return read, true


def _value(said: Said, name: str) -> int | None:
    values = {"herniation": said.herniation, "sac": said.sac, "left": said.left, "right": said.right}
    return None if values[name] is None else int(values[name] or 0)


def _line(what: str, right: int, reports: int, items: int) -> Line:
    interval = binomtest(right, reports).proportion_ci(method="exact")
    figure = Figure(
        value=right / reports, low=float(interval.low), high=float(interval.high), patients=reports, items=items
    )
    return Line(what=what, asked="", figure=figure)
