"""What a site may choose: frozen sections, handed out one by one; no default for what only a site can decide. Pure.

config/node.toml shows each setting with its default, unit and reason; config/load.py reads a site's file.
"""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from config.references import dangling
from config.section import Port, Seconds, Section
from config.tls import PeerTls, ReceiverTls


def _ae_title(text: str) -> str:
    if not 1 <= len(text.strip()) <= 16 or "\\" in text or not text.isascii() or not text.isprintable():
        raise ValueError("an AE title has 1 to 16 printable ASCII characters and no backslash (PS3.5 6.2)")
    return text.strip()


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValueError(f"no regular expression: {fault}") from fault
    return text


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as fault:
        raise ValueError("no IP address, and no network like 192.0.2.0/24") from fault
    return text


def _attribute(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]+|[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}", text):
        raise ValueError("no keyword like EchoTime, and no tag like 0019,10B6")
    return text


Attribute = Annotated[str, AfterValidator(_attribute)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Network = Annotated[str, AfterValidator(_network)]
AETitle = Annotated[str, AfterValidator(_ae_title)]
OptionalPort = Annotated[int, Field(ge=0, le=65535)]  # 0: none


class Site(Section):
    """Who we are in every object that we write."""

    institution: str
    device_serial: str
    station: str = "LUMBARNODE"
    storage: Path


class Receiver(Section):
    """The Storage and Verification SCP: on a plain port, on one with TLS, or on both."""

    ae_title: AETitle = "LUMBARAI"
    host: str = "0.0.0.0"  # noqa: S104 - a receiver listens for other machines; the site narrows it
    port: OptionalPort = 11112
    tls: ReceiverTls | None = None
    allowed_callers: tuple["Caller", ...] = ()
    allow_any_caller: bool = False
    require_called_ae: bool = True
    maximum_pdu: Annotated[int, Field(ge=4096, le=1_048_576)] = 131_072
    maximum_associations: Annotated[int, Field(ge=1)] = 25
    acse_timeout: Seconds = 30
    dimse_timeout: Seconds = 60
    network_timeout: Seconds = 120
    free_space_watermark_mib: Annotated[int, Field(ge=0)] = 2048

    @model_validator(mode="after")
    def _ports_are_there_and_differ(self) -> "Receiver":
        if not self.port and self.tls is None:
            raise ValueError("port 0 and no [receiver.tls]: nobody could call")
        if self.tls is not None and self.tls.port == self.port:
            raise ValueError(f"port {self.port} cannot be both plain and TLS (PS3.15 B.12)")
        return self


class Caller(Section):
    """A peer that may store here: its AE title, and the addresses it may call from (empty: any)."""

    ae_title: AETitle
    addresses: tuple[Network, ...] = ()
    query_peer: str | None = None  # name of the peer that counts this caller's series (C-FIND or QIDO)


class Assembly(Section):
    """When a series, and when a study, is complete."""

    quiet_seconds: Seconds = 30
    study_quiet_seconds: Seconds = 300
    query_sender: bool = True


class Match(Section):
    """All that is named must hold; what is not named does not matter. Texts are regular expressions, case ignored."""

    calling_ae: Pattern | None = None
    modality: Pattern | None = None
    manufacturer: Pattern | None = None
    body_part: Pattern | None = None
    study_description: Pattern | None = None
    series_description: Pattern | None = None
    institution: Pattern | None = None
    minimum_field_strength: float | None = None
    maximum_field_strength: float | None = None


class Rule(Section):
    """Studies that match go to these methods, their results to these peers. The first rule that matches decides."""

    name: str
    match: Match = Match()
    methods: tuple[str, ...]
    destinations: tuple[str, ...]
    hold: bool = False
    report_refusals: bool = True
    compare_with: str | None = None  # name of the peer that is asked for the patient's earlier reports


ObjectKind = Literal["SEG", "PM", "SR", "SC", "COLOR", "PDF", "GSPS"]


class Archive(Section):
    """What the peers have in common. objects: kinds of results that go there."""

    name: str
    objects: Annotated[tuple[ObjectKind, ...], Field(min_length=1)] = ("SEG", "PM", "SR", "SC", "COLOR")


class DimsePeer(Archive):
    kind: Literal["dimse"]
    ae_title: AETitle
    host: str
    port: Port
    tls: PeerTls | None = None
    query: bool = False
    confirm: Literal["none", "query", "commitment"] = "none"


class WebPeer(Archive):
    """A peer by HTTP. tls: what an https address needs beyond the system's authorities."""

    url: str
    username: str | None = None
    password_file: Path | None = None
    tls: PeerTls | None = None
    query: bool = True
    confirm: Literal["none", "query"] = "query"

    @model_validator(mode="after")
    def _tls_is_used(self) -> "WebPeer":
        if self.tls is not None and not self.url.startswith("https://"):
            raise ValueError("[peers.tls] is there, and the url does not begin with https://")
        return self


class StowPeer(WebPeer):
    kind: Literal["stow"]


class OrthancPeer(WebPeer):
    kind: Literal["orthanc"]


Peer = Annotated[DimsePeer | StowPeer | OrthancPeer, Field(discriminator="kind")]


class Delivery(Section):
    """How long to try, and how the waits grow."""

    first_wait: Seconds = 5
    longest_wait: Seconds = 3600
    give_up_after: Seconds = 7 * 86400
    request_timeout: Seconds = 60


class Inference(Section):
    device: Literal["auto", "cpu", "cuda", "openvino"] = "auto"
    backend: Literal["onnxruntime", "torch"] = "onnxruntime"
    threads: Annotated[int, Field(ge=0)] = 0


class TimeSource(Section):
    """Where an image says its spin-lock time: an attribute, and how its number becomes milliseconds."""

    attribute: Attribute
    creator: str | None = None
    pattern: Pattern | None = None
    milliseconds: Annotated[float, Field(gt=0)] = 1


_TSL = r"\bTSL[ _=:]*([0-9]+(?:\.[0-9]+)?)"


class RelaxationFit(Section):
    """The curve that is laid through the echoes. excluded_echoes: their places, from 1."""

    model: Literal["two-parameter", "three-parameter"] = "two-parameter"
    rician: bool = False
    excluded_echoes: tuple[Annotated[int, Field(ge=1)], ...] = ()


class Relaxometry(Section):
    """How the series of relaxometry are read. spin_lock_time: the first source that is clear for all images counts."""

    fit: RelaxationFit = RelaxationFit()

    spin_lock_time: tuple[TimeSource, ...] = (
        TimeSource(attribute="EchoTime"),
        TimeSource(attribute="InversionTime"),
        TimeSource(attribute="TriggerTime"),
        TimeSource(attribute="ImageComments", pattern=_TSL),
        TimeSource(attribute="SeriesDescription", pattern=_TSL),
    )


class Retention(Section):
    """How long files are kept after the last delivery, and how long the ledger tells what happened; its states stay."""

    inputs_days: Annotated[float, Field(ge=0)] = 7
    results_days: Annotated[float, Field(ge=0)] = 30
    history_days: Annotated[float, Field(ge=0)] = 365
    sweep_hours: Annotated[float, Field(gt=0)] = 6


class StatusPage(Section):
    host: str = "127.0.0.1"
    port: OptionalPort = 8980


class Settings(Section):
    site: Site
    receiver: Receiver
    assembly: Assembly = Assembly()
    rules: tuple[Rule, ...]
    peers: tuple[Peer, ...] = ()
    delivery: Delivery = Delivery()
    inference: Inference = Inference()
    relaxometry: Relaxometry = Relaxometry()
    retention: Retention = Retention()
    status_page: StatusPage = StatusPage()

    @model_validator(mode="after")
    def _names_resolve(self) -> "Settings":
        found = [f"{'.'.join(map(str, fault.place))}: {fault.words}" for fault in dangling(self.model_dump())]
        if found:
            raise ValueError("; ".join(found))
        return self
