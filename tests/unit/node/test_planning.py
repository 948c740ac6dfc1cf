"""Rules x series x cards -> plan, with a reason for every series."""

from dataclasses import replace

import pytest

from config.settings import Match, Rule
from dicom_io.headers import SeriesTraits, read_header
from dicom_io.roles import Role
from inference.contract import Card, Need
from node.inspection import inspect_headers
from node.ledger.rows import Verdict
from node.plan_json import plan_from_json, plan_to_json
from node.planning import Candidate, Decision, Held, Nothing, Plan, Rulebook, decide, in_order, matches
from tests import builders


def card(name: str = "discs", *, role: Role = Role.SAGITTAL_T2, after: tuple[str, ...] = ()) -> Card:
    need = Need(role=role, refuse=lambda traits: "too few slices" if traits.slice_count < 4 else None)
    return Card(name=name, version="1", paper="none", needs=(need,), after=after)


def candidate(
    name: str = "T2", *, sequence: builders.SequenceCard = builders.T2, whole: bool = True, **shape: object
) -> Candidate:
    images = builders.classic(
        builders.volume(**shape),  # type: ignore[arg-type]  # keyword arguments of one function, handed on
        card=builders.series_card(sequence=sequence, name=name),
    )
    seen = inspect_headers([read_header(image) for image in images])
    return Candidate(traits=seen.traits, decision=seen.decision, whole=whole, evidence="evidence")


def traits(**changes: object) -> SeriesTraits:
    return replace(candidate().traits, **changes)  # type: ignore[arg-type]  # fields of one dataclass, handed on


def rule(**changes: object) -> Rule:
    return Rule.model_validate({"name": "lumbar", "methods": ["discs"], "destinations": ["pacs"], **changes})


def decided(
    *candidates: Candidate, rules: tuple[Rule, ...] = (rule(),), cards: tuple[Card, ...] = (card(),)
) -> Decision:
    rulebook = Rulebook(rules=rules, cards={one.name: one for one in cards})
    return decide(candidates, calling_ae="MR1", rulebook=rulebook)


def chosen(decision: Decision) -> list[str]:
    assert isinstance(decision.what, Plan)
    return [one.series_uid for step in decision.what.steps for one in step.inputs]


def test_the_series_of_the_needed_role_is_planned_and_the_others_have_a_reason() -> None:
    t1 = candidate("T1", sequence=builders.T1)
    decision = decided(t1, candidate())
    assert chosen(decision) == [builders.uid("T2")]
    (refused,) = [choice for choice in decision.choices if choice.verdict is Verdict.REFUSED]
    assert refused.series_uid == t1.series_uid
    assert "no method of the rule needs it" in refused.reason


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"spacing": (4.0, 0.6, 0.6)}, {"spacing": (4.0, 0.9, 0.9), "slices": 9}),
        ({"slices": 9}, {"slices": 5}),
    ],
    ids=["finer pixels", "more slices"],
)
def test_the_best_of_several_is_taken_and_the_others_are_told_why(
    better: dict[str, object], worse: dict[str, object]
) -> None:
    decision = decided(candidate("worse", **worse), candidate("better", **better))
    assert chosen(decision) == [builders.uid("better")]
    reasons = {choice.series_uid: choice.reason for choice in decision.choices}
    assert "better" in reasons[builders.uid("worse")]


def test_of_two_alike_the_one_taken_last_is_taken() -> None:
    first, again = candidate("first"), candidate("again")
    again = replace(again, traits=replace(again.traits, series_number=7))
    assert chosen(decided(again, first)) == [builders.uid("again")]


def test_a_series_that_may_lack_images_is_not_planned_but_reported() -> None:
    decision = decided(candidate(whole=False))
    assert isinstance(decision.what, Plan)
    assert decision.what.steps == ()
    (unfit,) = decision.what.unfit
    assert unfit.reason == "may lack images: evidence"


def test_a_series_that_the_card_refuses_is_reported_with_the_cards_words() -> None:
    decision = decided(candidate(slices=3))
    assert isinstance(decision.what, Plan)
    assert [unfit.reason for unfit in decision.what.unfit] == ["too few slices"]


