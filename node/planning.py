"""Rules x series x method cards -> which method takes which series, and why each series was taken or not. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.settings import Match, Rule
from dicom_io.headers import SeriesTraits
from dicom_io.roles import Role, RoleDecision
from inference.contract import Card, Need
from node.gathering import gathered
from node.inspection import Inspected
from node.ledger.rows import Choice, Verdict

_LONELY: Final = "one time only, and no other series of its geometry has another"


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The site's rules and the methods that they may name."""

    rules: tuple[Rule, ...]
    cards: Mapping[str, Card]

    def usable_roles(self, series: Sequence[SeriesTraits], *, calling_ae: str) -> frozenset[Role]:
        """Roles that a method of the rule for these series can use."""
        return usable_roles(self.rule_for(series, calling_ae=calling_ae), self.cards)

    def awaited_roles(self, seen: Sequence[Inspected], *, calling_ae: str) -> frozenset[Role]:
        """Those that a study with these series waits for (deploy/decisions/0016)."""
        rule = self.rule_for([one.traits for one in seen], calling_ae=calling_ae)
        cards = [self.cards[method] for method in _working(rule)]
        awaited = [card for card in cards if not card.is_rare or _has_begun(card, seen)]
        return frozenset[Role]().union(*(card.roles for card in awaited or cards))

    def without_holds(self) -> "Rulebook":
        """Rules that hold do their work instead; those that have none are passed over."""
        left = (rule.model_copy(update={"hold": False}) for rule in self.rules if rule.methods or not rule.hold)
        return Rulebook(rules=tuple(left), cards=self.cards)

    def rule_for(self, series: Sequence[SeriesTraits], *, calling_ae: str) -> Rule | None:
        """The first rule that one series of the study matches."""
        return next((rule for rule in self.rules if any(matches(rule.match, one, calling_ae) for one in series)), None)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A series of the study. whole is False for one that may lack images; evidence says why it is or is not."""

    traits: SeriesTraits
    decision: RoleDecision
    whole: bool
    evidence: str

    @property
    def series_uid(self) -> str:
        return self.traits.series_uid


@dataclass(frozen=True, kw_only=True)
class Input:
    role: Role
    series_uid: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One method on the series that fill its needs."""

    method: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """A series of the right role that a method will not take: the report says so."""

    method: str
    input: Input
    reason: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Steps in the order they are to be done."""

    rule: str
    steps: tuple[Step, ...]
    unfit: tuple[Unfit, ...]
    destinations: tuple[str, ...]
    report_refusals: bool


@dataclass(frozen=True, kw_only=True)
class Held:
    """A rule says that a person decides."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """There is nothing to do, and reason says why."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    what: Plan | Held | Nothing
    choices: tuple[Choice, ...]


def decide(
    candidates: Sequence[Candidate], *, calling_ae: str, rulebook: Rulebook, is_released: bool = False
) -> Decision:
    """What to do with a study. is_released: rules hold it no longer."""
    if is_released:
        rulebook = rulebook.without_holds()
    cards = rulebook.cards
    rule = rulebook.rule_for([candidate.traits for candidate in candidates], calling_ae=calling_ae)
    if rule is None:
        return Decision(what=Nothing(reason="no rule matches this study"), choices=())
    if rule.hold:
        return Decision(what=Held(reason=f"rule {rule.name!r} holds it"), choices=())
    planned: list[_PlannedMethod] = []
    for method in in_order(rule.methods, cards):
        planned.append(_plan_method(cards[method], candidates, earlier=[one.step for one in planned if one.step]))
    steps = tuple(one.step for one in planned if one.step is not None)
    unfit = tuple(unfit for one in planned for unfit in one.unfit)
    choices = (*_roles(candidates, rule, cards), *(choice for one in planned for choice in one.choices))
    if not steps and not (unfit and rule.report_refusals):
        return Decision(what=Nothing(reason=_why_nothing(rule, planned)), choices=choices)
    plan = Plan(
        rule=rule.name,
        steps=steps,
        unfit=unfit,
        destinations=rule.destinations,
        report_refusals=rule.report_refusals,
    )
    return Decision(what=plan, choices=choices)


def matches(match: Match, traits: SeriesTraits, calling_ae: str) -> bool:
    """All that is named holds. A text the header does not have matches no pattern."""
    texts = (
        (match.calling_ae, calling_ae),
        (match.modality, traits.modality),
        (match.manufacturer, traits.manufacturer),
        (match.body_part, traits.body_part),
        (match.study_description, traits.study_description),
        (match.series_description, traits.description),
        (match.institution, traits.institution),
    )
    field = traits.field_strength
    weakest, strongest = match.minimum_field_strength, match.maximum_field_strength
    return (
        all(pattern is None or re.search(pattern, text or "", re.IGNORECASE) for pattern, text in texts)
        and (weakest is None or (field is not None and field >= weakest))
        and (strongest is None or (field is not None and field <= strongest))
    )


def usable_roles(rule: Rule | None, cards: Mapping[str, Card]) -> frozenset[Role]:
    """Roles that a method of the rule needs or wishes."""
    return frozenset[Role]().union(*(cards[method].roles for method in _working(rule)))


def _working(rule: Rule | None) -> Sequence[str]:
    return () if rule is None or rule.hold else rule.methods


def _has_begun(card: Card, seen: Sequence[Inspected]) -> bool:
    """A series is there that the method takes."""
    return any(
        one.decision.role is need.role and need.refuse(one.traits) is None for one in seen for need in card.required
    )


