"""What a report says can be read from it again."""

from collections.abc import Sequence

from inference.anatomy import Disc
from inference.results import Quantity, Scale
from sr_reports.findings import Findings
from sr_reports.read_back import Reported, read_report
from sr_reports.report import sagittal_report
from tests import builders, lumbar


def reported(findings: Sequence[Findings]) -> Reported:
    document = sagittal_report(findings, source=lumbar.source(), identity=lumbar.identity("SR"))
    return read_report(builders.as_read(document))


def test_every_number_and_grade_comes_back_as_it_was_rounded() -> None:
    discs = reported([lumbar.findings()]).discs
    assert [one.disc for one in discs] == list(Disc)
    for one in discs:
        assert one.values == {
            Quantity.DISC_HEIGHT: 9.61,
            Quantity.DISC_HEIGHT_INDEX: 0.346,
            Quantity.HEIGHT_TO_DIAMETER: 0.272,
            Quantity.SIGNAL_INTENSITY_DIFFERENCE: 72.3,
        }
        assert one.grades == {Scale.MODIFIED_PFIRRMANN: 4}


def test_a_disc_that_was_not_measured_is_a_refusal_and_no_disc() -> None:
    found = reported([lumbar.findings(without=[Disc.L5_S1])])
    assert Disc.L5_S1 not in {one.disc for one in found.discs}
    assert any("outside the field of view" in words for words in found.refusals)


def test_a_doubt_about_the_levels_comes_back_in_its_words() -> None:
    assert reported([lumbar.findings(level_doubt="six lumbar discs in view")]).doubts == ("six lumbar discs in view",)


def test_a_report_of_refusals_alone_has_no_disc() -> None:
    found = reported([lumbar.refused("slices overlap")])
    assert found.discs == ()
    assert len(found.refusals) == 1
