"""Everything that was found in the series of one study, as the sheet asks for it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from dicom_io.roles import Role
from dicom_io.sources import SourceSeries
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.results import AxialGrade, DetectedDisc, Grade, LabelMap, Measurement, Result
from sr_reports.change import NO_PRIORS, DiscChange, Priors
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries

Kind = TypeVar("Kind", bound=Result)


@dataclass(frozen=True, kw_only=True, eq=False)
class SheetStudy:
    """analysed: at least one series, all of one study. changes: since the priors, of what can be compared."""

    analysed: tuple[AnalysedSeries, ...]
    priors: Priors = NO_PRIORS
    changes: tuple[DiscChange, ...] = ()

    @property
    def findings(self) -> tuple[Findings, ...]:
        return tuple(findings for series in self.analysed for findings in series.findings)

    @property
    def source(self) -> SourceSeries:
        """The series that patient and study are read from."""
        return self.analysed[0].source

    @property
    def is_empty(self) -> bool:
        found = [result for one in self.findings for result in one.results]
        return not any(isinstance(result, Measurement | Grade | AxialGrade) for result in found)

    def all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        return tuple(result for one in self.findings for result in one.results if isinstance(result, kind))

    def with_source(self, kind: type[Kind]) -> Iterator[tuple[Kind, SourceSeries]]:
        """Each result of one kind with the series that it was found in."""
        for series in self.analysed:
            for one in series.findings:
                for result in one.results:
                    if isinstance(result, kind):
                        yield result, series.source

    @property
    def outlined(self) -> tuple[LabelMap, Volume] | None:
        """What the page draws large: the outlines on sagittal T2, or else the first there are."""
        found = [(drawn, source.volume) for drawn, source in self.with_source(LabelMap) if has_outlines(drawn)]
        drawn_on = [(drawn, volume) for drawn, volume in found if volume is not None]
        return min(drawn_on, key=lambda one: one[0].role is not Role.SAGITTAL_T2, default=None)

    @property
    def level_doubts(self) -> tuple[str, ...]:
        """Why the numbering of the spine may be wrong."""
        found = [result.level_doubt for result in self.all(LabelMap)]
        found += [result.level_doubt for result in self.all(Measurement)]
        found += [result.level_doubt for result in self.all(Grade)]
        found += [result.level_doubt for result in self.all(DetectedDisc)]
        return tuple(dict.fromkeys(doubt for doubt in found if doubt is not None))

    @property
    def axial_doubts(self) -> tuple[str, ...]:
        """Why axial slices may belong to other discs than is told, beyond level_doubts."""
        found = (result.level_doubt for result in self.all(AxialGrade) if result.disc is not None)
        return tuple(dict.fromkeys(doubt for doubt in found if doubt is not None and doubt not in self.level_doubts))

    def level_name(self, disc: Disc | None) -> str:
        """With a question mark where the numbering is in doubt."""
        if disc is None:
            return "level ?"
        return f"{disc.value} ?" if self.level_doubts else disc.value


def has_outlines(label_map: LabelMap) -> bool:
    """On the slice that would be shown."""
    return bool(label_map.labels[label_map.key_slice].any())
