"""A plan on its series -> findings per series. Talks to: disk, GPU.

A series or a method that says "never" becomes NotAnalysed with its reason; all else that is raised ends the work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dicom_io.read_volume import read_source, read_stacks, read_volume
from dicom_io.roles import Role
from dicom_io.sources import SourceSeries
from inference.anatomy import Sex
from inference.contract import Case, Method, Subject
from inference.results import NotAnalysed, Result
from node.inspection import Inspected, inspect_series
from node.ledger.rows import Choice, Verdict
from node.outcomes import REJECTED
from node.planning import Input, Plan, Step, Unfit
from sr_reports.findings import Findings, MethodUsed
from sr_reports.results_json import AnalysedSeries

_STACKED: Final = frozenset({Role.AXIAL_T1, Role.AXIAL_T2})  # often one angled stack per disc
_SEX: Final = {"F": Sex.FEMALE, "M": Sex.MALE}


@dataclass(frozen=True, kw_only=True)
class ReadyMethod:
    """A method that is loaded and warm, and how every object names it."""

    method: Method
    used: MethodUsed


@dataclass(frozen=True, kw_only=True)
class Execution:
    """analysed: per series. refusals: what was not analysed, and why."""

    analysed: tuple[AnalysedSeries, ...]
    refusals: tuple[Choice, ...]


FilesOf = Callable[[str], Sequence[Path]]
"""The files of the series with this UID."""


def execute(
    plan: Plan, *, methods: Mapping[str, ReadyMethod], files_of: FilesOf, begin: Callable[[str], None] = lambda _: None
) -> Execution:
    """begin: told each step before it starts. Raises what a method raises, but for REJECTED."""
    bench = _Bench(methods=methods, files_of=files_of)
    for unfit in plan.unfit:
        begin(f"{unfit.method}: not analysed")
        bench.refuse(unfit)
    for step in plan.steps:
        begin(step.method)
        bench.do(step)
    return bench.execution()


class _Bench:
    """What is known so far; lives for one plan."""

    def __init__(self, *, methods: Mapping[str, ReadyMethod], files_of: FilesOf) -> None:
        self._methods = methods
        self._files_of = files_of
        self._read: dict[str, SourceSeries] = {}
        self._earlier: dict[str, Sequence[Result]] = {}
        self._findings: dict[str, list[Findings]] = defaultdict(list)
        self._refusals: list[Choice] = []

    def do(self, step: Step) -> None:
        """The results of one step stand in the series whose role they name."""
        try:
            results = self._methods[step.method].method.run(self._case(step))
        except REJECTED as why:
            for one in self._needed(step):
                self.refuse(Unfit(method=step.method, input=one, reason=str(why)))
            return
        self._earlier[step.method] = results
        needed = self._needed(step)
        for one in step.inputs:
            found = [result for result in results if result.role is one.role]
            if found or one in needed:
                self._file(step.method, one, found)

    def _needed(self, step: Step) -> Sequence[Input]:
        """Without those that the method only wishes for."""
        roles = {need.role for need in self._methods[step.method].method.card.needs}
        return [one for one in step.inputs if one.role in roles]

    def refuse(self, unfit: Unfit) -> None:
        refusal = NotAnalysed(role=unfit.input.role, disc=None, reason=unfit.reason)
        self._file(unfit.method, unfit.input, [refusal])

    def execution(self) -> Execution:
        analysed = (
            AnalysedSeries(source=source, findings=tuple(findings))
            for series_uid, findings in self._findings.items()
            if (source := self._source(series_uid)) is not None
        )
        return Execution(analysed=tuple(analysed), refusals=tuple(self._refusals))

    def _file(self, method: str, one: Input, results: Sequence[Result]) -> None:
        used = self._methods[method].used
        self._findings[one.series_uid].append(Findings(method=used, role=one.role, results=tuple(results)))
        for result in results:
            if isinstance(result, NotAnalysed):
                where = f"{result.disc.value}: " if result.disc is not None else ""
                reason = f"{where}{result.reason}"
                self._refusals.append(
                    Choice(series_uid=one.series_uid, method=method, verdict=Verdict.NOT_ANALYSED, reason=reason)
                )

    def _case(self, step: Step) -> Case:
        card = self._methods[step.method].method.card
        read = {one.role: source for one in step.inputs if (source := self._input(step, one)) is not None}
        return Case(
            volumes={role: source.volume for role, source in read.items() if source.volume is not None},
            stacks={role: source.volumes for role, source in read.items()},
            subject=self._subject(step.inputs),
            earlier={name: self._earlier[name] for name in card.after if name in self._earlier},
        )

    def _input(self, step: Step, one: Input) -> SourceSeries | None:
        """None for a series that is wished for and cannot be read."""
        try:
            return self._series(one)
        except REJECTED:
            if one in self._needed(step):
                raise
            return None

    def _series(self, one: Input) -> SourceSeries:
        if one.series_uid not in self._read:
            files = self._files_of(one.series_uid)
            stacked = one.role in _STACKED
            self._read[one.series_uid] = read_stacks(files) if stacked else read_volume(files).source
        return self._read[one.series_uid]

    def _subject(self, inputs: Iterable[Input]) -> Subject:
        seen = [inspect_series(self._files_of(one.series_uid)) for one in inputs]
        traits = next((one.traits for one in seen if isinstance(one, Inspected)), None)
        if traits is None:
            return Subject()
        return Subject(sex=_SEX.get(traits.patient_sex or ""), age_years=traits.patient_age_years)

    def _source(self, series_uid: str) -> SourceSeries | None:
        """None where no report could name the images: the reason stands in the ledger and in results.json alone."""
        if series_uid in self._read:
            return self._read[series_uid]
        try:
            return read_source(self._files_of(series_uid))
        except REJECTED:
            return None


def roles_of(plan: Plan) -> Mapping[str, Role]:
    """The role of every series that the plan names."""
    inputs = [one for step in plan.steps for one in step.inputs] + [unfit.input for unfit in plan.unfit]
    return {one.series_uid: one.role for one in inputs}
