"""Whether the objects of a series could be all of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from dicom_io.errors import InconsistentSeries
from dicom_io.geometry import repeated_stack, stacks_of
from dicom_io.headers import InstanceHeader


@dataclass(frozen=True, kw_only=True)
class Regularity:
    """Whether what is here could be a whole series. reason says what is missing, or what shows it is whole."""

    complete: bool
    reason: str


def regularity(headers: Sequence[InstanceHeader], *, repeats: bool = False) -> Regularity:
    """Positive evidence that a series is whole; without it only time, or the sender's count, can tell.

    repeats: several images of one position are echoes; then every position must hold equally many.
    """
    count = sum(len(header.frames) for header in headers)
    try:
        stacks = count // len(repeated_stack(headers).slices) if repeats else len(stacks_of(headers))
    except InconsistentSeries as why:
        return Regularity(complete=False, reason=str(why))
    expected = max((header.images_in_acquisition or 0 for header in headers), default=0)
    absent = _absent_numbers(headers)
    if count < expected:
        return Regularity(complete=False, reason=f"{count} images of {expected} that the acquisition has")
    if count == 1:
        return Regularity(complete=False, reason="one image does not tell whether there are more")
    if absent:
        return Regularity(complete=False, reason=f"instance numbers are missing: {len(absent)}, the first {absent[0]}")
    return Regularity(complete=True, reason=f"{count} images in {stacks} regular stacks")


def _absent_numbers(headers: Sequence[InstanceHeader]) -> list[int]:
    """Holes in 1..n, where instance numbers run like that at all: few holes, each number once."""
    numbers = [header.instance_number for header in headers if header.instance_number is not None]
    if len(numbers) != len(headers) or len(set(numbers)) != len(numbers) or min(numbers, default=0) < 1:
        return []
    absent = sorted(set(range(1, max(numbers) + 1)) - set(numbers))
    return absent if len(absent) * 4 <= len(numbers) else []
