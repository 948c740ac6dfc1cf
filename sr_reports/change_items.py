"""What changed in a disc since the prior report, as content items: the change, its error, which is more. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from highdicom import sr
from highdicom.sr import CodedConcept

from inference.results import Measurement, Quantity
from sr_reports.change import DiscChange, Priors
from sr_reports.group_templates import Said
from sr_reports.measured_items import DECIMALS
from sr_reports.measured_terms import QUANTITY, UNIT
from sr_reports.vocabulary import private, snomed


@dataclass(frozen=True, kw_only=True)
class ChangeTerms:
    """detectable: the smallest change that two scans of an unchanged disc do not explain."""

    change: CodedConcept
    detectable: CodedConcept
    is_beyond: CodedConcept


_SHORT: Final = {
    Quantity.DISC_HEIGHT: "DH",
    Quantity.DISC_HEIGHT_INDEX: "DHI",
    Quantity.HEIGHT_TO_DIAMETER: "HDR",
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: "DSI",
    Quantity.T1RHO: "T1RHO",
    Quantity.T2: "T2",
    Quantity.PREDICTED_T1RHO: "T1RHO_P",
}
CHANGE: Final[Mapping[Quantity, ChangeTerms]] = {
    quantity: ChangeTerms(
        change=private(f"{short}_CHG", f"{QUANTITY[quantity].meaning}, change"),
        detectable=private(f"{short}_SDC", f"{QUANTITY[quantity].meaning}, detectable"),
        is_beyond=private(f"{short}_CHGSIG", f"{QUANTITY[quantity].meaning}, change beyond error"),
    )
    for quantity, short in _SHORT.items()
}
YES: Final = snomed("373066001", "Yes")
NO: Final = snomed("373067005", "No")


def changed(measured: Sequence[Measurement], found: Sequence[DiscChange]) -> Said:
    """found: of the disc of these measurements; those of other quantities are left out."""
    units = {one.quantity: UNIT[one.unit] for one in measured}
    told = [one for one in found if one.quantity in units]
    return Said(
        numbers=[item for one in told for item in _numbers(one, unit=units[one.quantity])],
        answers=[item for one in told for item in _answers(one)],
    )


def _numbers(one: DiscChange, *, unit: CodedConcept) -> list[sr.Measurement]:
    terms, digits = CHANGE[one.quantity], DECIMALS[one.quantity]
    change = sr.Measurement(name=terms.change, value=round(one.difference, digits), unit=unit)
    if one.detectable is None:
        return [change]
    return [change, sr.Measurement(name=terms.detectable, value=round(one.detectable, digits), unit=unit)]


def _answers(one: DiscChange) -> list[sr.QualitativeEvaluation]:
    if one.is_beyond_error is None:
        return []
    return [sr.QualitativeEvaluation(CHANGE[one.quantity].is_beyond, YES if one.is_beyond_error else NO)]


def comparison_words(priors: Priors, found: Sequence[DiscChange]) -> list[str]:
    """With which study the discs were compared, or why with none; nothing where no archive was asked."""
    if priors.trouble is not None:
        return [priors.trouble]
    if not priors.reports:
        return []
    performed = priors.reports[0].performed
    day = "of unknown date" if performed is None else f"of {performed.isoformat()}"
    if not found:
        return [f"the earlier study {day} was reported on, but no number of it can be compared with this one"]
    methods = (
        "" if all(one.same_method for one in found) else "; other method or weights then: changes are not comparable"
    )
    return [f"change is since the study {day}, from its AI report{methods}"]
