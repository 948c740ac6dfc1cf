"""`lumbar-node status [STUDY]`: what the ledger says; the node need not run. Talks to: disk, terminal."""

import argparse
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

from config.settings import Settings
from node.app import is_running, ledger_path, open_ledger
from node.clock import at_site
from node.commands.site import checked_settings
from node.health import Health, as_document, health
from node.ledger.rows import StudyLine
from node.terminal import Grid, Terminal


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """1 if a person should look, or there is no such study."""
    settings = checked_settings(asked.config)
    if not ledger_path(settings).is_file():
        words = f"no node has run in {settings.site.storage} yet"
        terminal.raw(json.dumps({"well": True, "words": words})) if asked.json else terminal.say(words)
        return 0
    if asked.study is not None:
        return _tell_story(asked, settings, terminal)
    return _tell_state(asked, settings, terminal)


def _tell_state(asked: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    with closing(open_ledger(settings)) as ledger:
        found = health(ledger, settings)
    running = is_running(settings)
    if asked.json:
        terminal.raw(json.dumps({"running": running, **as_document(found)}, indent=1))
    else:
        _show(found, terminal, running=running)
    return 0 if found.is_well else 1


def _tell_story(asked: argparse.Namespace, settings: Settings, terminal: Terminal) -> int:
    with closing(open_ledger(settings)) as ledger:
        story = ledger.views.timeline(asked.study)
    if asked.json:
        terminal.raw(json.dumps({"study_uid": asked.study, "events": [asdict(one) for one in story]}, indent=1))
    elif story:
        for one in story:
            terminal.say(f"{_when(one.at)}  {one.words}")
    else:
        terminal.say("no such study here, or nothing has happened to it yet")
    return 0 if story else 1


def _show(found: Health, terminal: Terminal, *, running: bool) -> None:
    for fault in found.faults:
        terminal.fault(fault)
    counts = ", ".join(f"{number} {state}" for state, number in sorted(found.overview.counts.items()))
    state = "a node is running" if running else "no node is running"
    terminal.say(f"{state}; studies: {counts or 'none yet'}; {found.free_mib} MiB free")
    for line in found.overview.studies:
        terminal.say(f"\n{line.study_uid}")
        terminal.say(f"  {line.state}: {line.images} images from {line.calling_ae}, last at {_when(line.last_arrival)}")
        for words in _reasons(line):
            terminal.say(f"  {words}")
    if found.overview.refusals:
        rows = tuple(
            (_when(one.at), one.calling_ae, one.address, one.reason, "kept apart" if one.quarantined else "")
            for one in found.overview.refusals
        )
        terminal.table(Grid(title="not accepted", headings=("when", "from", "address", "reason", ""), rows=rows))


def _reasons(line: StudyLine) -> Iterator[str]:
    if line.reason:
        yield line.reason
    for choice in line.choices:
        yield f"{choice.verdict}: {choice.reason}"
    for peer, states in line.deliveries.items():
        yield f"to {peer}: {', '.join(f'{number} {state}' for state, number in states.items())}"
    yield from line.words


def _when(seconds: float) -> str:
    return at_site(seconds).strftime("%Y-%m-%d %H:%M:%S")
