"""`lumbar-node demo`: a node and a PACS on loopback, a phantom through both, found beside true.

Talks to: PACS, disk, terminal.
"""

import argparse
import json
import shutil
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.settings import Assembly, Caller, Delivery, DimsePeer, Inference, Receiver, Rule, Settings, Site, StatusPage
from dicom_io.deliver.channel import Verdict
from dicom_io.deliver.opened import channel
from inference.anatomy import Disc
from inference.contract import Card, Case, Method
from inference.registry import CARDS
from inference.results import Quantity, Result
from node.app import Node, open_ledger
from node.commands.disc_grid import grade_of, number, value_of
from node.demo_pacs import DemoPacs, PacsPorts, demo_pacs
from node.demo_study import DemoStudy, demo_study
from node.execution import ReadyMethod
from node.health import health
from node.ledger.rows import StudyLine
from node.lifecycle import StudyState
from node.log import start_logging
from node.methods import open_methods
from node.terminal import Begin, Grid, Terminal
from sr_reports.findings import Findings
from sr_reports.overlay import draw

_PATIENCE: Final = 120.0
_ENDS: Final = (StudyState.DELIVERED, StudyState.FAILED, StudyState.REJECTED, StudyState.HELD)
_SENDER: Final = "DEMOSCANNER"
_HEADINGS: Final = (
    "level",
    "DH mm",
    "true DH",
    "DHI",
    "true DHI",
    "HDR",
    "true HDR",
    "dSI",
    "mod. Pfirrmann (1-8)",
    "drawn grade (1-5)",
)


@dataclass(eq=False)
class Witness:
    """A method whose last run the demonstration can draw."""

    method: Method
    seen: list[tuple[Case, Sequence[Result]]] = field(default_factory=list)

    @property
    def card(self) -> Card:
        return self.method.card

    def run(self, case: Case) -> Sequence[Result]:
        results = self.method.run(case)
        self.seen.append((case, results))
        return results


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """line: of the study, at its end; pictures: overlays that were drawn."""

    line: StudyLine
    findings: tuple[Findings, ...]
    pictures: tuple[Path, ...]
    pacs: str
    seconds: float


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    folder: Path = asked.folder
    _clear(folder)
    started = time.monotonic()
    with (folder / "node.log").open("w") as log, terminal.progress("demo") as begin:
        start_logging(log)
        begin("drawing a phantom study")
        study = demo_study()
        outcome = _walk(study, folder, begin)
    if asked.json:
        terminal.raw(json.dumps(_document(outcome, study), indent=1))
    else:
        _show(outcome, study, terminal)
        terminal.say(
            f"{time.monotonic() - started:.0f} s in all, {outcome.seconds:.1f} s from the last image to the PACS"
        )
    return 0 if outcome.line.state is StudyState.DELIVERED else 1


def _clear(folder: Path) -> None:
    """Only a folder that is ours is emptied."""
    mark = folder / "lumbar-node-demo"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise FileExistsError(17, "not empty, and not of an earlier demo", str(folder))
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    mark.touch()


def _walk(study: DemoStudy, folder: Path, begin: Begin) -> Outcome:
    ports = _free_ports(4)
    with ExitStack() as house:
        begin("starting a PACS and the node")
        pacs = house.enter_context(demo_pacs(folder / "pacs", PacsPorts(dicom=ports[0], http=ports[1])))
        settings = _settings(folder, pacs, port=ports[2])
        ready = open_methods(CARDS, settings.inference)
        witnesses = {name: Witness(one.method) for name, one in ready.items()}
        methods = {name: ReadyMethod(method=witnesses[name], used=one.used) for name, one in ready.items()}
        house.enter_context(Node(settings, methods))
        begin(f"sending {len(study.images)} images by C-STORE")
        _send(study, folder / "study", settings)
        sent = time.monotonic()
        begin("waiting for the results in the PACS")
        line = _wait_for_end(settings, study)
    findings = _findings(witnesses, ready)
    return Outcome(
        line=line,
        findings=findings,
        pictures=tuple(_draw(witnesses, findings, folder)),
        pacs=pacs.name,
        seconds=time.monotonic() - sent,
    )


def _settings(folder: Path, pacs: DemoPacs, *, port: int) -> Settings:
    """Waits are short: nobody else is sending."""
    return Settings(
        site=Site(institution="Demo", device_serial="DEMO-1", storage=folder / "node"),
        receiver=Receiver(
            host="127.0.0.1",
            port=port,
            allowed_callers=(Caller(ae_title=_SENDER, addresses=("127.0.0.1",)),),
            free_space_watermark_mib=64,
        ),
        assembly=Assembly(quiet_seconds=1, study_quiet_seconds=5),
        rules=(Rule(name="demo", methods=tuple(CARDS), destinations=(pacs.peer.name,)),),
        peers=(pacs.peer,),
        delivery=Delivery(first_wait=0.5, longest_wait=2),
        inference=Inference(),
        status_page=StatusPage(port=0),
    )


