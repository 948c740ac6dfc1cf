"""The table of what is reached, in a room's CARD.md between two marks. Talks to: disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.training.metrics import Figure

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


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


def put_between_marks(card: Path, text: str) -> None:
    """Replaces what stands between the marks; raises ValueError where the card has none."""
    before, begin, rest = card.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{card} has no marks to write between")
    card.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
