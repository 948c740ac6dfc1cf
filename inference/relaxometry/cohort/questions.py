"""Which questions a table of studies allows, and who takes part in each. Pure.

At one visit (the subject's first): each map with each variable, plain and with age, sex, BMI and group taken out;
each map between every two groups; T1rho with T2 at every voxel. Between the first and each later visit: the
difference against none, with the change of each variable, and between groups.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.relaxometry.cohort.table import COVARIATES, DISCS, Row, Table, Variable, slug_of
from inference.results import MapKind

KINDS: Final = (MapKind.T1RHO, MapKind.T2)

Matrix = NDArray[np.float64]


class Comparison(StrEnum):
    CORRELATION = "Pearson correlation"
    PARTIAL = "partial correlation"
    GROUPS = "unpaired t test"
    CHANGE = "one-sample t test of differences"
    TWO_MAPS = "Pearson correlation of two maps"


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """rows: places in the table; baseline: where differences are asked for, those that are taken off, one for each.

    missing: how many were left out for an empty cell. variable: (subject, disc), for groups 1 in the second.
    covariates: (subject, covariate) or None. groups: the two that are compared, or none.
    """

    name: str
    test: Comparison
    kind: MapKind
    rows: tuple[int, ...]
    missing: int
    variable: Matrix
    is_of_discs: bool = False
    covariates: Matrix | None = None
    groups: tuple[str, ...] = ()
    baseline: tuple[int, ...] = ()

    @property
    def slug(self) -> str:
        """A name for a folder."""
        return slug_of(self.name)


def questions_of(table: Table, *, wanted: Sequence[str] | None = None) -> tuple[Question, ...]:
    """wanted: names of variables; all where None. Age and BMI are variables, too, where they are given."""
    return tuple(_all(_Asked(table=table, wanted=wanted)))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    table: Table
    wanted: Sequence[str] | None

    def variables(self) -> Iterator[Variable]:
        """Those of the table, age and BMI."""
        own = list(self.table.variables)
        for name in ("age", "bmi"):
            column = np.array([getattr(row, name) for row in self.table.rows])
            if np.isfinite(column).any():
                own.append(Variable(name=name, values=np.tile(column[:, None], len(DISCS)), is_of_discs=False))
        return (one for one in own if self.wanted is None or one.name in self.wanted)


def _all(asked: _Asked) -> Iterator[Question]:
    first = first_visits(asked.table)
    for kind in KINDS:
        for variable in asked.variables():
            yield from _of_variable(asked.table, kind, first, variable)
        yield from _of_groups(asked.table, _Visits(kind=kind, rows=first))
    yield Question(
        name="T1rho and T2",
        test=Comparison.TWO_MAPS,
        kind=MapKind.T1RHO,
        rows=first,
        missing=0,
        variable=np.full((len(first), len(DISCS)), np.nan),
    )
    for later in asked.table.time_points[1:]:
        for kind in KINDS:
            yield from _of_change(asked, changes_of(asked.table, later, kind))


def first_visits(table: Table) -> tuple[int, ...]:
    """The place of each subject's first row."""
    order = {point: number for number, point in enumerate(table.time_points)}
    first: dict[str, int] = {}
    for place, row in enumerate(table.rows):
        earlier = first.get(row.subject)
        if earlier is None or order[row.time_point] < order[table.rows[earlier].time_point]:
            first[row.subject] = place
    return tuple(sorted(first.values()))


def _of_variable(table: Table, kind: MapKind, first: tuple[int, ...], variable: Variable) -> Iterator[Question]:
    own = variable.values[list(first)]
    there = _any_known(own)
    plain = Question(
        name=f"{kind} and {variable.name}",
        test=Comparison.CORRELATION,
        kind=kind,
        rows=_chosen(first, there),
        missing=int((~there).sum()),
        variable=own[there],
        is_of_discs=variable.is_of_discs,
    )
    yield plain
    names, covariates = covariates_of([table.rows[place] for place in first], without=variable.name)
    complete = there & np.isfinite(covariates).all(axis=1)
    if names:
        yield replace(
            plain,
            name=f"{plain.name} without {', '.join(names)}",
            test=Comparison.PARTIAL,
            rows=_chosen(first, complete),
            missing=int((~complete).sum()),
            variable=own[complete],
            covariates=covariates[complete],
        )


