"""`lumbar-node demo`: a node and a PACS on loopback, a phantom through both, found beside true.

Talks to: PACS, disk, terminal.
"""

import argparse
import errno
import json
import shutil
import socket
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from node.commands.demo_table import LEGEND, disc_grid, grade_grid, object_grid
from node.demo import Demonstration, DemoPorts, demonstrate
from node.lifecycle import StudyState
from node.log import one_line, start_logging
from node.phantom_study import phantom_study
from node.terminal import Terminal

_MARK: Final = "lumbar-node-demo"


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """1 if the study was not delivered."""
    folder: Path = asked.folder
    _clear(folder)
    started = time.monotonic()
    with (folder / "node.log").open("w") as log, terminal.progress("demo") as begin:
        start_logging(log)
        begin("a phantom lies down in the scanner")
        study = phantom_study()
        shown = demonstrate(study, folder, ports=_free_ports(), begin=begin)
    seconds = time.monotonic() - started
    if asked.json:
        terminal.raw(json.dumps(_document(shown, seconds), indent=1, default=sorted))
    else:
        _show(shown, terminal, folder=folder, seconds=seconds)
    return 0 if shown.line.state is StudyState.DELIVERED else 1


def _clear(folder: Path) -> None:
    """Empties a folder of an earlier demo, and no other. Raises FileExistsError."""
    if folder.exists() and not (folder / _MARK).exists() and any(folder.iterdir()):
        raise FileExistsError(errno.EEXIST, "is not empty and not from an earlier demo; name another", str(folder))
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()


def _free_ports() -> DemoPorts:
    """Free at this moment."""
    with ExitStack() as listening:
        listeners = [listening.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        node, pacs, orthanc_dicom, orthanc_http = (int(one.getsockname()[1]) for one in listeners)
    return DemoPorts(node=node, pacs=pacs, orthanc_dicom=orthanc_dicom, orthanc_http=orthanc_http)


def _show(shown: Demonstration, terminal: Terminal, *, folder: Path, seconds: float) -> None:
    terminal.say(
        f"A digital phantom: {shown.images} images in {shown.series} series went to the node by C-STORE; "
        f"{shown.seconds:.1f} s after the last of them the study was {shown.line.state}."
    )
    for reason in filter(None, (shown.line.reason, *shown.line.words)):
        terminal.say(f"  {one_line(reason)}")
    if shown.reports:
        terminal.table(disc_grid(shown.reports, shown.truth))
        terminal.say(LEGEND)
        terminal.table(grade_grid(shown.reports))
    for words in dict.fromkeys(words for one in shown.reports for words in (*one.doubts, *one.refusals)):
        terminal.say(f"  {one_line(words)}")
    terminal.table(object_grid(shown.objects))
    for picture in shown.pictures:
        terminal.say(f"picture      {picture}")
    terminal.say(f"objects      {folder / 'pacs'}")
    terminal.say(f"images sent  {folder / 'study'}")
    terminal.say(f"node's log   {folder / 'node.log'}")
    terminal.say(f"{seconds:.0f} s in all. Research use only.")


def _document(shown: Demonstration, seconds: float) -> dict[str, object]:
    return {
        "study_uid": shown.line.study_uid,
        "state": shown.line.state,
        "seconds": round(seconds, 1),
        "seconds_from_last_image_to_pacs": round(shown.seconds, 2),
        "found": [asdict(report) for report in shown.reports],
        "true": [asdict(disc) for disc in shown.truth],
        "objects": [asdict(one) for one in shown.objects],
        "pictures": [str(picture) for picture in shown.pictures],
    }
