"""`lumbar-node cohort STUDIES.csv --out DIR`: what the discs of many studies have in common. Talks to: disk, terminal.

The work is done by node.cohort, which is loaded by name: a node that serves has no `cohort` extra.
"""

import argparse
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
_HEADINGS: Final = ("question", "disc", "subjects", "voxels", "p < alpha", "FDR", "max-T", "cluster", "whole disc p")
_COLUMNS: Final = (
    "question",
    "disc",
    "subjects",
    "voxels tested",
    "voxels significant, uncorrected",
    "voxels significant, FDR",
    "voxels significant, max-T permutation",
    "voxels significant, cluster permutation",
    "whole disc p",
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
    permutations = import_module("inference.relaxometry.cohort.correction").Permutations
    request = cohort.Request(
        table=asked.table,
        folder=asked.out,
        atlas=asked.atlas,
        variables=tuple(asked.variables.split(",")) if asked.variables else None,
        alpha=asked.alpha,
        permutations=permutations(count=asked.permutations, seed=asked.seed),
    )
    echoes = settings.relaxometry if settings else Relaxometry()
    outcome: Outcome = cohort.run(request, methods[CARD.name], echoes=echoes, progress=terminal.progress)
    return outcome


def _show(outcome: "Outcome", asked: argparse.Namespace, terminal: Terminal) -> None:
    rows = tuple(tuple(str(row[column]) for column in _COLUMNS) for row in outcome.statistics if row["voxels tested"])
    terminal.table(Grid(title="voxels that are significant", headings=_HEADINGS, rows=rows))
    for place, why in outcome.gathered.left_out.items():
        terminal.say(f"left out: study {place + 1} of the table: {why}")
    for question in outcome.unanswered:
        terminal.say(f"too few subjects: {question.name}")
    count = len(outcome.gathered.studies)
    terminal.say(f"{count} studies; maps, figures, statistics.csv and cohort.json in {asked.out}")
