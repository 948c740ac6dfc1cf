"""STUDIES.csv: one row per study, checked as a whole before any work begins. Talks to: disk.

study       a folder with the MR images of one visit, or with the maps, segmentations and reports that the node
            wrote of them before; relative to the CSV file (required)
subject     the site's own pseudonym (required)
time_point  a number, or a text sorted as such; needed where a subject has several rows
group       any text; every two groups are compared
age, bmi    numbers; sex F or M: covariates, with group
any other   a numeric variable of the subject at that visit; `NAME L4/L5` and so on: of one disc each

An empty cell is a missing value: it leaves the row out of the analyses of that column, as Iriondo 2020 did.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from config.errors import ConfigError, Fault
from inference.anatomy import Disc

DISCS: Final = tuple(Disc)
COVARIATES: Final = ("age", "sex", "bmi", "group")
_REQUIRED: Final = ("study", "subject")
_OWN: Final = (*_REQUIRED, "time_point", *COVARIATES)
_SEX: Final = {"f": 1.0, "female": 1.0, "m": 0.0, "male": 0.0}
_LONGEST_NAME: Final = 40
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,40}")
_OF_DISC: Final = re.compile(rf"(.+) ({'|'.join(disc.value for disc in Disc)})")


@dataclass(frozen=True, kw_only=True)
class Row:
    """number: line in the file. age, sex (1 female), bmi: NaN where missing; group and time_point "" where missing."""

    number: int
    study: Path
    subject: str
    time_point: str
    group: str
    age: float
    sex: float
    bmi: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Variable:
    """values: (row, disc), equal along disc where it is one of the subject; NaN where missing."""

    name: str
    values: NDArray[np.float64]
    is_of_discs: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(sorted({row.group for row in self.rows} - {""}))

    @property
    def time_points(self) -> tuple[str, ...]:
        """From the first to the last."""
        points = {row.time_point for row in self.rows}
        numbers = all(_is_number(point) for point in points)
        return tuple(sorted(points, key=float) if numbers else sorted(points))


def slug_of(text: str) -> str:
    """Letters and digits, joined by dashes."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def read_table(path: Path) -> Table:
    """Raises ConfigError with every fault and its place, OSError where there is no such file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in enumerate(csv.reader(file), start=1) if any(cell.strip() for cell in line[1])]
    if len(lines) < 2:
        raise ConfigError([Fault(place=str(path), words="needs a line of headings and a line for each study")])
    headings = [cell.strip() for cell in lines[0][1]]
    faults = [Fault(place=f"line {lines[0][0]}", words=words) for words in _faults_of_headings(headings)]
    if faults:
        raise ConfigError(faults)
    cells = [_Cells(number=number, text=dict(zip(headings, line, strict=False))) for number, line in lines[1:]]
    rows = [_row(one, path.parent, faults) for one in cells]
    faults.extend(_faults_of_rows(rows))
    variables = tuple(_variables(headings, cells, faults))
    faults.extend(_faults_of_names(rows, variables))
    if faults:
        raise ConfigError(faults)
    return Table(rows=tuple(rows), variables=variables)


@dataclass(frozen=True, kw_only=True)
class _Cells:
    number: int
    text: Mapping[str, str]

    def __getitem__(self, heading: str) -> str:
        return self.text.get(heading, "").strip()


def _faults_of_headings(headings: Sequence[str]) -> Iterator[str]:
    for wanted in _REQUIRED:
        if wanted not in headings:
            yield f"there is no column {wanted}"
    for heading in dict.fromkeys(headings):
        if headings.count(heading) > 1:
            yield f"two columns are called {heading!r}"
        name = of_disc[1] if (of_disc := _OF_DISC.fullmatch(heading)) else heading
        if not _NAME.fullmatch(name):
            yield f"{heading!r} is no name for a column: letters, digits, space and _ . - will do"


def _row(cells: _Cells, folder: Path, faults: list[Fault]) -> Row:
    for heading in _REQUIRED:
        if not cells[heading]:
            faults.append(_fault(cells, heading, "is empty"))
    study = folder / cells["study"]
    if cells["study"] and not study.is_dir():
        faults.append(_fault(cells, "study", "is no folder"))
    sex = cells["sex"].casefold()
    if sex and sex not in _SEX:
        faults.append(_fault(cells, "sex", "is neither F nor M"))
    return Row(
        number=cells.number,
        study=study,
        subject=cells["subject"],
        time_point=cells["time_point"],
        group=cells["group"],
        age=_number(cells, "age", faults),
        sex=_SEX.get(sex, np.nan),
        bmi=_number(cells, "bmi", faults),
    )


def _variables(headings: Sequence[str], cells: Sequence[_Cells], faults: list[Fault]) -> Iterator[Variable]:
    own = [heading for heading in headings if heading not in _OWN]
    names = dict.fromkeys(match[1] if (match := _OF_DISC.fullmatch(heading)) else heading for heading in own)
    for name in names:
        columns = [f"{name} {disc.value}" for disc in DISCS]
        is_of_discs = any(column in own for column in columns)
        if is_of_discs and name in own:
            faults.append(Fault(place=name, words="is a column of its own and of single discs"))
        wanted = columns if is_of_discs else [name] * len(DISCS)
        table = {heading: [_number(one, heading, faults) for one in cells] for heading in dict.fromkeys(wanted)}
        values = np.array([table[heading] for heading in wanted]).T
        yield Variable(name=name, values=values, is_of_discs=is_of_discs)


def _number(cells: _Cells, heading: str, faults: list[Fault]) -> float:
    text = cells[heading]
    if text and not _is_number(text):
        faults.append(_fault(cells, heading, "is no number"))
    return float(text) if text and _is_number(text) else np.nan


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _faults_of_rows(rows: Sequence[Row]) -> Iterator[Fault]:
    """A study, and a subject's visit, may stand in one row only."""
    yield from _twice(rows, lambda row: str(row.study.resolve()), "is the study of an earlier row")
    yield from _twice(rows, lambda row: f"{row.subject}\n{row.time_point}", "has this subject at this time point again")


def _faults_of_names(rows: Sequence[Row], variables: Sequence[Variable]) -> Iterator[Fault]:
    """Names become folders: letters and digits must tell them apart."""
    named = {
        "group": {row.group for row in rows} - {""},
        "time_point": {row.time_point for row in rows} - {""},
        "headings": {one.name for one in variables},
    }
    for place, names in named.items():
        if len({slug_of(name).casefold() for name in names} - {""}) < len(names):
            yield Fault(place=place, words="two of its names have the same letters and digits, or one has none")
        if any(len(name) > _LONGEST_NAME for name in names):
            yield Fault(place=place, words=f"a name is longer than {_LONGEST_NAME} characters")


def _twice(rows: Sequence[Row], key: Callable[[Row], str], words: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for row in rows:
        if key(row) in seen and row.subject:
            yield Fault(place=f"line {row.number}", words=words)
        seen.add(key(row))


def _fault(cells: _Cells, heading: str, words: str) -> Fault:
    return Fault(place=f"line {cells.number}, {heading}", words=words)
