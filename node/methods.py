"""The methods that a site's rules name, loaded and warm. Talks to: disk, GPU."""

from collections.abc import Iterable, Mapping, Sequence

from config.errors import Fault
from config.settings import Inference, Relaxometry, Rule
from inference.contract import Card
from inference.registry import CARDS, open_method, weights_of
from node.execution import ReadyMethod
from sr_reports.findings import WeightsUsed, method_used


def open_methods(
    names: Iterable[str], settings: Inference, relaxometry: Relaxometry | None = None
) -> Mapping[str, ReadyMethod]:
    """Raises WeightsUnusable."""
    return {name: _ready(CARDS[name], settings, relaxometry) for name in dict.fromkeys(names)}


def methods_of(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(method for rule in rules for method in rule.methods))


def unknown_methods(rules: Sequence[Rule]) -> list[Fault]:
    """Methods that rules name and that there are none of."""
    known = ", ".join(sorted(CARDS))
    return [
        Fault(place=f"rules[{at}].methods", words=f"{method!r} is no method; there are: {known}")
        for at, rule in enumerate(rules)
        for method in rule.methods
        if method not in CARDS
    ]


def _ready(card: Card, settings: Inference, relaxometry: Relaxometry | None) -> ReadyMethod:
    used = tuple(WeightsUsed(name=one.name, sha256=one.sha256) for one in weights_of(card))
    opened = open_method(card.name, settings, relaxometry)
    return ReadyMethod(method=opened, used=method_used(card, weights=used))
