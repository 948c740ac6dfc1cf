"""What can be written on the sheet, how wide it runs, and where it breaks. Talks to: disk (fonts that are shipped).

Sizes and widths are in pixels of a page 1024 pixels wide. matplotlib shapes and orders the letters of every script.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from matplotlib import font_manager, get_data_path, rcParams
from matplotlib.ft2font import FT2Font, LoadFlags

SMALLEST: Final = 10.0  # pixels: what a person reads at arm's length on a page 1024 pixels wide
ELLIPSIS: Final = "…"
UNDRAWABLE: Final = "□"
_LATIN: Final = "DejaVu Sans"  # comes with matplotlib; Greek, Cyrillic, Arabic and Hebrew, too
_EAST_ASIAN: Final = "Lumbar Node East Asian"
_EAST_ASIAN_FILE: Final = Path(__file__).parent / "fonts" / "LumbarNodeEastAsian.ttf"
_LATIN_FILES: Final = {False: "fonts/ttf/DejaVuSans.ttf", True: "fonts/ttf/DejaVuSans-Bold.ttf"}
_MEASURING_SIZE: Final = 64.0
_SUBPIXELS: Final = 64.0
_BOLD: Final = 700


@cache
def families() -> tuple[str, ...]:
    """Font families in the order in which a character is looked for. Before the first word, once and for all."""
    rcParams["text.hinting"] = "no_hinting"  # hinted letters run wider on screen than in a PDF, and than we measure
    known = font_manager.fontManager
    known.addfont(str(_EAST_ASIAN_FILE))
    known.ttflist.append(replace(known.ttflist[-1], weight=_BOLD))  # or every bold word logs that there is no bold one
    return _LATIN, _EAST_ASIAN


def drawable(text: str) -> str:
    """text with a box for each character that no font of ours has: nothing is left out unseen, nothing is warned of."""
    drawn = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(letter if ord(letter) in _characters() else UNDRAWABLE for letter in " ".join(drawn.split()))


@cache
def width(text: str, *, size: float, is_bold: bool = False) -> float:
    """Pixels that a drawable text takes."""
    font = _font(is_bold=is_bold)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    pixels, _ = font.get_width_height()
    return pixels / _SUBPIXELS * size / _MEASURING_SIZE


def wrapped(text: str, *, size: float, room: float) -> list[str]:
    """Lines of at most room pixels, broken between words; a longer word is cut."""
    lines: list[str] = []
    for word in drawable(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size=size) <= room:
            lines[-1] = longer
        else:
            lines.append(shortened(word, size=size, room=room))
    return lines


def shortened(text: str, *, size: float, room: float, is_bold: bool = False) -> str:
    """text, or as much of it as fits with an ellipsis."""
    if width(text, size=size, is_bold=is_bold) <= room:
        return text
    kept = text
    while kept and width(kept + ELLIPSIS, size=size, is_bold=is_bold) > room:
        kept = kept[:-1]
    return kept + ELLIPSIS


def _font(*, is_bold: bool) -> FT2Font:
    """matplotlib keeps one per thread, and sets its size before every use."""
    font = font_manager.get_font([str(Path(get_data_path()) / _LATIN_FILES[is_bold]), str(_EAST_ASIAN_FILE)])
    font.set_size(_MEASURING_SIZE, 72.0)
    return font


@cache
def _characters() -> frozenset[int]:
    latin, east_asian = FT2Font(str(Path(get_data_path()) / _LATIN_FILES[True])), FT2Font(str(_EAST_ASIAN_FILE))
    return frozenset({*latin.get_charmap(), *east_asian.get_charmap()})
