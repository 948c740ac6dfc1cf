"""What a method is: a card that says what it needs, and a run that turns a case into results. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import Sex
from inference.results import Result


@dataclass(frozen=True, kw_only=True)
class Need:
    """A role that must be filled; refuse answers why this series will not do, or None when it will.

    gathers: several series fill the role together where each holds one image per position, one time per series.
    """

    role: Role
    refuse: Callable[[SeriesTraits], str | None]
    gathers: bool = False


@dataclass(frozen=True, kw_only=True)
class Card:
    """Name, version and needs of a method.

    weights: names of ONNX files, known by their sha256 (inference.runtime).
    either: of these, at least one must be filled, too; all that are filled are taken.
    wishes: series that it takes where they are there, and runs without.
    caveat: what every report of this method must say of how it learned; None where there is nothing to warn of.
    is_rare: few protocols hold its series, so a study waits for them only once one of them is there.
    """

    name: str
    version: str
    paper: str
    needs: tuple[Need, ...]
    after: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    wishes: tuple[Need, ...] = ()
    either: tuple[Need, ...] = ()
    caveat: str | None = None
    is_rare: bool = False

    @property
    def required(self) -> tuple[Need, ...]:
        """Those whose refusal is worth a word: needs and either."""
        return (*self.needs, *self.either)

    @property
    def roles(self) -> frozenset[Role]:
        """All that it can use."""
        return frozenset(need.role for need in (*self.required, *self.wishes))


@dataclass(frozen=True, kw_only=True, eq=False)
class Echoes:
    """One slice stack at several spin-lock or echo times: times_ms ascending, volumes on one grid, one per time.

    is_3d: the header says that all slices were excited together.
    """

    times_ms: tuple[float, ...]
    volumes: tuple[Volume, ...]
    is_3d: bool = False


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the header says of the person, as far as reference ranges need it."""

    sex: Sex | None = None
    age_years: float | None = None


@dataclass(frozen=True, kw_only=True)
class Case:
    """volumes by role, the first echo where there are several; echoes by role, of those with several.

    stacks by role: all stacks of a series, e.g. one angled stack per disc; slices are counted through them in order.
    earlier: results of the methods named in Card.after; each is drawn on the volume of its own role.
    """

    volumes: Mapping[Role, Volume]
    echoes: Mapping[Role, Echoes] = field(default_factory=dict)
    subject: Subject = field(default_factory=Subject)
    earlier: Mapping[str, Sequence[Result]] = field(default_factory=dict)
    stacks: Mapping[Role, tuple[Volume, ...]] = field(default_factory=dict)


class Method(Protocol):
    """Reads no file, clock or header; raises InputUnsuitable, DeviceExhausted or ImplausibleResult, nothing else."""

    @property
    def card(self) -> Card: ...

    def run(self, case: Case) -> Sequence[Result]: ...