def test_where_refusals_are_not_reported_there_is_nothing_to_do() -> None:
    decision = decided(candidate(slices=3), rules=(rule(report_refusals=False),))
    assert isinstance(decision.what, Nothing)
    assert "sagittal T2w" in decision.what.reason


def test_a_study_that_no_rule_matches_is_left_alone() -> None:
    decision = decided(candidate(), rules=(rule(match={"modality": "CT"}),))
    assert decision.what == Nothing(reason="no rule matches this study")


def test_the_first_rule_that_matches_decides() -> None:
    held = rule(name="phantoms", methods=[], hold=True, match={"series_description": "tse"})
    assert isinstance(decided(candidate(), rules=(held, rule())).what, Held)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (Match(), True),
        (Match(modality="mr"), True),
        (Match(series_description="TSE.*sag"), True),
        (Match(series_description="^tse"), False),
        (Match(calling_ae="MR1", modality="MR"), True),
        (Match(calling_ae="MR2", modality="MR"), False),
        (Match(institution="North"), False),
        (Match(minimum_field_strength=1.0, maximum_field_strength=1.5), True),
        (Match(minimum_field_strength=2.9), False),
        (Match(maximum_field_strength=1.4), False),
    ],
)
def test_all_that_a_match_names_must_hold(match: Match, expected: bool) -> None:
    assert matches(match, traits(), "MR1") is expected


def test_a_bound_on_field_strength_does_not_match_where_the_header_says_none() -> None:
    assert not matches(Match(minimum_field_strength=1.0), traits(field_strength=None), "MR1")


def test_methods_run_after_those_whose_results_they_want() -> None:
    cards = {"axial": card("axial", after=("discs",)), "discs": card("discs")}
    assert list(in_order(["axial", "discs"], cards)) == ["discs", "axial"]
    assert list(in_order(["axial"], cards)) == ["axial"]


def test_a_plan_comes_back_from_the_ledger_as_it_went_in() -> None:
    for decision in (decided(candidate()), decided(candidate(slices=3))):
        assert isinstance(decision.what, Plan)
        assert plan_from_json(plan_to_json(decision.what)) == decision.what


def either_card() -> Card:
    def accept(_: SeriesTraits) -> None:
        return None

    needs = tuple(Need(role=role, refuse=accept, gathers=True) for role in (Role.SPIN_LOCK, Role.MULTI_ECHO))
    return Card(name="discs", version="1", paper="none", needs=(), either=needs)


def locked(name: str, number: int, **shape: object) -> Candidate:
    one = candidate(name, sequence=replace(builders.T2, description=f"T1rho TSL {number}"), **shape)
    return replace(one, traits=replace(one.traits, series_number=number))


def test_series_of_one_spin_lock_time_each_fill_the_role_together() -> None:
    decision = decided(locked("c", 40), locked("a", 1), locked("b", 10), cards=(either_card(),))
    assert chosen(decision) == [builders.uid(name) for name in ("a", "b", "c")]
    assert {choice.verdict for choice in decision.choices} == {Verdict.CHOSEN}


def test_a_spin_lock_series_of_another_geometry_does_not_join_in() -> None:
    decision = decided(locked("a", 1), locked("b", 10), locked("other", 40, slices=6), cards=(either_card(),))
    assert chosen(decision) == [builders.uid(name) for name in ("a", "b")]


def test_one_time_alone_is_reported_as_such() -> None:
    decision = decided(locked("a", 1), cards=(either_card(),))
    assert isinstance(decision.what, Plan)
    assert decision.what.steps == ()
    assert ["one time only" in unfit.reason for unfit in decision.what.unfit] == [True]


def test_a_method_that_needs_either_of_two_roles_runs_with_one() -> None:
    images = builders.multi_echo([10.0, 20.0, 30.0])
    seen = inspect_headers([read_header(image) for image in images])
    assert seen.regularity.complete
    echoes = Candidate(traits=seen.traits, decision=seen.decision, whole=True, evidence="evidence")
    assert chosen(decided(echoes, cards=(either_card(),))) == [echoes.series_uid]
    assert isinstance(decided(candidate(), cards=(either_card(),)).what, Nothing)
