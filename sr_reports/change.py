"""What changed in each disc since the prior report of ours, and whether the measurement could tell. Pure.

Two scans of an unchanged disc differ by less than 1.96 sqrt(2) times the within-subject SD in 95 of 100 cases: the
smallest detectable change (Bland and Altman 1999, Statistical Methods in Medical Research 8:135).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydicom.dataset import Dataset
from pydicom.valuerep import DA

from dicom_io.attributes import UNREADABLE
from inference.anatomy import Disc
from inference.results import DiscPart, Measurement, Quantity, Statistic
from sr_reports.findings import Findings, structure_of
from sr_reports.read_back import ReportedDisc, read_report
from sr_reports.tracking import Followed, tracking_of

_DETECTABLE: Final = 1.96 * math.sqrt(2)


@dataclass(frozen=True, kw_only=True)
class PriorReport:
    """A report of an earlier study of the same patient. performed: the date of that study, None if it has none.

    discs: by the tracking UID under which they were measured.
    """

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    performed: date | None
    discs: Mapping[str, ReportedDisc]


@dataclass(frozen=True, kw_only=True)
class Priors:
    """reports: those of one earlier study. trouble: why nobody can say whether there are any; None if one can."""

    reports: tuple[PriorReport, ...] = ()
    trouble: str | None = None


NO_PRIORS: Final = Priors()


@dataclass(frozen=True, kw_only=True)
class DiscChange:
    """One number of one disc, before and now, in the unit of the quantity.

    detectable: the smallest change that is more than measurement error, None where that is not known.
    same_method: both were measured by one version of one method with the same weights.
    """

    disc: Disc
    quantity: Quantity
    before: float
    now: float
    performed: date | None
    detectable: float | None
    same_method: bool

    @property
    def difference(self) -> float:
        return self.now - self.before

    @property
    def is_beyond_error(self) -> bool | None:
        """None where it cannot be told: no known error, or another method."""
        if self.detectable is None or not self.same_method:
            return None
        return abs(self.difference) > self.detectable


def prior_report(document: Dataset) -> PriorReport:
    """A report of ours as it was read from an archive."""
    return PriorReport(
        study_uid=str(document.StudyInstanceUID),
        series_uid=str(document.SeriesInstanceUID),
        sop_class_uid=str(document.SOPClassUID),
        sop_instance_uid=str(document.SOPInstanceUID),
        performed=study_date(document),
        discs={disc.tracking_uid: disc for disc in read_report(document).discs},
    )


def study_date(header: Dataset) -> date | None:
    """None where it is missing, empty or no date."""
    try:
        return DA(header.get("StudyDate") or None)
    except UNREADABLE:
        return None


def changes(findings: Sequence[Findings], priors: Sequence[PriorReport], *, of: Followed) -> tuple[DiscChange, ...]:
    """Discs are matched by tracking UID, so a disc whose level is in doubt is never compared."""
    return tuple(change for one in findings for prior in priors for change in _changes_of(one, prior, of=of))


def _changes_of(findings: Findings, prior: PriorReport, *, of: Followed) -> Iterator[DiscChange]:
    for disc in findings.measured_discs:
        tracking = tracking_of(structure_of(disc), of=of, level_doubt=findings.level_doubt)
        earlier = prior.discs.get(tracking.uid)
        if earlier is None:
            continue
        for measured in findings.measurements(disc):
            before = earlier.values.get(measured.quantity)
            if before is not None and _is_of_the_whole(measured):
                yield DiscChange(
                    disc=disc,
                    quantity=measured.quantity,
                    before=before,
                    now=measured.value,
                    performed=prior.performed,
                    detectable=_detectable(measured),
                    same_method=findings.method.signature in earlier.methods,
                )


def _is_of_the_whole(measured: Measurement) -> bool:
    """What `read_back` reads under the quantity's own name."""
    return measured.statistic in (None, Statistic.MEAN) and measured.part in (None, DiscPart.WHOLE)


def _detectable(measured: Measurement) -> float | None:
    return None if measured.repeatability is None else _DETECTABLE * measured.repeatability
