"""The evaluation tells a disc that is missed from one that is found, and writes intervals."""

from dataclasses import replace

from inference.anatomy import Disc
from inference.relaxometry.agreement import Outline
from inference.relaxometry.evaluation import SeenDisc, as_table, phantom_lines
from inference.relaxometry.method import RELAXATIONS

GOOD = Outline(dice=0.9, surface_mm=0.4, volume=2.0, sensitivity=0.9, precision=0.9)


def seen(phantom: int, disc: Disc, *, milliseconds: float) -> SeenDisc:
    return SeenDisc(
        phantom=phantom,
        kind=RELAXATIONS[0],
        disc=disc,
        outline=GOOD,
        found_ms=milliseconds + 1,
        outlined_ms=milliseconds,
        painted_ms=milliseconds - 1,
    )


def test_figures_are_those_of_the_discs_that_were_found_and_a_missed_one_counts_as_missed() -> None:
    discs = [seen(p, d, milliseconds=60 + 10 * p + 5 * k) for p in range(4) for k, d in enumerate(Disc)]
    discs[0] = replace(discs[0], outline=None)
    figures = {line.what: line.figure for line in phantom_lines(discs)}
    assert figures["phantom, discs found under their own name"].value == 19 / 20
    assert figures["phantom, all discs: Dice"].items == 19
    assert round(figures["phantom, mean T1rho of a disc, in true outlines: bias, ms"].value, 6) == 1
    assert round(figures["phantom, mean T1rho of a disc, against truth: bias, ms"].value, 6) == 2
    assert figures["phantom, mean T1rho of a disc, against truth: Pearson r"].value > 0.999
    assert "(" in as_table(list(phantom_lines(discs)))