def in_order(methods: Sequence[str], cards: Mapping[str, Card]) -> Iterator[str]:
    """Each method after those whose results it wants, as far as the rule names them."""
    left = list(methods)
    while left:
        ready = next((one for one in left if not set(cards[one].after) & set(left)), left[0])
        left.remove(ready)
        yield ready


@dataclass(frozen=True, kw_only=True)
class _PlannedMethod:
    step: Step | None
    unfit: tuple[Unfit, ...]
    choices: tuple[Choice, ...]


def _plan_method(card: Card, candidates: Sequence[Candidate], *, earlier: Sequence[Step]) -> _PlannedMethod:
    needed = [_fill(need, card.name, candidates) for need in card.needs]
    either = [_fill(need, card.name, candidates) for need in card.either]
    enough = not either or any(one.inputs for one in either)
    choices = (
        *(choice for one in needed for choice in one.choices),
        *(choice for one in either for choice in one.choices if choice.series_uid is not None or not enough),
    )
    unfit = tuple(unfit for one in (*needed, *either) for unfit in one.unfit)
    if not enough or not all(one.inputs for one in needed):
        return _PlannedMethod(step=None, unfit=unfit, choices=choices)
    inputs = tuple(each for one in (*needed, *either) for each in one.inputs)
    wished = tuple(each for wish in card.wishes for each in _wished(wish, card, candidates, earlier))
    return _PlannedMethod(step=Step(method=card.name, inputs=(*inputs, *wished)), unfit=unfit, choices=choices)


def _wished(wish: Need, card: Card, candidates: Sequence[Candidate], earlier: Sequence[Step]) -> tuple[Input, ...]:
    """The very series that a method before worked on, whose results are taken over; else the best there is."""
    for step in earlier:
        if step.method in card.after:
            found = tuple(one for one in step.inputs if one.role is wish.role)
            if found:
                return found
    return _fill(wish, card.name, candidates).inputs


@dataclass(frozen=True, kw_only=True)
class _Filled:
    """unfit: where nothing filled it."""

    inputs: tuple[Input, ...]
    unfit: tuple[Unfit, ...]
    choices: tuple[Choice, ...]


def _fill(need: Need, method: str, candidates: Sequence[Candidate]) -> _Filled:
    suited: list[Candidate] = []
    unfit: list[Unfit] = []
    for candidate in candidates:
        if candidate.decision.role is not need.role:
            continue
        reason = need.refuse(candidate.traits) if candidate.whole else f"may lack images: {candidate.evidence}"
        if reason is None:
            suited.append(candidate)
        else:
            unfit.append(Unfit(method=method, input=_input(need, candidate), reason=reason))
    bundles = gathered(suited) if need.gathers else [(one,) for one in suited]
    lonely = [one for one in suited if not any(one in bundle for bundle in bundles)]
    unfit += [Unfit(method=method, input=_input(need, one), reason=_LONELY) for one in lonely]
    choices = [_choice(one.input.series_uid, method, Verdict.REFUSED, one.reason) for one in unfit]
    if not bundles:
        missing = _choice(None, method, Verdict.REFUSED, f"no usable series in the role {need.role.value!r}")
        return _Filled(inputs=(), unfit=tuple(unfit), choices=(*choices, missing))
    best = max(bundles, key=lambda bundle: _merit(bundle[0]))
    choices += [_comparison(one, best, method, among=len(bundles)) for bundle in bundles for one in bundle]
    return _Filled(inputs=tuple(_input(need, one) for one in best), unfit=(), choices=tuple(choices))


def _merit(candidate: Candidate) -> tuple[float, int, int, str]:
    """Finest pixels, then most slices, then taken last: a repeated series is repeated for a reason."""
    traits = candidate.traits
    coarseness = max(traits.pixel_spacing) if traits.pixel_spacing else float("inf")
    return (-round(coarseness, 2), traits.slice_count, traits.series_number or 0, traits.series_uid)


def _comparison(candidate: Candidate, best: Sequence[Candidate], method: str, *, among: int) -> Choice:
    order = "finest pixels, then most slices, then taken last"
    if candidate in best:
        reason = candidate.evidence if among == 1 else f"the best of {among}: {order}"
        reason = reason if len(best) == 1 else f"one time of {len(best)}: {reason}"
        return _choice(candidate.series_uid, method, Verdict.CHOSEN, reason)
    return _choice(candidate.series_uid, method, Verdict.REFUSED, f"another of this role is better: {order}")


def _roles(candidates: Sequence[Candidate], rule: Rule, cards: Mapping[str, Card]) -> Iterator[Choice]:
    """Why series whose role nothing needs were not looked at."""
    usable = usable_roles(rule, cards)
    for candidate in candidates:
        role = candidate.decision.role
        if role not in usable:
            reason = f"{role.value} ({'; '.join(candidate.decision.reasons)}): no method of the rule needs it"
            yield _choice(candidate.series_uid, None, Verdict.REFUSED, reason)


def _why_nothing(rule: Rule, planned: Sequence[_PlannedMethod]) -> str:
    if not rule.methods:
        return f"rule {rule.name!r} names no method"
    return "; ".join(
        f"{choice.method}: {choice.reason}" for one in planned for choice in one.choices if choice.series_uid is None
    )


def _input(need: Need, candidate: Candidate) -> Input:
    return Input(role=need.role, series_uid=candidate.series_uid)


def _choice(series_uid: str | None, method: str | None, verdict: Verdict, reason: str) -> Choice:
    return Choice(series_uid=series_uid, method=method, verdict=verdict, reason=reason)
