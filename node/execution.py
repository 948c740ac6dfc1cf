"""A plan on its series -> findings per series. Talks to: disk, GPU.

A series or a method that says "never" becomes NotAnalysed with its reason; all else that is raised ends the work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.settings import Relaxometry
from dicom_io.roles import Role
from inference.anatomy import Sex
from inference.contract import Case, Method, Subject
from inference.results import NotAnalysed, Result
from node.inspection import Inspected, inspect_series
from node.ledger.rows import Choice, Verdict
from node.outcomes import REJECTED
from node.planning import Input, Plan, Step, Unfit
from node.reading import FilesOf, Material, Reader, by_role
from sr_reports.findings import Findings, MethodUsed
from sr_reports.results_json import AnalysedSeries

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


def execute(
    plan: Plan,
    *,
    methods: Mapping[str, ReadyMethod],
    files_of: FilesOf,
    begin: Callable[[str], None] = lambda _: None,
    relaxometry: Relaxometry | None = None,
) -> Execution:
    """begin: told each step before it starts. Raises what a method raises, but for REJECTED."""
    bench = _Bench(methods=methods, reader=Reader(files_of=files_of, relaxometry=relaxometry or Relaxometry()))
    for unfit in plan.unfit:
        begin(f"{unfit.method}: not analysed")
        bench.refuse(unfit)
    for step in plan.steps:
        begin(step.method)
        bench.do(step)
    return bench.execution()


class _Bench:
    """What is known so far; lives for one plan."""

    def __init__(self, *, methods: Mapping[str, ReadyMethod], reader: Reader) -> None:
        self._methods = methods
        self._reader = reader
        self._earlier: dict[str, Sequence[Result]] = {}
        self._findings: dict[str, list[Findings]] = defaultdict(list)
        self._roles: dict[str, Role] = {}
        self._refusals: list[Choice] = []

    def do(self, step: Step) -> None:
        """The results of one step stand in the series whose role they name, of several in the first time's."""
        card = self._methods[step.method].method.card
        required = {need.role for need in card.required}
        try:
            materials = self._materials(step)
            results = self._methods[step.method].method.run(self._case(step, materials))
        except REJECTED as why:
            for role, inputs in by_role(step.inputs).items():
                if role in required:
                    self.refuse(Unfit(method=step.method, input=inputs[0], reason=str(why)))
            return
        self._earlier[step.method] = results
        for one in materials:
            found = [result for result in results if result.role is one.role]
            if found or one.role in required:
                self._file(step.method, Input(role=one.role, series_uid=one.series_uid), found)

    def refuse(self, unfit: Unfit) -> None:
        refusal = NotAnalysed(role=unfit.input.role, disc=None, reason=unfit.reason)
        self._file(unfit.method, unfit.input, [refusal])

    def execution(self) -> Execution:
        analysed = (
            AnalysedSeries(source=source, findings=tuple(findings))
            for series_uid, findings in self._findings.items()
            if (source := self._reader.source(series_uid, self._roles[series_uid])) is not None
        )
        return Execution(analysed=tuple(analysed), refusals=tuple(self._refusals))

    def _file(self, method: str, one: Input, results: Sequence[Result]) -> None:
        used = self._methods[method].used
        self._roles[one.series_uid] = one.role
        self._findings[one.series_uid].append(Findings(method=used, role=one.role, results=tuple(results)))
        for result in results:
            if isinstance(result, NotAnalysed):
                where = f"{result.disc.value}: " if result.disc is not None else ""
                reason = f"{where}{result.reason}"
                self._refusals.append(
                    Choice(series_uid=one.series_uid, method=method, verdict=Verdict.NOT_ANALYSED, reason=reason)
                )

    def _materials(self, step: Step) -> Sequence[Material]:
        """Raises what REJECTED names where a needed series cannot be read, or none of those of which one is needed."""
        card = self._methods[step.method].method.card
        needed, either = ({need.role for need in needs} for needs in (card.needs, card.either))
        materials: list[Material] = []
        missed: list[Unfit] = []
        fault: Exception | None = None
        for role, inputs in by_role(step.inputs).items():
            try:
                materials.append(self._reader.material(inputs))
            except REJECTED as why:
                if role in needed:
                    raise
                if role in either:
                    missed.append(Unfit(method=step.method, input=inputs[0], reason=str(why)))
                    fault = why
        if fault is not None and not any(one.role in either for one in materials):
            raise fault
        for unfit in missed:
            self.refuse(unfit)
        return materials

    def _case(self, step: Step, materials: Sequence[Material]) -> Case:
        card = self._methods[step.method].method.card
        sources = {one.role: one.source for one in materials}
        return Case(
            volumes={role: source.volume for role, source in sources.items() if source.volume is not None},
            stacks={role: source.volumes for role, source in sources.items()},
            echoes={one.role: one.echoes for one in materials if one.echoes is not None},
            subject=self._subject(step.inputs),
            earlier={name: self._earlier[name] for name in card.after if name in self._earlier},
        )

    def _subject(self, inputs: Iterable[Input]) -> Subject:
        seen = [inspect_series(self._reader.files_of(one.series_uid)) for one in inputs]
        traits = next((one.traits for one in seen if isinstance(one, Inspected)), None)
        if traits is None:
            return Subject()
        return Subject(sex=_SEX.get(traits.patient_sex or ""), age_years=traits.patient_age_years)


def roles_of(plan: Plan) -> Mapping[str, Role]:
    """The role of every series that the plan names."""
    inputs = [one for step in plan.steps for one in step.inputs] + [unfit.input for unfit in plan.unfit]
    return {one.series_uid: one.role for one in inputs}
