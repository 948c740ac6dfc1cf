"""Tables of what is reached, in a room's CARD.md between two marks each. Talks to: disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.training.metrics import Figure

MEASURED = "measured"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the card: what was measured, what is asked for, what was reached."""

    what: str
    asked: str
    figure: Figure


def as_table(lines: Sequence[Line]) -> str:
    head = "| measured | asked | reached (95 % interval) | patients | items |\n|---|---|---|---|---|"
    body = [
        f"| {line.what} | {line.asked} | {line.figure} | {line.figure.patients} | {line.figure.items} |"
        for line in lines
    ]
    return "\n".join([head, *body])


def put_between_marks(card: Path, text: str, *, mark: str = MEASURED) -> None:
    """Replaces what stands between `<!-- mark: begin -->` and `<!-- mark: end -->`; ValueError where they are not."""
    first, last = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, begin, rest = card.read_text(encoding="utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"{card} has no marks to write {mark} between")
    card.write_text(f"{before}{first}\n{text}{last}{after}", encoding="utf-8")
