"""`lumbar-node analyze PATH --out DIR`: DICOM files in, objects and pictures out. Talks to: disk, terminal."""

import argparse
import time
from pathlib import Path
from typing import Final

from config.settings import Inference, Match, Relaxometry, Rule, Site
from dicom_io.equipment import Equipment, equipment_of
from inference.registry import CARDS
from node.analysis import Request, analyse
from node.app import find_dciodvfy, our_version
from node.clock import at_site
from node.commands.axial_grid import axial_grades, axial_grid
from node.commands.disc_grid import disc_grid
from node.commands.site import checked_settings
from node.methods import methods_of, open_methods
from node.planning import Rulebook
from node.publishing import Gate, Publisher
from node.study_work import Workshop
from node.terminal import Terminal
from sr_reports.results_json import Analysis

NOWHERE: Final = Site(institution="analyze, no site configured", device_serial="analyze", storage=Path())
EVERYTHING: Final = (Rule(name="every method", match=Match(), methods=tuple(CARDS), destinations=()),)


def command(asked: argparse.Namespace, terminal: Terminal) -> int:
    """1 if nothing could be analysed."""
    for path in asked.paths:
        if not path.exists():
            raise FileNotFoundError(2, "no such file or folder", str(path))
    workshop = _workshop(asked)
    with terminal.progress("analysing") as begin:
        request = Request(paths=asked.paths, folder=asked.out, created=at_site(time.time()), begin=begin)
        analysis = analyse(request, workshop)
    if asked.json:
        terminal.raw((asked.out / "results.json").read_text(encoding="utf-8"))
    else:
        _show(analysis, asked.out, terminal)
    return 0 if any(one.measured_discs for series in analysis.analysed for one in series.findings) else 1


def _workshop(asked: argparse.Namespace) -> Workshop:
    settings = checked_settings(asked.config) if asked.config else None
    rules = settings.rules if settings else EVERYTHING
    inference = settings.inference if settings else Inference()
    relaxometry = settings.relaxometry if settings else Relaxometry()
    methods = open_methods(methods_of(rules), inference, relaxometry)
    return Workshop(
        rulebook=Rulebook(rules=rules, cards={name: one.method.card for name, one in methods.items()}),
        methods=methods,
        publisher=Publisher(asked.out, gate=Gate(dciodvfy=find_dciodvfy())),
        equipment=_equipment(settings.site if settings else NOWHERE),
        relaxometry=relaxometry,
    )


def _equipment(site: Site) -> Equipment:
    return equipment_of(site, software_version=our_version())


def _show(analysis: Analysis, folder: Path, terminal: Terminal) -> None:
    for series in analysis.analysed:
        terminal.table(axial_grid(series) if axial_grades(series) else disc_grid(series))
        for one in series.findings:
            for refusal in one.refusals:
                level = f"{refusal.disc.value} " if refusal.disc else ""
                terminal.say(f"not analysed: {level}{refusal.reason}")
    for refused in analysis.refused:
        terminal.say(f"refused: {f'series {refused.series_uid}' if refused.series_uid else 'study'}: {refused.reason}")
    for file in analysis.refused_files:
        terminal.say(f"no usable MR object: {file.file}: {file.reason}")
    terminal.say(f"{len(analysis.objects)} objects and results.json in {folder}")
