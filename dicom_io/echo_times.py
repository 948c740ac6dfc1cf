"""The spin-lock or echo time of every image, by the first source that is clear; refused where none is. Pure.

DICOM has no attribute for the time of a spin lock; vendors and sites put it in many places, so that a site names them
(config.settings.Relaxometry). A source is clear when it gives every image a time, and each of two or more times
stands once at each position. Nothing is guessed from the order of images.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.settings import TimeSource
from dicom_io.attributes import Attributes
from dicom_io.errors import InconsistentSeries
from dicom_io.headers import Frame, InstanceHeader

ECHO_TIME: Final = (TimeSource(attribute="EchoTime"),)
"""Of multi-echo series: the standard knows only one place."""
_LONGEST_MS: Final = 2000.0
_OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {  # of the same thing in enhanced objects
    "EchoTime": ("EchoTime", "EffectiveEchoTime"),
    "InversionTime": ("InversionTime", "InversionTimes"),
    "TriggerTime": ("TriggerTime", "NominalCardiacTriggerDelayTime"),
    "ImageComments": ("ImageComments", "FrameComments"),
}
_PLACES: Final = 3  # decimals of a time: vendors round


@dataclass(frozen=True, kw_only=True, eq=False)
class Image:
    """One frame: the header of its object, and its attributes with its groups."""

    header: InstanceHeader
    frame: Frame
    values: Attributes


@dataclass(frozen=True, kw_only=True, eq=False)
class Echo:
    """All images of one time."""

    time_ms: float
    images: tuple[Image, ...]


def echoes_of(images: Sequence[Image], sources: Sequence[TimeSource]) -> tuple[Echo, ...]:
    """By ascending time. Raises InconsistentSeries with what each source says."""
    told: list[str] = []
    for source in sources:
        times = [time_of(image.values, source) for image in images]
        unclear = _unclear(images, times)
        if unclear is None:
            return _sorted(images, [time for time in times if time is not None])
        told.append(f"{source.attribute}: {unclear}")
    raise InconsistentSeries(f"the times of the echoes stand in none of the configured places ({'; '.join(told)})")


def time_of(values: Attributes, source: TimeSource) -> float | None:
    """Milliseconds; None where this source says nothing, or no time."""
    number = next((one for one in (_number(each, source) for each in _found(values, source)) if one is not None), None)
    if number is None:
        return None
    milliseconds = round(number * source.milliseconds, _PLACES)
    return milliseconds if 0 <= milliseconds <= _LONGEST_MS else None


def _found(values: Attributes, source: TimeSource) -> tuple[object, ...]:
    if "," in source.attribute:
        group, element = source.attribute.split(",")
        return values.tagged(int(group + element, 16), creator=source.creator)
    names = _OTHER_NAMES.get(source.attribute, (source.attribute,))
    return next((found for name in names if (found := values.values(name))), ())


def _number(value: object, source: TimeSource) -> float | None:
    """Private values of unknown representation are read as text."""
    text = value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value)
    text = text.strip(" \0")
    if source.pattern is not None:
        match = re.search(source.pattern, text, re.IGNORECASE)
        text = match.group(1) or "" if match is not None and match.groups() else ""
    return float(text) if re.fullmatch(r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?", text) else None


def _unclear(images: Sequence[Image], times: Sequence[float | None]) -> str | None:
    """Why these are not the times of a stack of echoes."""
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return f"says no time in {len(times) - len(known)} of {len(times)} images"
    places: dict[float, list[tuple[float, ...] | None]] = defaultdict(list)
    for image, time in zip(images, known, strict=True):
        places[time].append(image.frame.position)
    if len(places) < 2:
        return "one time in all images"
    if len({frozenset(found) for found in places.values()}) > 1 or any(
        len(set(each)) < len(each) for each in places.values()
    ):
        return f"{len(places)} times that do not each stand once at every position"
    return None


def _sorted(images: Sequence[Image], times: Sequence[float]) -> tuple[Echo, ...]:
    return tuple(
        Echo(
            time_ms=wanted,
            images=tuple(image for image, time in zip(images, times, strict=True) if time == wanted),
        )
        for wanted in sorted(set(times))
    )
