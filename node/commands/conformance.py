"""`lumbar-node conformance`: the DICOM conformance statement of this version. Talks to: terminal."""

import argparse

from node.conformance import conformance_statement
from node.terminal import Terminal


def command(_: argparse.Namespace, terminal: Terminal) -> int:
    terminal.raw(conformance_statement().rstrip("\n"))  # it ends the last line itself
    return 0
