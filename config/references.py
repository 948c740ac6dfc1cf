"""Names that one section of the settings takes from another. Pure.

Works on plain values, whatever they are, so that a file with a fault in one place is still checked in all others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Dangling:
    """place: keys and indexes from the top of the settings."""

    place: Place
    words: str


def dangling(settings: Mapping[str, Any]) -> Iterator[Dangling]:
    """Peers named twice, peers named but not there, and a receiver that nobody may call."""
    peers = list(_tables(settings.get("peers")))
    names = [peer.get("name") for peer in peers]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield Dangling(place=("peers", at, "name"), words=f"the name {name!r} is used twice")
    for at, rule in enumerate(_tables(settings.get("rules"))):
        for wanted in _items(rule.get("destinations")):
            if wanted not in names:
                yield Dangling(place=("rules", at, "destinations"), words=f"{wanted!r} is no peer's name")
        archive = rule.get("compare_with")
        if archive is not None and archive not in names:
            yield Dangling(place=("rules", at, "compare_with"), words=f"{archive!r} is no peer's name")
    yield from _callers(settings.get("receiver"), names)


def _callers(receiver: object, peers: list[object]) -> Iterator[Dangling]:
    if not isinstance(receiver, Mapping):
        return
    callers = list(_tables(receiver.get("allowed_callers")))
    for at, caller in enumerate(callers):
        wanted = caller.get("query_peer")
        if wanted is not None and wanted not in peers:
            place = ("receiver", "allowed_callers", at, "query_peer")
            yield Dangling(place=place, words=f"{wanted!r} is no peer's name")
    if not callers and not receiver.get("allow_any_caller"):
        words = "empty, so nobody could store; name the callers or set allow_any_caller"
        yield Dangling(place=("receiver", "allowed_callers"), words=words)


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()


def _tables(value: object) -> Iterator[Mapping[str, Any]]:
    """Items that are no tables keep their place as empty ones: pydantic tells of them."""
    for item in _items(value):
        yield item if isinstance(item, Mapping) else {}
