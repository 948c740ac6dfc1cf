"""`lumbar-node cohort STUDIES.csv --out DIR`: what the discs of many studies have in common. Talks to: disk, terminal.

The work is done by node.cohort, which is loaded by name: a node that serves has no `cohort` extra.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from config.errors import ConfigError, Fault
from config.settings import Inference, Relaxometry
from inference.relaxometry.method import CARD
from node.commands.site import checked_settings
from node.methods import open_methods
from node.terminal import Grid, Terminal

if TYPE_CHECKING:
    from inference.relaxometry.cohort.work import Outcome

EXTRA: Final = ("SimpleITK", "nibabel", "nilearn", "statsmodels", "threadpoolctl")
_HEADINGS: Final = ("question", "subjects", "voxels", "FDR", "max-T", "cluster", "whole discs")
_COUNTED: Final = (
    "voxels tested",
    "voxels significant, FDR",
    "voxels significant, max-T permutation",
    "voxels significant, cluster permutation",
)


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """1 if no study could be used, or no question be answered."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        words = f"{', '.join(missing)} not installed: pip install 'lumbar-node[cohort]'"
        raise ConfigError([Fault(place="lumbar-node cohort", words=words)])
    outcome = _run(asked, terminal)
    if asked.json:
        terminal.raw((asked.out / "cohort.json").read_text(encoding="utf-8"))
    else:
        _show(outcome, asked, terminal)
    return 0 if outcome.answered else 1


def _run(asked: argparse.Namespace, terminal: Terminal) -> "Outcome":
    settings = checked_settings(asked.config) if asked.config else None
    cohort = import_module("node.cohort")
    methods = open_methods([CARD.name], settings.inference if settings else Inference())
    request = cohort.Request(
        table=asked.table,
        folder=asked.out,
        atlas=asked.atlas,
        variables=tuple(asked.variables.split(",")) if asked.variables else None,
        alpha=asked.alpha,
        permutations=asked.permutations,
        seed=asked.seed,
    )
    echoes = settings.relaxometry if settings else Relaxometry()
    outcome: Outcome = cohort.run(request, methods[CARD.name], echoes=echoes, progress=terminal.progress)
    return outcome


def _show(outcome: "Outcome", asked: argparse.Namespace, terminal: Terminal) -> None:
    if outcome.answered:
        rows = tuple(_row(question.name, outcome, asked.alpha) for question in outcome.answered)
        title = f"voxels, and whole discs by FDR, with p < {asked.alpha:g}"
        terminal.table(Grid(title=title, headings=_HEADINGS, rows=rows))
    for place, why in outcome.gathered.left_out.items():
        terminal.say(f"left out: study {place + 1} of the table: {why}")
    for question in outcome.unanswered:
        terminal.say(f"too few subjects: {question.name}")
    count = len(outcome.gathered.studies)
    terminal.say(f"{count} studies in the atlas; maps, figures, statistics.csv and cohort.json in {asked.out}")


def _row(name: str, outcome: "Outcome", alpha: float) -> tuple[str, ...]:
    """Over the five discs; a dash where that was not computed."""
    discs = [row for row in outcome.statistics if row["question"] == name]
    subjects = max(int(str(row["subjects"])) for row in discs)
    counts = [[str(row[column]) for row in discs] for column in _COUNTED]
    whole = [str(row["whole disc p, FDR"]) for row in discs]
    significant = [str(row["disc"]) for row, p in zip(discs, whole, strict=True) if p and float(p) < alpha]
    return (name, str(subjects), *(_total(cells) for cells in counts), ", ".join(significant) or "none")


def _total(cells: Sequence[str]) -> str:
    return str(sum(int(cell) for cell in cells if cell)) if any(cells) else "-"
