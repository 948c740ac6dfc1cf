"""What one method found in one series, and which method that was: the input of every report. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dicom_io.roles import Role
from inference.anatomy import DISC_STRUCTURES, Disc, Structure
from inference.contract import Card
from inference.results import (
    AxialGrade,
    DetectedDisc,
    Grade,
    LabelMap,
    Measurement,
    NotAnalysed,
    Remark,
    Result,
    ScalarMap,
)
from sr_reports.errors import FindingsContradict


@dataclass(frozen=True, kw_only=True)
class WeightsUsed:
    """A weights file that took part: its name on the method's card and the sha256 of its bytes in hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class MethodUsed:
    """The method behind a finding, as every object of ours names it. caveat: inference.contract.Card."""

    name: str
    version: str
    paper: str
    weights: tuple[WeightsUsed, ...] = ()
    caveat: str | None = None

    @property
    def signature(self) -> str:
        """Equal for equal methods: what a report says of the one behind a number, in one text."""
        return signature(self.name, self.version, [weights_text(used) for used in self.weights])


def weights_text(used: WeightsUsed) -> str:
    return f"weights {used.name} sha256={used.sha256}"


def signature(name: str, version: str, parameters: Sequence[str]) -> str:
    return "; ".join([name, version, *parameters])


def method_used(card: Card, *, weights: tuple[WeightsUsed, ...]) -> MethodUsed:
    return MethodUsed(name=card.name, version=card.version, paper=card.paper, weights=weights, caveat=card.caveat)


@dataclass(frozen=True, kw_only=True, eq=False)
class Findings:
    """Everything that one run of one method gave for one series. At most one label map, and it is of that series."""

    method: MethodUsed
    role: Role
    results: tuple[Result, ...]

    @property
    def label_map(self) -> LabelMap | None:
        maps = [result for result in self.results if isinstance(result, LabelMap)]
        if len(maps) > 1:
            raise FindingsContradict(f"{self.method.name} gave {len(maps)} label maps for one series")
        return maps[0] if maps else None

    @property
    def maps(self) -> tuple[ScalarMap, ...]:
        return tuple(result for result in self.results if isinstance(result, ScalarMap))

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return tuple(result for result in self.results if isinstance(result, Remark))

    @property
    def axial_grades(self) -> tuple[AxialGrade, ...]:
        return tuple(result for result in self.results if isinstance(result, AxialGrade))

    @property
    def refusals(self) -> tuple[NotAnalysed, ...]:
        return tuple(result for result in self.results if isinstance(result, NotAnalysed))

    @property
    def measured_discs(self) -> tuple[Disc, ...]:
        """Discs with a measurement or a grade, cranial to caudal."""
        found = {result.disc for result in self.results if isinstance(result, Measurement | Grade)}
        return tuple(disc for disc in Disc if disc in found)

    @property
    def level_doubt(self) -> str | None:
        """The first doubt that any result names: one doubtful level makes every level of the series doubtful."""
        doubts = (result.level_doubt for result in self.results if isinstance(result, _WITH_LEVELS))
        return next((doubt for doubt in doubts if doubt is not None), None)

    def measurements(self, disc: Disc) -> tuple[Measurement, ...]:
        return tuple(result for result in self.results if isinstance(result, Measurement) and result.disc is disc)

    def grades(self, disc: Disc) -> tuple[Grade, ...]:
        return tuple(result for result in self.results if isinstance(result, Grade) and result.disc is disc)

    def detected(self, disc: Disc) -> DetectedDisc | None:
        found = (result for result in self.results if isinstance(result, DetectedDisc) and result.disc is disc)
        return next(found, None)


_WITH_LEVELS: Final = (LabelMap, Measurement, Grade, AxialGrade, DetectedDisc)


def structure_of(disc: Disc) -> Structure:
    return DISC_STRUCTURES[list(Disc).index(disc)]


def key_slice_of(results: Sequence[Measurement | Grade]) -> int:
    """The one slice all of these, at least one, were taken on.

    Raises FindingsContradict if they name more than one.
    """
    first, *others = {result.key_slice for result in results}
    if others:
        raise FindingsContradict(f"one disc was measured on {1 + len(others)} slices at once")
    return first
