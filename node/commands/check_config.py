"""`lumbar-node check-config`: every fault at once, and an echo to each peer. Talks to: PACS, terminal."""

import argparse
import json
from dataclasses import asdict

from config.errors import ConfigError, Fault
from config.settings import Settings
from node.commands.site import checked_settings
from node.peers import PeerCheck, check_peers
from node.terminal import Grid, Terminal

EXIT_FAULTS = 2


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """A peer that does not answer is told, but is no fault of the file."""
    try:
        settings = checked_settings(asked.config)
    except ConfigError as error:
        _show_faults(error.faults, asked, terminal)
        return EXIT_FAULTS
    peers = _ask(settings, terminal)
    if asked.json:
        terminal.raw(json.dumps({"faults": [], "peers": [asdict(peer) for peer in peers]}, indent=1))
    else:
        terminal.say(f"{asked.config}: no fault")
        rows = tuple((peer.name, "there" if peer.is_there else "NOT THERE", peer.words) for peer in peers)
        terminal.table(Grid(title="peers", headings=("peer", "", "it says"), rows=rows))
    return 0 if all(peer.is_there for peer in peers) else 1


def _ask(settings: Settings, terminal: Terminal) -> list[PeerCheck]:
    with terminal.progress("asking peers"):
        return list(check_peers(settings))


def _show_faults(faults: tuple[Fault, ...], asked: argparse.Namespace, terminal: Terminal) -> None:
    if asked.json:
        terminal.raw(json.dumps({"faults": [asdict(fault) for fault in faults], "peers": []}, indent=1))
        return
    for fault in faults:
        terminal.fault(f"{asked.config}: {fault}")
