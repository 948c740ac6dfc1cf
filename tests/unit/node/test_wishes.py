"""A series that a method wishes for: taken where it is there, done without where it is not."""

from dataclasses import replace

from config.settings import Rule
from dicom_io.headers import Plane, read_header
from dicom_io.roles import Role
from inference.contract import Card, Need
from node.inspection import inspect_headers
from node.planning import Candidate, Plan, Rulebook, decide, usable_roles
from tests import builders


def any_will_do(_: object) -> None:
    return None


def few_are_too_few(traits: object) -> str | None:
    return "too few slices" if getattr(traits, "slice_count", 0) < 6 else None


AXIAL = Card(
    name="axial",
    version="1",
    paper="none",
    needs=(Need(role=Role.AXIAL_T2, refuse=any_will_do),),
    wishes=(Need(role=Role.SAGITTAL_T2, refuse=any_will_do),),
    after=("discs",),
)
DISCS = Card(name="discs", version="1", paper="none", needs=(Need(role=Role.SAGITTAL_T2, refuse=few_are_too_few),))
RULE = Rule.model_validate({"name": "lumbar", "methods": ["axial", "discs"], "destinations": ["pacs"]})


def candidate(name: str, *, plane: Plane = Plane.SAGITTAL, slices: int = 5, pixel: float = 1.1) -> Candidate:
    volume = builders.volume(plane=plane, slices=slices, spacing=(4.4, pixel, pixel))
    sequence = replace(builders.T2, description="t2_tse")
    images = builders.classic(volume, card=builders.series_card(sequence=sequence, name=name))
    seen = inspect_headers([read_header(image) for image in images])
    return Candidate(traits=seen.traits, decision=seen.decision, whole=True, evidence="evidence")


def inputs_of(method: str, *candidates: Candidate, rule: Rule = RULE) -> list[str]:
    rulebook = Rulebook(rules=(rule,), cards={AXIAL.name: AXIAL, DISCS.name: DISCS})
    decision = decide(candidates, calling_ae="MR1", rulebook=rulebook)
    assert isinstance(decision.what, Plan)
    (step,) = [step for step in decision.what.steps if step.method == method]
    return [one.series_uid for one in step.inputs]


def test_a_wished_series_joins_the_step() -> None:
    found = inputs_of("axial", candidate("axial", plane=Plane.AXIAL), candidate("sagittal", slices=7))
    assert found == [builders.uid("axial"), builders.uid("sagittal")]


def test_a_method_runs_without_what_it_only_wishes() -> None:
    assert inputs_of("axial", candidate("axial", plane=Plane.AXIAL)) == [builders.uid("axial")]


def test_the_wished_series_is_the_one_whose_results_are_taken_over() -> None:
    fine_but_refused = candidate("fine", pixel=0.5)
    analysed = candidate("analysed", slices=7)
    found = inputs_of("axial", candidate("axial", plane=Plane.AXIAL), fine_but_refused, analysed)
    assert found == [builders.uid("axial"), builders.uid("analysed")]


def test_without_an_earlier_method_the_best_series_is_wished() -> None:
    alone = RULE.model_copy(update={"methods": ("axial",)})
    series = (candidate("axial", plane=Plane.AXIAL), candidate("fine", pixel=0.5), candidate("coarse"))
    assert inputs_of("axial", *series, rule=alone) == [builders.uid("axial"), builders.uid("fine")]


def test_a_study_waits_for_what_is_wished() -> None:
    alone = RULE.model_copy(update={"methods": ("axial",)})
    assert usable_roles(alone, {AXIAL.name: AXIAL}) == {Role.AXIAL_T2, Role.SAGITTAL_T2}