def covariates_of(rows: Sequence[Row], *, without: str) -> tuple[tuple[str, ...], Matrix]:
    """Those that are given and vary, as columns of numbers; a group is one column for each but its first."""
    columns: dict[str, list[Matrix]] = {
        name: [np.array([getattr(row, name) for row in rows])] for name in COVARIATES if name not in {without, "group"}
    }
    labels = np.array([row.group for row in rows])
    known = np.where(labels == "", np.nan, 0.0)
    columns["group"] = [known + (labels == group) for group in sorted(set(labels) - {""})[1:]]
    names = tuple(name for name in COVARIATES if any(_varies(column) for column in columns.get(name, [])))
    chosen = [column for name in names for column in columns[name]]
    return names, np.column_stack(chosen) if chosen else np.empty((len(rows), 0))


def _varies(column: Matrix) -> bool:
    known = column[np.isfinite(column)]
    return bool(known.size and np.ptp(known) > 0)


@dataclass(frozen=True, kw_only=True)
class _Visits:
    """One map at rows, or its change since baseline; words: how that is called."""

    kind: MapKind
    rows: tuple[int, ...]
    baseline: tuple[int, ...] = ()
    words: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.words}".strip()


def changes_of(table: Table, later: str, kind: MapKind) -> _Visits:
    """Of every subject with a visit at the first time point of the table and at a later one."""
    first = {row.subject: at for at, row in enumerate(table.rows) if row.time_point == table.time_points[0]}
    rows = tuple(at for at, row in enumerate(table.rows) if row.time_point == later and row.subject in first)
    return _Visits(
        kind=kind,
        rows=rows,
        baseline=tuple(first[table.rows[at].subject] for at in rows),
        words=f"difference {later} less {table.time_points[0]}",
    )


def _of_groups(table: Table, visits: _Visits) -> Iterator[Question]:
    labels = np.array([table.rows[place].group for place in visits.rows])
    for groups in combinations(table.groups, 2):
        taking_part = np.isin(labels, groups)
        is_second = np.where(labels[taking_part] == groups[1], 1.0, 0.0)
        yield Question(
            name=f"{visits.name} of {groups[1]} against {groups[0]}",
            test=Comparison.GROUPS,
            kind=visits.kind,
            rows=_chosen(visits.rows, taking_part),
            baseline=_chosen(visits.baseline, taking_part) if visits.baseline else (),
            missing=int((labels == "").sum()),
            variable=np.tile(is_second[:, None], len(DISCS)),
            groups=groups,
        )


def _of_change(asked: _Asked, visits: _Visits) -> Iterator[Question]:
    rows, baseline = visits.rows, visits.baseline
    yield Question(
        name=visits.name,
        test=Comparison.CHANGE,
        kind=visits.kind,
        rows=rows,
        baseline=baseline,
        missing=0,
        variable=np.ones((len(rows), len(DISCS))),
    )
    for variable in asked.variables():
        change = variable.values[list(rows)] - variable.values[list(baseline)]
        there = _any_known(change)
        if _varies(change):
            yield Question(
                name=f"{visits.name} and change of {variable.name}",
                test=Comparison.CORRELATION,
                kind=visits.kind,
                rows=_chosen(rows, there),
                baseline=_chosen(baseline, there),
                missing=int((~there).sum()),
                variable=change[there],
                is_of_discs=variable.is_of_discs,
            )
    yield from _of_groups(asked.table, visits)


def _any_known(values: Matrix) -> NDArray[np.bool_]:
    """(subject,): a value at one disc at least."""
    return np.asarray(np.isfinite(values).any(axis=1))


def _chosen(rows: tuple[int, ...], chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(row for row, is_chosen in zip(rows, chosen, strict=True) if is_chosen)


def restricted(question: Question, chosen: NDArray[np.bool_]) -> Question:
    """chosen: (subject,)."""
    return replace(
        question,
        rows=_chosen(question.rows, chosen),
        baseline=_chosen(question.baseline, chosen) if question.baseline else (),
        variable=question.variable[chosen],
        covariates=None if question.covariates is None else question.covariates[chosen],
    )


def values_of(maps: Mapping[MapKind, Matrix], question: Question) -> Matrix:
    """(subject, voxel) of maps (row, voxel): the values themselves, or what they changed by."""
    own = np.asarray(maps[question.kind], np.float64)
    values = own[list(question.rows)]
    return values - own[list(question.baseline)] if question.baseline else values
