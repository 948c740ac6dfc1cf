"""`lumbar-node retry`: a person asks for another try. Talks to: disk, terminal."""

import argparse
import json

from node.app import open_ledger
from node.commands.site import checked_settings
from node.terminal import Terminal


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """A running node finds the work within seconds; otherwise the next one does."""
    ledger = open_ledger(checked_settings(asked.config))
    try:
        again = {study_uid: ledger.studies.retry(study_uid) for study_uid in asked.studies}
    finally:
        ledger.close()
    if asked.json:
        terminal.raw(json.dumps(again))
    else:
        for study_uid, is_again in again.items():
            words = "is tried again" if is_again else "is not here, or neither failed, rejected nor held"
            terminal.say(f"{study_uid} {words}")
    return 0 if all(again.values()) else 1
