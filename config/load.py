"""A site's TOML file as Settings, or every fault of it at once with its place. Talks to: disk."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.errors import ConfigError, Fault
from config.lines import line_of
from config.references import Place, dangling
from config.settings import DimsePeer, Settings
from config.tls import Tls


def load(path: Path) -> Settings:
    """Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as cause:
        raise ConfigError([Fault(place=str(path), words=f"cannot be read: {cause.strerror}")]) from cause
    except UnicodeDecodeError as cause:
        raise ConfigError([Fault(place=str(path), words="is no UTF-8 text")]) from cause
    return parse(text)


def parse(text: str) -> Settings:
    """Raises ConfigError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ConfigError([Fault(place="syntax", words=str(cause))]) from cause
    faults = list(_faults(document, text))
    if faults:
        raise ConfigError(faults)
    return Settings.model_validate(document)


def missing_files(settings: Settings) -> list[Fault]:
    """Files that the settings name and that are not here."""
    named = [(f"{place}.{name}", path) for place, tls in secured(settings) for name, path in tls.files.items()]
    for at, peer in enumerate(settings.peers):
        if not isinstance(peer, DimsePeer) and peer.password_file is not None:
            named.append((f"peers[{at}].password_file", peer.password_file))
    return [Fault(place=place, words=f"no file at {path}") for place, path in named if not path.is_file()]


def secured(settings: Settings) -> Iterator[tuple[str, Tls]]:
    """Every section that secures a connection, with its place."""
    if settings.receiver.tls is not None:
        yield "receiver.tls", settings.receiver.tls
    for at, peer in enumerate(settings.peers):
        if peer.tls is not None:
            yield f"peers[{at}].tls", peer.tls


def _faults(document: Mapping[str, Any], text: str) -> Iterator[Fault]:
    try:
        Settings.model_validate(document)
    except ValidationError as error:
        for found in error.errors():
            if found["loc"]:  # the whole's own validator has no place; dangling() below tells the same with places
                yield _fault(_without_tags(found["loc"]), found["msg"], text)
    for name in dangling(document):
        yield _fault(name.place, name.words, text)


def _fault(place: Place, words: str, text: str) -> Fault:
    return Fault(place=_written(place), words=words.removeprefix("Value error, "), line=line_of(text, place))


def _without_tags(place: Place) -> Place:
    """pydantic puts the kind of a peer behind its index."""
    return place[:2] + place[3:] if place[:1] == ("peers",) else place


def _written(place: Place) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return words.removeprefix(".")
