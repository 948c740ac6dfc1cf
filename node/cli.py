"""The command line: `lumbar-node run | analyze | demo | check-config | status | ... | cohort`. Talks to: terminal.

Exit codes: 0 done; 1 something failed, or a person should look; 2 the command or the site's file is wrong.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeAlias

from config.errors import ConfigError
from dicom_io.errors import DicomError
from inference.errors import InferenceError
from node.app import our_version
from node.commands import analyze, check_config, cohort, conformance, demo, doctor, retry, run, status
from node.errors import NodeError
from node.log import one_line
from node.terminal import Terminal
from sr_reports.errors import ReportError

EXPECTED: Final = (DicomError, InferenceError, ReportError, NodeError, OSError)
_FAILED, _MISCONFIGURED, _INTERRUPTED = 1, 2, 130
_CODES: Final = "exit codes: 0 done; 1 something failed, or a person should look; 2 command or configuration is wrong"

Command = Callable[[argparse.Namespace, Terminal], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. What is expected to fail at times ends in one line on standard error."""
    asked = _parser().parse_args(arguments)
    terminal = Terminal(quiet=asked.json)
    try:
        code = _carry_out(asked, terminal)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _carry_out(asked: argparse.Namespace, terminal: Terminal) -> int:
    command: Command = asked.command
    try:
        return command(asked, terminal)
    except ConfigError as error:
        for fault in error.faults:
            terminal.fault(f"lumbar-node: {one_line(str(fault))}")
        if asked.json:
            terminal.raw(json.dumps({"faults": [asdict(fault) for fault in error.faults]}, indent=1))
        return _MISCONFIGURED
    except BrokenPipeError:
        raise
    except EXPECTED as error:
        words = one_line(_words(error))
        terminal.fault(f"lumbar-node: {words}")
        if asked.json:
            terminal.raw(json.dumps({"error": words}, indent=1))
        return _FAILED


def _words(error: Exception) -> str:
    """Of an OSError: where and what, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lumbar-node",
        description="A DICOM node that measures the discs of the lumbar spine on MR. Research use only.",
        epilog=f"{_CODES}. `lumbar-node COMMAND --help` tells more.",
    )
    parser.add_argument("--version", action="version", version=f"lumbar-node {our_version()}")
    adding = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        _add_demo,
        _add_analyze,
        _add_check_config,
        _add_run,
        _add_status,
        _add_retry,
        _add_doctor,
        _add_cohort,
        _add_conformance,
    ):
        add(adding)
    return parser


Adding: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(adding: Adding, name: str, command: Command, *, what: str, more: str) -> argparse.ArgumentParser:
    """what: one line for the list of commands; more: what its own --help adds."""
    description = f"{what[0].upper()}{what[1:]}. {more}"
    parser = adding.add_parser(name, help=what, description=description, epilog=_CODES)
    parser.set_defaults(command=command, json=False)
    return parser


def _add_run(adding: Adding) -> None:
    more = "Until SIGTERM or Ctrl-C; what is not done by then is done after the next start. Logs go to standard error."
    parser = _add(adding, "run", run.command, what="run the node", more=more)
    _take_config(parser)


def _add_analyze(adding: Adding) -> None:
    more = "Writes all objects, the sheet (PNG, PDF) and results.json: every finding, every refusal and its reason."
    parser = _add(adding, "analyze", analyze.command, what="analyse DICOM files without a network", more=more)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a folder, with all in it, or files")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the results go")
    parser.add_argument("--config", type=Path, metavar="FILE", help="a site's rules, name and device (default: none)")
    _take_json(parser, "results.json on standard output, too")


def _add_demo(adding: Adding) -> None:
    more = (
        "A node and a PACS on loopback; a phantom study goes in by C-STORE; what is found stands beside what is true."
    )
    parser = _add(adding, "demo", demo.command, what="show the whole way on a digital phantom", more=more)
    parser.add_argument(
        "--folder", type=Path, default=Path(".demo"), metavar="DIR", help="a folder of the demo's own (default: .demo)"
    )
    _take_json(parser)


def _add_check_config(adding: Adding) -> None:
    what = "tell every fault of a site's settings, and ask each peer whether it answers"
    more = "Exit code 1: a peer does not answer; 2: the file is wrong."
    parser = _add(adding, "check-config", check_config.command, what=what, more=more)
    _take_config(parser)
    _take_json(parser)


def _add_status(adding: Adding) -> None:
    more = "The node need not run. Exit code 1: a person should look."
    parser = _add(adding, "status", status.command, what="show studies, their states, and why", more=more)
    parser.add_argument("study", nargs="?", metavar="STUDY", help="a Study Instance UID: all that happened to it")
    _take_config(parser)
    _take_json(parser)


def _add_retry(adding: Adding) -> None:
    what = "try studies again that failed, were held or were rejected"
    more = "A running node takes them up within seconds. Exit code 1: there was nothing to try again."
    parser = _add(adding, "retry", retry.command, what=what, more=more)
    parser.add_argument("studies", nargs="+", metavar="STUDY", help="a Study Instance UID, as `status` shows it")
    _take_config(parser)
    _take_json(parser)


def _add_doctor(adding: Adding) -> None:
    what = "tell what is installed, and whether a node could do its work here"
    more = "With --config also its disk, ports and peers. Exit code 1: something is missing that is needed."
    parser = _add(adding, "doctor", doctor.command, what=what, more=more)
    parser.add_argument("--config", type=Path, metavar="FILE", help="a site's settings (default: none)")
    _take_json(parser)


def _add_cohort(adding: Adding) -> None:
    what = "compare T1rho and T2 maps of many studies, voxel by voxel (needs the extra `cohort`)"
    more = (
        "The table has a row per visit: study (a folder of MR images, or of the objects that `analyze` or the node "
        "wrote of them), subject, and where known time_point, group, age, sex (F, M), bmi, and any other numeric "
        "column as a variable; `NAME L4/L5` is a variable of one disc. What was registered before stands in DIR/cache."
    )
    parser = _add(adding, "cohort", cohort.command, what=what, more=more)
    parser.add_argument("table", type=Path, metavar="STUDIES.csv", help="the table of studies")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where maps, figures and tables go")
    parser.add_argument("--atlas", type=Path, metavar="FILE", help="a site's own atlas, .npz (default: the phantom's)")
    parser.add_argument("--variables", metavar="A,B", help="columns to look at (default: all)")
    parser.add_argument("--alpha", type=float, default=0.05, help="level of significance (default: 0.05)")
    parser.add_argument("--permutations", type=int, default=1000, help="0: none (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the permutations (default: 0)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="a site's settings (default: none)")
    _take_json(parser, "cohort.json on standard output")


def _add_conformance(adding: Adding) -> None:
    more = "Markdown on standard output, as in deploy/conformance.md."
    _add(adding, "conformance", conformance.command, what="print the DICOM conformance statement", more=more)


def _take_config(parser: argparse.ArgumentParser) -> None:
    words = "the site's settings (default: node.toml); config/node.toml in the repository explains each"
    parser.add_argument("--config", type=Path, default=Path("node.toml"), metavar="FILE", help=words)


def _take_json(parser: argparse.ArgumentParser, words: str = "one JSON document on standard output") -> None:
    parser.add_argument("--json", action="store_true", help=words)
