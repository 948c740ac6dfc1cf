"""`lumbar-node doctor`: what is installed, and whether a node could do its work here. Talks to: terminal."""

import argparse
import json
from dataclasses import asdict
from typing import Final

from node.commands.site import settings_to_run
from node.doctor import Finding, State, examine
from node.log import one_line
from node.terminal import Grid, Terminal

_MARKS: Final = {State.WELL: "ok", State.OPTIONAL: "-", State.WARNING: "warning", State.FAULT: "FAULT"}


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """1 if something is missing that is needed."""
    settings = None if asked.config is None else settings_to_run(asked.config)
    found: list[Finding] = []
    with terminal.progress("looking") as begin:
        for finding in examine(settings):
            begin(finding.subject)
            found.append(finding)
    is_well = all(one.state is not State.FAULT for one in found)
    if asked.json:
        terminal.raw(json.dumps({"well": is_well, "findings": [asdict(one) for one in found]}, indent=1))
    else:
        rows = tuple((_MARKS[one.state], one.subject, one_line(one.words)) for one in found)
        terminal.table(Grid(title="", headings=("", "what", "found"), rows=rows))
    return 0 if is_well else 1
