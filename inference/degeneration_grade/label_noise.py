"""How far the published grades can be trusted: where they contradict other readings of the same disc. Talks to: disk.

Counted over training patients alone.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.degeneration_grade.graded import GradedSlice
from inference.degeneration_grade.preprocess import disc_cut
from inference.degeneration_grade.views import discs_of
from inference.training.metrics import spearman
from inference.training.samples import is_held_out
from inference.training.sudirman import pfirrmann_grades

SUREST_RANK_CORRELATION = 0.3
FEWEST_DISCS = 4
SAME_DISC_SHARE = 0.5  # of the box's height: how far the middle of a mask may lie from the middle of its box


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """of: how many were looked at."""

    what: str
    count: int
    of: int


def contradictions(root: Path, slices: Sequence[GradedSlice]) -> Iterator[Contradiction]:
    """slices: graded slices of training patients."""
    yield from _flags(root)
    yield _reversed([each for each in slices if each.source == "spider"])
    yield from _two_readings(root, [each for each in slices if each.source == "sudirman"])


def _flags(root: Path) -> Iterator[Contradiction]:
    with (root / "spider_midslices" / "radiological_gradings.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if not is_held_out(int(row["Patient"]))]

    def count(what: str, grades: str, contradicts: Callable[[dict[str, str]], bool]) -> Contradiction:
        asked = [row for row in rows if row["Pfirrman grade"] in grades]
        return Contradiction(what=what, count=sum(map(contradicts, asked)), of=len(asked))

    yield count("SPIDER grade I or II, yet narrowed or herniated", "12", _is_narrowed_or_herniated)
    yield count("SPIDER grade V, yet not narrowed", "5", lambda row: row["Disc narrowing"] == "0")
    yield count(
        "SPIDER grade IV, yet not narrowed (the scale allows it)", "4", lambda row: row["Disc narrowing"] == "0"
    )
    yield count(
        "SPIDER grade III, yet narrowed (the scale allows a little)", "3", lambda row: row["Disc narrowing"] == "1"
    )


def _is_narrowed_or_herniated(row: dict[str, str]) -> bool:
    return _is_narrowed(row) or row["Disc herniation"] == "1"


def _is_narrowed(row: dict[str, str]) -> bool:
    return row["Disc narrowing"] == "1"


def _reversed(slices: Iterable[GradedSlice]) -> Contradiction:
    """Grades ought to rise as discs darken: patients in whom they fall."""
    correlations = []
    for each in slices:
        seen = [(_brightness(each, disc.mask), float(disc.grade)) for disc in discs_of(each)]
        if len(seen) >= FEWEST_DISCS and len({grade for _, grade in seen}) > 1:
            correlations.append(spearman(np.array(seen)))
    wrong = sum(each > SUREST_RANK_CORRELATION for each in correlations)
    what = (
        f"SPIDER patients whose brighter discs have the worse grades (rank correlation over {SUREST_RANK_CORRELATION})"
    )
    return Contradiction(what=what, count=wrong, of=len(correlations))


def _brightness(each: GradedSlice, mask: np.ndarray) -> float:
    """Of the disc's brightest quarter, in SDs of its own cut."""
    image, inside = disc_cut([each.image], mask, each.spacing)
    return float(np.percentile(image[inside > 0.5], 75))


def _two_readings(root: Path, slices: Sequence[GradedSlice]) -> Iterator[Contradiction]:
    """Sudirman's boxes call each disc normal, degenerated or bulging; its Pfirrmann grades are another reading."""
    grades, findings = pfirrmann_grades(root), _findings(root)
    read: dict[str, list[int]] = {}
    for each in slices:
        for rank, grade in grades[each.patient].items():
            finding = _finding_at(findings.get(each.name.removeprefix("sudirman_"), []), each, rank)
            if finding is not None:
                read.setdefault(finding, []).append(grade)
    normal, worn = read.get("disc_normal", []), read.get("disc_degenerated", [])
    yield Contradiction(
        what="Sudirman boxed as normal, yet grade IV or V", count=sum(g > 3 for g in normal), of=len(normal)
    )
    yield Contradiction(
        what="Sudirman boxed as degenerated, yet grade I or II", count=sum(g < 3 for g in worn), of=len(worn)
    )


@dataclass(frozen=True, kw_only=True)
class _Finding:
    name: str
    row: float
    height: float


def _findings(root: Path) -> dict[str, list[_Finding]]:
    """By image, without its suffix."""
    found: dict[str, list[_Finding]] = {}
    with (root / "sudirman_sagittal" / "boxes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            top, bottom = float(row["y0"]), float(row["y1"])
            if row["finding"].startswith("disc"):
                one = _Finding(name=row["finding"], row=(top + bottom) / 2, height=bottom - top)
                found.setdefault(Path(row["image"]).stem, []).append(one)
    return found


def _finding_at(findings: Sequence[_Finding], each: GradedSlice, rank: int) -> str | None:
    """Of the one box round this disc; None where there is none, or boxes disagree."""
    pixels = np.argwhere(each.ranks == rank)
    if not len(pixels):
        return None
    middle = float(pixels[:, 0].mean())
    names = {one.name for one in findings if abs(one.row - middle) < SAME_DISC_SHARE * one.height}
    return names.pop() if len(names) == 1 else None
