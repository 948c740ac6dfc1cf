"""Values by keyword, wherever an object keeps them; a value that cannot be read counts as not there. Pure."""

import math
import re
import struct
from collections.abc import Iterator, MutableSequence, Sequence
from datetime import UTC, date, datetime
from typing import Final

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.tag import BaseTag

UNREADABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    NotImplementedError,
    OverflowError,
    EOFError,
    OSError,
    RecursionError,
    struct.error,
    BytesLengthException,
)
"""What pydicom raises on a value, or a file, that is not what the standard says it is."""


class Attributes:
    """Looks a keyword up in a chain of datasets; the first that has a readable, non-empty value answers."""

    def __init__(self, *chain: Dataset) -> None:
        self._chain = chain

    def values(self, keyword: str) -> tuple[object, ...]:
        for dataset in self._chain:
            found = _values(dataset, keyword)
            if found:
                return found
        return ()

    def tagged(self, tag: int, *, creator: str | None = None) -> tuple[object, ...]:
        """The values of a tag, in the block of its private creator where one is named."""
        for dataset in self._chain:
            place = _in_block(dataset, tag, creator) if creator is not None else BaseTag(tag)
            found = _values(dataset, place) if place is not None else ()
            if found:
                return found
        return ()

    def text(self, keyword: str) -> str:
        """Without padding; the first value of several; "" if there is none."""
        return next(iter(self.texts(keyword)), "")

    def texts(self, keyword: str) -> tuple[str, ...]:
        stripped = (str(value).strip(" \0") for value in self.values(keyword))
        return tuple(text for text in stripped if text)

    def number(self, keyword: str) -> float | None:
        return next(iter(self.numbers(keyword)), None)

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """All values, or none of them if one is no finite number."""
        found = [_number(value) for value in self.values(keyword)]
        return tuple(value for value in found if value is not None) if None not in found else ()

    def integer(self, keyword: str) -> int | None:
        number = self.number(keyword)
        return int(number) if number is not None and number.is_integer() else None

    def flag(self, keyword: str) -> bool:
        return self.text(keyword).upper() == "YES"


def frame_attributes(dataset: Dataset) -> Iterator[Attributes]:
    """One per frame: its own functional groups, the shared ones, then the top level. A classic object has one frame.

    Legacy Converted objects keep classic attributes in the groups of unassigned attributes, found the same way.
    """
    shared = _groups(next(iter(items(dataset, "SharedFunctionalGroupsSequence")), None))
    per_frame = items(dataset, "PerFrameFunctionalGroupsSequence")
    if not per_frame:
        yield Attributes(*shared, dataset)
    for groups in per_frame:
        yield Attributes(*_groups(groups), *shared, dataset)


def items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    """The items of a sequence; none if it is absent or is no sequence."""
    return [item for item in _values(dataset, keyword) if isinstance(item, Dataset)]


def age_in_years(age: str) -> float | None:
    """An age string (PS3.5 6.2) such as 045Y, 018M, 003W, 010D."""
    match = re.fullmatch(r"([0-9]{1,3})([YMWD])", age)
    if match is None:
        return None
    per_year = {"Y": 1.0, "M": 12.0, "W": 52.18, "D": 365.25}
    return int(match[1]) / per_year[match[2]]


def date_of(text: str) -> date | None:
    """A date (PS3.5 6.2) such as 19700131."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _groups(item: Dataset | None) -> list[Dataset]:
    """The macros of one functional-groups item: each is a sequence of one item."""
    if item is None:
        return []
    macros = (_values(item, tag) for tag in sorted(item.keys()))
    return [macro[0] for macro in macros if macro and isinstance(macro[0], Dataset)]


def _in_block(dataset: Dataset, tag: int, creator: str) -> BaseTag | None:
    try:
        return dataset.private_block(tag >> 16, creator).get_tag(tag & 0xFF)
    except (KeyError, ValueError):
        return None


def _values(dataset: Dataset, key: str | BaseTag) -> tuple[object, ...]:
    try:
        value = dataset[key].value if key in dataset else None
    except UNREADABLE:
        return ()
    if value is None or value in ("", b""):
        return ()
    return tuple(value) if isinstance(value, MutableSequence) else (value,)


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever a peer wrote; what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
