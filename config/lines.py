"""On which line of a TOML text a setting stands. Pure."""

import re
from typing import Final

from config.references import Place

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]\]?")
_KEY: Final = re.compile(r"\s*([\w\-]+)\s*=")


def line_of(text: str, place: Place) -> int | None:
    """The line of the setting, else of the nearest section that holds it, from 1; None if neither is there."""
    found: dict[Place, int] = {}
    section: Place = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None:
            section = _section(header, counts)
            found.setdefault(section, number)
        elif key is not None:
            found.setdefault((*section, key.group(1)), number)
    return next((found[place[:length]] for length in range(len(place), 0, -1) if place[:length] in found), None)


def _section(header: re.Match[str], counts: dict[str, int]) -> Place:
    """[[rules]] twice is ("rules", 0) and ("rules", 1); [rules.match] belongs to the last of them."""
    name = header.group(2)
    if header.group(1) == "[[":
        counts[name] = counts.get(name, -1) + 1
    place: Place = ()
    prefix = ""
    for part in name.split("."):
        prefix = f"{prefix}.{part}" if prefix else part
        place = (*place, part, counts[prefix]) if prefix in counts else (*place, part)
    return place
