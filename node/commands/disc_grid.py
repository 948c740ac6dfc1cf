"""What was found in one series, a row per disc. Pure."""

from inference.anatomy import Disc
from inference.results import Quantity
from node.terminal import Grid
from sr_reports.findings import Findings
from sr_reports.results_json import AnalysedSeries

HEADINGS = ("level", "DH mm", "DHI", "HDR", "dSI", "mod. Pfirrmann")


def disc_grid(series: AnalysedSeries) -> Grid:
    """A level in doubt is marked; the doubt stands in the title."""
    doubt = next((one.level_doubt for one in series.findings if one.level_doubt), None)
    title = f"series {series.source.first.SeriesInstanceUID}{f' (level uncertain: {doubt})' if doubt else ''}"
    rows = [_row(disc, one) for one in series.findings for disc in one.measured_discs]
    return Grid(title=title, headings=HEADINGS, rows=tuple(rows))


def value_of(findings: Findings, disc: Disc, quantity: Quantity) -> float | None:
    return next((one.value for one in findings.measurements(disc) if one.quantity is quantity), None)


def grade_of(findings: Findings, disc: Disc) -> str:
    return ", ".join(
        f"{grade.value}" if grade.probability is None else f"{grade.value} ({grade.probability:.0%})"
        for grade in findings.grades(disc)
    )


def number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _row(disc: Disc, findings: Findings) -> tuple[str, ...]:
    return (
        f"{disc.value}{'?' if findings.level_doubt else ''}",
        number(value_of(findings, disc, Quantity.DISC_HEIGHT), 1),
        number(value_of(findings, disc, Quantity.DISC_HEIGHT_INDEX), 3),
        number(value_of(findings, disc, Quantity.HEIGHT_TO_DIAMETER), 3),
        number(value_of(findings, disc, Quantity.SIGNAL_INTENSITY_DIFFERENCE), 1),
        grade_of(findings, disc),
    )