def _send(study: DemoStudy, folder: Path, settings: Settings) -> None:
    folder.mkdir()
    files = []
    for index, image in enumerate(study.images, start=1):
        files.append(folder / f"{index:04d}.dcm")
        image.save_as(files[-1], enforce_file_format=True)
    receiver = settings.receiver
    node = DimsePeer(kind="dimse", name="node", ae_title=receiver.ae_title, host=receiver.host, port=receiver.port)
    receipts = channel(node, calling_ae=_SENDER, timeout=30).send(files)
    if any(receipt.verdict is not Verdict.STORED for receipt in receipts):
        raise ConnectionError("the node did not take the phantom study")


def _wait_for_end(settings: Settings, study: DemoStudy) -> StudyLine:
    """Looks at the ledger, as `lumbar-node status` does."""
    ledger = open_ledger(settings)
    deadline = time.monotonic() + _PATIENCE
    never = threading.Event()
    try:
        while True:
            found = health(ledger, settings).overview.studies
            line = next((one for one in found if one.study_uid == study.study_uid), None)
            if line is not None and (line.state in _ENDS or time.monotonic() > deadline):
                return line
            never.wait(0.1)
    finally:
        ledger.close()


def _findings(witnesses: Mapping[str, Witness], ready: Mapping[str, ReadyMethod]) -> tuple[Findings, ...]:
    return tuple(
        Findings(method=ready[name].used, role=witness.card.needs[0].role, results=tuple(results))
        for name, witness in witnesses.items()
        for _, results in witness.seen[-1:]
    )


def _draw(witnesses: Mapping[str, Witness], findings: Sequence[Findings], folder: Path) -> list[Path]:
    pictures = []
    for (name, witness), found in zip(witnesses.items(), findings, strict=False):
        case, _ = witness.seen[-1]
        path = folder / f"{name}.png"
        path.write_bytes(draw([found], volume=case.volumes[found.role]))
        pictures.append(path)
    return pictures


def _free_ports(count: int) -> list[int]:
    """Free at this moment, all different."""
    with ExitStack() as listening:
        listeners = [listening.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


def _show(outcome: Outcome, study: DemoStudy, terminal: Terminal) -> None:
    rows = tuple(row for found in outcome.findings for row in _rows(found, study))
    terminal.table(Grid(title="a digital phantom: found beside true", headings=_HEADINGS, rows=rows))
    states = [state for states in outcome.line.deliveries.values() for state in states.items()]
    deliveries = ", ".join(f"{objects} {state}" for state, objects in states)
    terminal.say(f"study {outcome.line.state}; {outcome.pacs}: objects {deliveries or 'none'}")
    for reason in (outcome.line.reason, *(choice.reason for choice in outcome.line.choices)):
        if reason:
            terminal.say(f"  {reason}")
    for picture in outcome.pictures:
        terminal.say(f"overlay: {picture}")
    terminal.say(f"SEG and SR: {outcome.pictures[0].parent / 'node' / 'results' if outcome.pictures else 'none'}")
    terminal.say("Research use only.")


def _rows(found: Findings, study: DemoStudy) -> list[tuple[str, ...]]:
    return [
        (
            f"{disc.value}{'?' if found.level_doubt else ''}",
            number(value_of(found, disc, Quantity.DISC_HEIGHT), 1),
            number(study.truth.of(disc).height, 1),
            number(value_of(found, disc, Quantity.DISC_HEIGHT_INDEX), 3),
            number(study.truth.of(disc).height_index, 3),
            number(value_of(found, disc, Quantity.HEIGHT_TO_DIAMETER), 3),
            number(study.truth.of(disc).height_to_diameter, 3),
            number(value_of(found, disc, Quantity.SIGNAL_INTENSITY_DIFFERENCE), 0),
            grade_of(found, disc) or "-",
            number(study.truth.of(disc).grade, 1),
        )
        for disc in Disc
    ]


def _document(outcome: Outcome, study: DemoStudy) -> dict[str, object]:
    return {
        "study_uid": study.study_uid,
        "state": outcome.line.state,
        "seconds_from_last_image": round(outcome.seconds, 2),
        "deliveries": {peer: dict(states) for peer, states in outcome.line.deliveries.items()},
        "discs": [dict(zip(_HEADINGS, row, strict=True)) for found in outcome.findings for row in _rows(found, study)],
        "overlays": [str(picture) for picture in outcome.pictures],
    }
