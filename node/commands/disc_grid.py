"""What was found in one series, a row per disc and a column per quantity and scale that was found. Pure."""

from collections.abc import Mapping
from typing import Final

from inference.anatomy import Disc
from inference.results import Grade, Measurement, Quantity, Scale, Statistic
from node.terminal import Grid
from sr_reports.results_json import AnalysedSeries

HEADINGS: Final[Mapping[Quantity, str]] = {
    Quantity.DISC_HEIGHT: "DH mm",
    Quantity.DISC_HEIGHT_INDEX: "DHI",
    Quantity.HEIGHT_TO_DIAMETER: "HDR",
    Quantity.SIGNAL_INTENSITY_DIFFERENCE: "dSI",
    Quantity.T1RHO: "T1rho ms",
    Quantity.T2: "T2 ms",
    Quantity.PREDICTED_T1RHO: "T1rho ms, predicted",
}
_RATIOS: Final = {Quantity.DISC_HEIGHT_INDEX, Quantity.HEIGHT_TO_DIAMETER}


def disc_grid(series: AnalysedSeries) -> Grid:
    """A level in doubt is marked; the doubt stands in the title."""
    doubt = next((one.level_doubt for one in series.findings if one.level_doubt), None)
    title = f"series {series.source.first.SeriesInstanceUID}{f' (level uncertain: {doubt})' if doubt else ''}"
    discs = [disc for disc in Disc if any(disc in one.measured_discs for one in series.findings)]
    quantities = [each for each in HEADINGS if any(_numbers(series, disc, each) for disc in discs)]
    scales = [each for each in Scale if any(_grades(series, disc, each) for disc in discs)]
    rows = [
        (
            f"{disc.value}{'?' if doubt else ''}",
            *(_number(series, disc, each) for each in quantities),
            *(", ".join(_said(grade) for grade in _grades(series, disc, each)) or "-" for each in scales),
        )
        for disc in discs
    ]
    headings = ("level", *(HEADINGS[each] for each in quantities), *(each.value for each in scales))
    return Grid(title=title, headings=headings, rows=tuple(rows))


def _numbers(series: AnalysedSeries, disc: Disc, quantity: Quantity) -> list[Measurement]:
    """Those that have one number, or the mean."""
    found = (one for findings in series.findings for one in findings.measurements(disc))
    return [one for one in found if one.quantity is quantity and one.statistic in (None, Statistic.MEAN)]


def _number(series: AnalysedSeries, disc: Disc, quantity: Quantity) -> str:
    """The first: where a quantity was measured in several parts, the whole disc stands first."""
    found = _numbers(series, disc, quantity)
    return f"{found[0].value:.{3 if quantity in _RATIOS else 1}f}" if found else "-"


def _grades(series: AnalysedSeries, disc: Disc, scale: Scale) -> list[Grade]:
    found = (one for findings in series.findings for one in findings.grades(disc))
    return [one for one in found if one.scale is scale]


def _said(grade: Grade) -> str:
    return f"{grade.value}" if grade.probability is None else f"{grade.value} ({grade.probability:.0%})"
