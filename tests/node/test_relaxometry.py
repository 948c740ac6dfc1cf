"""Spin-lock and multi-echo series of the phantom become maps, segmentation and report, by the node's own code."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydicom import dcmread

from config.settings import Inference, Match, Rule
from inference.anatomy import Disc
from inference.results import DiscPart, Measurement, NotAnalysed, Quantity, Statistic
from node.analysis import Request, analyse
from node.methods import open_methods
from node.phantom_relaxation import Layout, RelaxationStudy, relaxation_study
from node.planning import Rulebook
from node.publishing import Gate, Publisher
from node.study_work import Workshop
from sr_reports.results_json import Analysis
from tests import builders
from tests.lumbar import CREATED, EQUIPMENT

RULE = Rule(name="relaxometry", match=Match(), methods=("relaxometry",), destinations=())


def analysed(study: RelaxationStudy, folder: Path) -> Analysis:
    methods = open_methods(RULE.methods, Inference(device="cpu", threads=1))
    workshop = Workshop(
        rulebook=Rulebook(rules=(RULE,), cards={name: one.method.card for name, one in methods.items()}),
        methods=methods,
        publisher=Publisher(folder / "out", gate=Gate(dciodvfy=None)),
        equipment=EQUIPMENT,
    )
    builders.write(study.images, folder / "in")
    return analyse(Request(paths=[folder / "in"], folder=folder / "out", created=CREATED), workshop)


def means(analysis: Analysis) -> Mapping[Quantity, Mapping[Disc, float]]:
    found: dict[Quantity, dict[Disc, float]] = {}
    for series in analysis.analysed:
        for findings in series.findings:
            for one in findings.results:
                if isinstance(one, Measurement) and (one.part, one.statistic) == (DiscPart.WHOLE, Statistic.MEAN):
                    found.setdefault(one.quantity, {})[one.disc] = one.value
    return found


def test_a_study_is_answered_with_maps_that_hold_the_phantoms_times(tmp_path: Path) -> None:
    study = relaxation_study(layout=Layout.SERIES, slices=1, matrix=160)
    analysis = analysed(study, tmp_path)
    assert not analysis.refused_files
    found = means(analysis)
    assert set(found) == {Quantity.T1RHO, Quantity.T2}
    for quantity, discs in study.truth.items():
        assert set(found[quantity]) == set(Disc)
        for disc in list(Disc)[:4]:  # the worn L5/S1 is few pixels high: marrow shines in
            assert found[quantity][disc] == pytest.approx(discs[disc], abs=12), (quantity, disc)
    kinds = [one.kind for one in analysis.objects]
    assert kinds.count("PM") == 4
    assert kinds.count("SEG") == kinds.count("SR") == 2
    maps = [dcmread(tmp_path / "out" / one.file) for one in analysis.objects if one.kind == "PM"]
    assert {(one.Rows, one.Columns, int(one.NumberOfFrames)) for one in maps} == {(160, 160, 1)}


def test_a_series_whose_times_are_told_nowhere_is_refused_with_the_reason_and_the_other_goes_on(tmp_path: Path) -> None:
    analysis = analysed(relaxation_study(layout=Layout.NOWHERE, slices=1, matrix=160), tmp_path)
    refusals = [
        one.reason
        for series in analysis.analysed
        for findings in series.findings
        for one in findings.results
        if isinstance(one, NotAnalysed) and one.disc is None
    ]
    assert set(means(analysis)) == {Quantity.T2}
    assert len(refusals) == 1
    assert "stand in none of the configured places" in refusals[0]
    assert "EchoTime: one time in all images" in refusals[0]
