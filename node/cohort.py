"""Maps of a cohort's studies from their DICOM folders, by the node's own method. Talks to: disk, GPU.

Loaded by name, because it needs the `cohort` extra (node/commands/cohort.py).
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from config.errors import ConfigError, Fault
from config.settings import Match, Rule
from config.settings import Relaxometry as EchoSources
from dicom_io.errors import DicomError
from inference.contract import Card, Case, Method
from inference.errors import InputUnsuitable
from inference.relaxometry.atlas import SHIPPED, read_atlas
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.from_results import study_of
from inference.relaxometry.cohort.questions import questions_of
from inference.relaxometry.cohort.study import Study
from inference.relaxometry.cohort.table import Row, Table, read_table
from inference.relaxometry.cohort.work import Outcome, Plan, gather, work
from inference.relaxometry.method import CARD
from inference.results import Result
from node.cohort_objects import study_of_objects, written_in
from node.dicom_folder import candidate_of, sha256_of, sorted_files
from node.execution import ReadyMethod, execute
from node.planning import Plan as StudyPlan
from node.planning import Rulebook, decide

_RULE: Final = Rule(name="cohort", match=Match(), methods=(CARD.name,), destinations=())
_NO_CALLER: Final = ""


class Progress(Protocol):
    def __call__(self, what: str, /, *, total: int) -> AbstractContextManager[Callable[[str], None]]:
        """A bar of so many steps; inside, each step is told before it begins."""
        ...


@dataclass(frozen=True, kw_only=True)
class Request:
    """variables: names of those to look at, all where None. atlas: a site's own, or None. seed: of permutations."""

    table: Path
    folder: Path
    atlas: Path | None
    variables: tuple[str, ...] | None
    alpha: float
    permutations: int
    seed: int


def run(request: Request, ready: ReadyMethod, *, echoes: EchoSources, progress: Progress) -> Outcome:
    """Reads the table, brings every study into the atlas, answers, writes. ready: relaxometry.

    Raises ConfigError for faults of the table, InputUnsuitable for those of the atlas, OSError.
    """
    table = read_table(request.table)
    _check(request, table)
    plan = Plan(
        folder=request.folder,
        atlas=read_atlas(request.atlas or SHIPPED),
        alpha=request.alpha,
        permutations=Permutations(count=request.permutations, seed=request.seed),
        wanted=request.variables,
    )
    with progress("registering", total=len(table.rows)) as begin:
        gathered = gather(table, DicomSource(ready=ready, echoes=echoes), plan, begin=begin)
    with progress("testing", total=len(questions_of(table, wanted=plan.wanted))) as begin:
        return work(table, gathered, plan, begin=begin)


def _check(request: Request, table: Table) -> None:
    """Raises ConfigError."""
    known = {one.name for one in table.variables} | {"age", "bmi"}
    faults = [
        Fault(place="--variables", words=f"the table has no column {name!r}")
        for name in request.variables or ()
        if name not in known
    ]
    if not 0 < request.alpha < 1:
        faults.append(Fault(place="--alpha", words="lies between 0 and 1"))
    if request.permutations < 0 or request.seed < 0:
        faults.append(Fault(place="--permutations and --seed", words="are 0 or more"))
    if faults:
        raise ConfigError(faults)


@dataclass(frozen=True, kw_only=True, eq=False)
class DicomSource:
    """A study is a folder of MR images, analysed as the node does it, or of the objects that it wrote before."""

    ready: ReadyMethod
    echoes: EchoSources

    def fingerprint(self, row: Row) -> str:
        """Of the bytes of all files, the method with its weights, and how times are read."""
        digests = sorted(sha256_of(file) for file in row.study.rglob("*") if file.is_file())
        parts = [self.ready.used.signature, self.echoes.model_dump_json(), *digests]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def study(self, row: Row) -> Study:
        """Raises InputUnsuitable where the folder is not one study with a series that the method takes."""
        studies = sorted_files([row.study]).studies
        if not studies:
            return _from_objects(row.study)
        if len(studies) != 1:
            raise InputUnsuitable(f"the folder holds {len(studies)} studies with MR images; it must hold one")
        (series,) = studies.values()
        watched = _Watched(method=self.ready.method)
        methods = {CARD.name: replace(self.ready, method=watched)}
        decision = decide(
            [candidate_of(found) for found in series.values()],
            calling_ae=_NO_CALLER,
            rulebook=Rulebook(rules=(_RULE,), cards={CARD.name: CARD}),
        )
        if not isinstance(decision.what, StudyPlan):
            raise InputUnsuitable(decision.what.reason)
        files = {series_uid: [one.path for one in found] for series_uid, found in series.items()}
        try:
            done = execute(decision.what, methods=methods, files_of=lambda uid: files[uid], relaxometry=self.echoes)
        except DicomError as why:
            raise InputUnsuitable(str(why)) from why
        if watched.seen is None or not watched.found:
            raise InputUnsuitable("; ".join(dict.fromkeys(one.reason for one in done.refusals)) or "nothing was found")
        return study_of(watched.seen, watched.found)


def _from_objects(folder: Path) -> Study:
    """Raises InputUnsuitable."""
    try:
        return study_of_objects(written_in(folder))
    except DicomError as why:
        raise InputUnsuitable(str(why)) from why


@dataclass(kw_only=True, eq=False)
class _Watched:
    """The method, and what it saw and found last."""

    method: Method
    seen: Case | None = None
    found: Sequence[Result] = ()

    @property
    def card(self) -> Card:
        return self.method.card

    def run(self, case: Case) -> Sequence[Result]:
        self.found = self.method.run(case)
        self.seen = case
        return self.found
