"""`lumbar-node status`: what the ledger says; the node need not run. Talks to: disk, terminal."""

import argparse
import json

from node.app import open_ledger
from node.commands.site import checked_settings
from node.health import Health, as_document, health
from node.ledger.rows import StudyLine
from node.terminal import Grid, Terminal


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    settings = checked_settings(asked.config)
    ledger = open_ledger(settings)
    try:
        found = health(ledger, settings)
    finally:
        ledger.close()
    if asked.json:
        terminal.raw(json.dumps(as_document(found), indent=1))
    else:
        _show(found, terminal)
    return 0 if found.is_well else 1


def _show(found: Health, terminal: Terminal) -> None:
    headings = ("study", "state", "from", "images", "why", "deliveries")
    terminal.table(Grid(title="", headings=headings, rows=tuple(_row(line) for line in found.overview.studies)))
    for fault in found.faults:
        terminal.fault(fault)


def _row(line: StudyLine) -> tuple[str, ...]:
    reasons = [line.reason, *(f"{one.verdict}: {one.reason}" for one in line.choices), *line.words]
    deliveries = [
        f"{peer}: {number} {state}" for peer, states in line.deliveries.items() for state, number in states.items()
    ]
    return (
        line.study_uid,
        line.state,
        line.calling_ae,
        str(line.images),
        "\n".join(reason for reason in reasons if reason),
        "\n".join(deliveries),
    )
