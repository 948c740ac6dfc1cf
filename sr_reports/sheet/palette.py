"""The colours of the sheet: dark for reading rooms, light for paper. Pure."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Each as #rrggbb. wear: how a cell is tinted by a grade, the stronger the worse. attention: what to look at."""

    ground: str
    text: str
    faint: str
    rule: str
    banner: str
    banner_text: str
    alarm: str
    attention: str
    wear: str
    band: str
    middle: str
    mark: str


READING_ROOM: Final = Palette(
    ground="#101418",
    text="#f1f3f5",
    faint="#aab3bb",
    rule="#3b444d",
    banner="#8f1d1d",
    banner_text="#ffffff",
    alarm="#ff8a7d",
    attention="#ffc14d",
    wear="#e0802f",
    band="#2f3b47",
    middle="#4c6072",
    mark="#ffffff",
)
PAPER: Final = Palette(
    ground="#ffffff",
    text="#14181c",
    faint="#5a636b",
    rule="#c3cad0",
    banner="#8f1d1d",
    banner_text="#ffffff",
    alarm="#b3261e",
    attention="#8a5200",
    wear="#f0a35c",
    band="#e3e9ee",
    middle="#b9c6d2",
    mark="#14181c",
)
