"""What a radiologist's text says of the lowest three discs: herniation, dural sac, roots, each None where unsaid. Pure.

Training only. What a report does not mention at a level is absent there; what it mentions without a level, or for
"multiple levels", is unknown at the levels that it does not name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final, TypeVar

from inference.anatomy import Disc
from inference.axial_grading.report_words import Term, Token, statements
from inference.results import Side

LEVELS: Final = (Disc.L3_L4, Disc.L4_L5, Disc.L5_S1)


class Herniation(IntEnum):
    NONE = 0
    BULGE = 1
    PROTRUSION = 2
    EXTRUSION = 3


class Pressure(IntEnum):
    """On the dural sac, or on a root where it leaves the canal."""

    NONE = 0
    TOUCHED = 1
    MILD = 2
    COMPRESSED = 3
    SEVERE = 4


@dataclass(frozen=True, kw_only=True)
class Said:
    """Of one level; None where the text cannot be read."""

    herniation: Herniation | None = Herniation.NONE
    sac: Pressure | None = Pressure.NONE
    left: Pressure | None = Pressure.NONE
    right: Pressure | None = Pressure.NONE

    def worse_of(self, other: "Said") -> "Said":
        """None wins only over NONE: a finding that was read stays."""
        return Said(
            herniation=_worse(self.herniation, other.herniation),
            sac=_worse(self.sac, other.sac),
            left=_worse(self.left, other.left),
            right=_worse(self.right, other.right),
        )


UNKNOWN: Final = Said(herniation=None, sac=None, left=None, right=None)
_HERNIATIONS: Final = {
    Term.BULGE: Herniation.BULGE,
    Term.PROTRUSION: Herniation.PROTRUSION,
    Term.HERNIATION: Herniation.PROTRUSION,
    Term.EXTRUSION: Herniation.EXTRUSION,
}
_VERBS: Final = {
    Term.TOUCH: Pressure.TOUCHED,
    Term.ENCROACH: Pressure.MILD,
    Term.NARROW: Pressure.MILD,
    Term.COMPRESS: Pressure.COMPRESSED,
}
_SIDES: Final = {
    Term.LEFT: frozenset({Side.LEFT}),
    Term.RIGHT: frozenset({Side.RIGHT}),
    Term.BOTH: frozenset(Side),
}
_Kind = TypeVar("_Kind", Herniation, Pressure)
_FINDINGS: Final = frozenset({*_HERNIATIONS, *_VERBS, Term.STENOSIS})


def read_report(text: str) -> Mapping[Disc, Said]:
    """Each of LEVELS; all unknown where the text says nothing of discs, sac or roots."""
    sentences = statements(text)
    speaks = any(token.term in _FINDINGS or token.term is Term.ADEQUATE for one in sentences for token in one)
    found = dict.fromkeys(LEVELS, Said() if speaks else UNKNOWN)
    for segment in _segments(sentences):
        said = _read(segment.tokens)
        if said == Said():
            continue
        for disc in LEVELS:
            if (disc.value[:2], disc.value[3:]) in segment.discs:
                found[disc] = found[disc].worse_of(said)
            elif not segment.discs or segment.has(Term.MULTILEVEL):
                found[disc] = found[disc].worse_of(_unknown_where(said))
    return found


@dataclass(frozen=True, kw_only=True)
class _Segment:
    """Words about one finding or chain of findings, at the discs it names or inherits from a heading."""

    tokens: tuple[Token, ...]
    discs: frozenset[tuple[str, str]]

    def has(self, *terms: Term) -> bool:
        return any(token.term in terms for token in self.tokens)


def _segments(sentences: Sequence[tuple[Token, ...]]) -> Iterator[_Segment]:
    heading: frozenset[tuple[str, str]] = frozenset()
    for sentence in sentences:
        for tokens in _parted(sentence):
            own = frozenset(disc for token in tokens for disc in token.discs)
            leads = tokens[0].term is Term.LEVELS
            notably = any(token.term is Term.NOTABLY for token in tokens)
            segment = _Segment(tokens=tokens, discs=own | heading if notably or not own else own)
            yield segment
            heading = own if leads else heading if not own else frozenset()


def _parted(sentence: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """A new herniation after "... at L4/5" is about another disc; after "L4/5: ..." it is about the same."""
    begin, has_finding, has_named = 0, False, False
    for place, token in enumerate(sentence):
        if token.term in _HERNIATIONS and token.term is not Term.EXTRUSION and has_named:
            cut = _phrase_start(sentence, place, begin)
            yield sentence[begin:cut]
            begin, has_named = cut, False
        has_finding = has_finding or token.term in _HERNIATIONS
        has_named = has_named or (token.term is Term.LEVELS and has_finding)
    yield sentence[begin:]


def _phrase_start(sentence: Sequence[Token], place: int, begin: int) -> int:
    """Adjectives before a herniation go with it."""
    adjectives = (*_SIDES, Term.SLIGHT, Term.SEVERE, Term.DIFFUSE, Term.MORE, Term.MULTILEVEL, Term.NO)
    while place > begin + 1 and sentence[place - 1].term in adjectives:
        place -= 1
    return place


@dataclass(kw_only=True)
class _Reading:
    """How far a segment was read."""

    said: Said = field(default_factory=Said)
    degree: Term | None = None
    verb: Pressure | None = None
    sides: frozenset[Side] = frozenset()
    disc_sides: frozenset[Side] = frozenset()
    is_denied: bool = False
    waiting: list[Token] = field(default_factory=list)


def _read(tokens: Sequence[Token]) -> Said:
    reading = _Reading()
    for place, token in enumerate(tokens):
        previous = tokens[place - 1].term if place else None
        following = tokens[place + 1].term if place + 1 < len(tokens) else None
        _take(reading, token, previous=previous, following=following)
    return reading.said


def _take(reading: _Reading, token: Token, *, previous: Term | None, following: Term | None) -> None:
    term = token.term
    if term in (Term.NO, Term.ADEQUATE, Term.BUT):
        reading.is_denied, reading.verb, reading.waiting = term is not Term.BUT, None, []
    elif term in (Term.SLIGHT, Term.SEVERE):
        reading.degree = term
    elif term in _SIDES:
        if previous is not Term.MORE:
            reading.sides |= _SIDES[term]
    elif term in _HERNIATIONS:
        _herniation(reading, _HERNIATIONS[term])
    elif term in _VERBS:
        _verb(reading, term)
    elif term is Term.STENOSIS or (term is Term.SPINAL_CANAL and reading.verb is Pressure.MILD):
        _press_sac(reading, Pressure.SEVERE)
    elif term in (Term.SAC, Term.ROOT, Term.EXIT):
        is_adjective = term is Term.EXIT and following is Term.ROOT
        if not is_adjective and term is not previous:
            _press(reading, token)


def _herniation(reading: _Reading, kind: Herniation) -> None:
    if not reading.is_denied:
        reading.said = replace(reading.said, herniation=_worse(reading.said.herniation, kind))
    if reading.sides:
        reading.disc_sides = reading.sides
    reading.sides, reading.degree, reading.verb = frozenset(), None, None


def _verb(reading: _Reading, term: Term) -> None:
    pressure = _VERBS[term]
    if reading.degree is Term.SLIGHT:
        pressure = Pressure.MILD if term is Term.COMPRESS else Pressure.TOUCHED
    elif reading.degree is Term.SEVERE and term is Term.COMPRESS:
        pressure = Pressure.SEVERE
    reading.degree, reading.verb = None, pressure
    waiting, reading.waiting = reading.waiting, []
    if term is Term.COMPRESS:
        for token in waiting:
            _press(reading, token)


def _press(reading: _Reading, token: Token) -> None:
    if reading.verb is None:
        reading.waiting.append(token)
    elif token.term is Term.SAC:
        _press_sac(reading, reading.verb)
        reading.disc_sides, reading.sides = reading.disc_sides or reading.sides, frozenset()
    else:
        _press_roots(reading, reading.verb)


def _press_sac(reading: _Reading, pressure: Pressure) -> None:
    if not reading.is_denied:
        reading.said = replace(reading.said, sac=_worse(reading.said.sac, pressure))


def _press_roots(reading: _Reading, pressure: Pressure) -> None:
    """Without a side: both, unless the disc leans to one, which leaves the other side unknown."""
    sides = reading.sides or reading.disc_sides or frozenset(Side)
    other = None if not reading.sides else Pressure.NONE
    reading.sides = frozenset()
    if reading.is_denied:
        return
    pressed = Said(left=pressure if Side.LEFT in sides else other, right=pressure if Side.RIGHT in sides else other)
    reading.said = reading.said.worse_of(pressed)


def _unknown_where(said: Said) -> Said:
    return Said(
        herniation=None if said.herniation is not Herniation.NONE else Herniation.NONE,
        sac=None if said.sac is not Pressure.NONE else Pressure.NONE,
        left=None if said.left is not Pressure.NONE else Pressure.NONE,
        right=None if said.right is not Pressure.NONE else Pressure.NONE,
    )


def _worse(one: _Kind | None, other: _Kind | None) -> _Kind | None:
    known = [each for each in (one, other) if each is not None]
    if len(known) < 2 and (not known or known[0] == 0):
        return None
    return max(known)
