"""The table of measurements: which columns it has, and what stands in each cell. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inference.anatomy import Disc
from inference.results import DiscPart, Measurement, Quantity, ReferencePosition, Statistic
from sr_reports.change import DiscChange
from sr_reports.sheet.study import SheetStudy


@dataclass(frozen=True, kw_only=True)
class QuantityColumn:
    """heading: lines above it, with the unit below. explained: in the legend; empty where another column's does."""

    explained: str
    heading: tuple[str, ...]
    unit: str
    quantity: Quantity
    decimals: int


def _column(heading: str, unit: str, quantity: Quantity, *, decimals: int, explained: str) -> QuantityColumn:
    lines = tuple(heading.split("/"))
    return QuantityColumn(explained=explained, heading=lines, unit=unit, quantity=quantity, decimals=decimals)


_UP, _DOWN = "▲", "▼"
_RELAXATION: Final = "T1ρ and T2: mean ± SD of the whole disc; N: mean of its nucleus"
_PREDICTED: Final = "T1ρ predicted: mean, least and greatest of the nucleus, guessed from T1-weighted images"
QUANTITY_COLUMNS: Final = (
    _column(
        "dSI",
        "arb. unit",
        Quantity.SIGNAL_INTENSITY_DIFFERENCE,
        decimals=1,
        explained="dSI: signal intensity difference within the disc on T2w, CSF = 255; low is worn",
    ),
    _column("DH", "mm", Quantity.DISC_HEIGHT, decimals=1, explained="DH: disc height"),
    _column("DHI", "ratio", Quantity.DISC_HEIGHT_INDEX, decimals=2, explained="DHI: disc height / height of bodies"),
    _column("HDR", "ratio", Quantity.HEIGHT_TO_DIAMETER, decimals=2, explained="HDR: disc height / its diameter"),
    _column("T1ρ", "ms", Quantity.T1RHO, decimals=0, explained=_RELAXATION),
    _column("T2", "ms", Quantity.T2, decimals=0, explained=_RELAXATION),
    _column("T1ρ/predicted", "ms", Quantity.PREDICTED_T1RHO, decimals=0, explained=_PREDICTED),
)


@dataclass(frozen=True, kw_only=True)
class QuantityCell:
    """words: the value. spread: behind it. standing: z-score and percentile on the reference band.

    below: in place of the band. change: the difference to the prior study, where there is one.
    """

    words: str
    spread: str
    below: str
    standing: ReferencePosition | None
    change: DiscChange | None


def quantity_columns(study: SheetStudy) -> tuple[QuantityColumn, ...]:
    """Those that anything stands in."""
    measured = {one.quantity for one in study.all(Measurement)}
    return tuple(column for column in QUANTITY_COLUMNS if column.quantity in measured)


def quantity_cell(study: SheetStudy, column: QuantityColumn, disc: Disc) -> QuantityCell | None:
    """None where the disc was not measured so."""
    found = [one for one in study.all(Measurement) if (one.disc, one.quantity) == (disc, column.quantity)]
    main = _main(found)
    if main is None:
        return None
    return QuantityCell(
        words=_format(main.value, column),
        spread=_spread(main, found, column),
        below=_below(main, found, column),
        standing=main.reference,
        change=_change(study, column, disc),
    )


def change_in_words(change: DiscChange, column: QuantityColumn) -> str:
    """An arrow and how much."""
    amount = f"{abs(change.difference):.{column.decimals}f}"
    return f"{_UP if change.difference > 0 else _DOWN}{amount}" if float(amount) else "= 0"


def percentile_in_words(percentile: float) -> str:
    """Nobody is the lowest or highest of all."""
    if percentile < 1:
        return "P <1"
    return f"P {percentile:.0f}" if percentile <= 99 else "P >99"


def _main(found: Sequence[Measurement]) -> Measurement | None:
    """A quantity has one number, or one mean; the mean of the whole disc before those of its parts."""
    single = [one for one in found if one.statistic in (None, Statistic.MEAN)]
    return min(single, key=_rank) if single else None


def _rank(one: Measurement) -> int:
    parts = (None, DiscPart.WHOLE, DiscPart.NUCLEUS, DiscPart.NUCLEUS_CENTRE)
    return parts.index(one.part) if one.part in parts else len(parts)


def _spread(main: Measurement, found: Sequence[Measurement], column: QuantityColumn) -> str:
    """How much it scatters over the disc."""
    deviation = _other(main, found, Statistic.SD)
    return "" if deviation is None else f"± {_format(deviation, column)}"


def _below(main: Measurement, found: Sequence[Measurement], column: QuantityColumn) -> str:
    least, most = _other(main, found, Statistic.MINIMUM), _other(main, found, Statistic.MAXIMUM)
    if column.quantity is Quantity.PREDICTED_T1RHO and least is not None and most is not None:
        return f"{_format(least, column)} to {_format(most, column)}"
    nucleus = [one.value for one in found if one.part is DiscPart.NUCLEUS and one.statistic is Statistic.MEAN]
    return f"N {_format(nucleus[0], column)}" if nucleus and main.part is not DiscPart.NUCLEUS else ""


def _other(main: Measurement, found: Sequence[Measurement], statistic: Statistic) -> float | None:
    values = [one.value for one in found if one.statistic is statistic and one.part is main.part]
    return values[0] if values else None


def _format(value: float, column: QuantityColumn) -> str:
    return f"{value:.{column.decimals}f}"


def _change(study: SheetStudy, column: QuantityColumn, disc: Disc) -> DiscChange | None:
    found = [one for one in study.changes if (one.disc, one.quantity) == (disc, column.quantity)]
    return found[0] if found else None
