"""`lumbar-node check-config`: every fault at once, and an echo to each peer. Talks to: PACS, terminal."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from config.errors import ConfigError, Fault
from config.settings import Settings
from node.certificates import open_secrets, run_out
from node.clock import at_site, system_clock
from node.commands.site import settings_to_run
from node.peers import PeerCheck, check_peers
from node.terminal import Grid, Terminal

EXIT_FAULTS = 2


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """A peer that does not answer is told, but is no fault of the file."""
    try:
        settings = _settings(asked.config)
    except ConfigError as error:
        _show_faults(error.faults, asked, terminal)
        return EXIT_FAULTS
    warnings = open_secrets(settings)
    peers = _ask(settings, terminal)
    if asked.json:
        found = {"faults": [], "warnings": _documents(warnings), "peers": _documents(peers)}
        terminal.raw(json.dumps(found, indent=1))
    else:
        terminal.say(f"{asked.config}: no fault")
        for warning in warnings:
            terminal.say(f"{asked.config}: warning: {warning}")
        rows = tuple((peer.name, "there" if peer.is_there else "NOT THERE", peer.words) for peer in peers)
        terminal.table(Grid(title="peers", headings=("peer", "", "it says"), rows=rows))
    return 0 if all(peer.is_there for peer in peers) else 1


def _settings(path: Path) -> Settings:
    """Raises ConfigError, also for certificates that have run out."""
    settings = settings_to_run(path)
    faults = run_out(settings, now=at_site(system_clock()))
    if faults:
        raise ConfigError(faults)
    return settings


def _ask(settings: Settings, terminal: Terminal) -> list[PeerCheck]:
    with terminal.progress("asking peers"):
        return list(check_peers(settings))


def _show_faults(faults: tuple[Fault, ...], asked: argparse.Namespace, terminal: Terminal) -> None:
    if asked.json:
        terminal.raw(json.dumps({"faults": _documents(faults), "warnings": [], "peers": []}, indent=1))
        return
    for fault in faults:
        terminal.fault(f"{asked.config}: {fault}")


def _documents(found: Sequence[Fault] | Sequence[PeerCheck]) -> list[dict[str, object]]:
    return [asdict(one) for one in found]
