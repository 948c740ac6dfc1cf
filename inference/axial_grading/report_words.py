"""Radiologists' English as known words: odd spelling mended, levels as discs, statements apart. Training only. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

VERTEBRAE: Final = (*(f"D{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)), "S1")


class Term(StrEnum):
    """What a word can mean here; a word that means nothing here is left out."""

    LEVELS = "levels"
    HEADER = "header"
    NO = "no"
    MULTILEVEL = "multilevel"
    NOTABLY = "notably"
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    MORE = "more"
    SLIGHT = "slight"
    SEVERE = "severe"
    BULGE = "bulge"
    PROTRUSION = "protrusion"
    EXTRUSION = "extrusion"
    HERNIATION = "herniation"
    DIFFUSE = "diffuse"
    TOUCH = "touch"
    ENCROACH = "encroach"
    COMPRESS = "compress"
    NARROW = "narrow"
    SAC = "sac"
    ROOT = "root"
    EXIT = "exit"
    SPINAL_CANAL = "spinal canal"
    STENOSIS = "stenosis"
    ADEQUATE = "adequate"
    SPONDYLOLISTHESIS = "spondylolisthesis"
    CERVICAL = "cervical"
    BUT = "but"
    EXTENDING = "extending"


_WORDS: Final = {
    Term.NO: "no not without nor",
    Term.MULTILEVEL: "multilevel multilevels multi-level multiple",
    Term.NOTABLY: "noticeably notably mainly especially noticeable prominent noteceably",
    Term.LEFT: "left lt leftt left-sided",
    Term.RIGHT: "right rt right-sided",
    Term.BOTH: "both bilateral bilaterally",
    Term.MORE: "more mostly largely-to",
    Term.SLIGHT: "mild mildly slight slightly minimal minimally small partial partially relatively minor",
    Term.SEVERE: "largely significantly severe severely large marked markedly massive huge significant moderately",
    Term.BULGE: "bulge bulges bulging bulged",
    Term.PROTRUSION: "protrusion protrusions protruded protruding prolapse",
    Term.EXTRUSION: "extrusion extruded sequestrated sequestration sequestered migrating migrated fragment",
    Term.HERNIATION: "herniation herniations herniated",
    Term.DIFFUSE: "diffuse broad wide annular",
    Term.TOUCH: "abutting abuts abut indenting indentation indents touching touches contacting effacing obliterating"
    " intending",
    Term.ENCROACH: "encroaching encroachment encroaches encroached encroach impinging impingement",
    Term.COMPRESS: "compressing compression compresses compressed compress displacing displaces",
    Term.NARROW: "narrowing narrowed narrow",
    Term.SAC: "thecal sac",
    Term.ROOT: "nerve nerves root roots nerveroots",
    Term.EXIT: "foramen foramina foraminal-canal exit exiting neural",
    Term.STENOSIS: "stenosis stenotic",
    Term.ADEQUATE: "adequate adequately",
    Term.SPONDYLOLISTHESIS: "spondylolisthesis anterolisthesis retrolisthesis listhesis subluxation",
    Term.CERVICAL: "cervical",
    Term.BUT: "but",
    Term.EXTENDING: "extending extends extended",
}
_MEANING: Final = {word: term for term, words in _WORDS.items() for word in words.split()}
_SILENT_WORDS: Final = (
    "degenerative degeneration degenerated lateral level levels lower centre central paracentral material"
    " medial normal intervertebral vertebral vertebra vertebrae noted notes space spaces secondary"
    " fracture fractures muscle spasm facet joint disease definite evidence previous between height"
    " anterior posterior posterolateral features recess ligament ligamentum flavum hypertrophy associated"
    " narrative sagittal lumbar sacral lumbosacral appears appeared foraminal contrast pressing"
    " suppressing depressing progressing expression depression sacrum fragments about marrow"
)
_SILENT: Final = frozenset(_SILENT_WORDS.split())
_LONG_ENOUGH, _LIKENESS = 5, 0.8

_VERTEBRA: Final = r"(?:[ldt]\s?\d{1,2}|s\s?1)"
_LEVEL: Final = re.compile(
    rf"({_VERTEBRA})((?:\s*(?:[-/_\\]+|to)\s*(?:{_VERTEBRA}|\d(?!\d)))+|(?=s1))(\s?s1)?", re.IGNORECASE
)
_SINGLE: Final = re.compile(r"([ldts]?)\s?(\d{1,2})", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\x01[^\x02]*\x02|[a-z][a-z\-]*|:")
_BREAK: Final = re.compile(r"/{2,}|\n|(?<=[a-z)\s\x02])\.(?=\s|[A-Z]|$)|\.\s*$|;|\.{2,}", re.MULTILINE)
_GOES_ON: Final = re.compile(
    r"^\W*(and|with|compress|comp|copm|significantly|largely|abut|indent|encroach|extending|causing|caus|where|mildly"
    r"|mild compress|mild encroach|narrowing|obliterat|associated|also|all leading|which|more to|noticeably|as well)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Token:
    """discs: for LEVELS, the levels as (upper, lower) vertebra, e.g. ("L4", "L5")."""

    term: Term
    discs: tuple[tuple[str, str], ...] = field(default=())


def statements(text: str) -> tuple[tuple[Token, ...], ...]:
    """The meaning of each statement in its order; a line that only goes on is joined to the one before."""
    lines: list[str] = []
    for part in _BREAK.split(_marked(text)):
        if lines and _GOES_ON.match(part):
            lines[-1] += " " + part
        elif part.strip():
            lines.append(part)
    return tuple(tokens for line in lines if (tokens := tuple(_tokens(line))))


def _marked(text: str) -> str:
    """Levels as \\1upper,lower|...\\2, so that a slash or stop in them parts nothing."""
    return _LEVEL.sub(lambda match: f" \x01{_pairs(match.group(0))}\x02 ", text.replace("\r", "\n"))


def _pairs(words: str) -> str:
    """L3-S1 is three discs, L4-5 one; what makes no sense is none."""
    places: list[int] = []
    letter = "l"
    for found in _SINGLE.finditer(words):
        letter = (found.group(1) or letter).lower().replace("t", "d")
        name = f"{letter.upper()}{found.group(2)}"
        if name in VERTEBRAE:
            places.append(VERTEBRAE.index(name))
    if len(places) < 2 or places[0] >= places[-1]:
        return ""
    return "|".join(f"{VERTEBRAE[n]},{VERTEBRAE[n + 1]}" for n in range(places[0], places[-1]))


def _tokens(line: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(line.replace("&", " & ").lower().replace("spinal canal", "spinalcanal")):
        word = match.group(0)
        if word.startswith("\x01"):
            if word.strip("\x01\x02"):
                pairs = (pair.upper().split(",") for pair in word.strip("\x01\x02").split("|"))
                yield Token(term=Term.LEVELS, discs=tuple((upper, lower) for upper, lower in pairs))
        elif word == ":":
            yield Token(term=Term.HEADER)
        elif word == "spinalcanal":
            yield Token(term=Term.SPINAL_CANAL)
        elif (meaning := _meaning(word)) is not None:
            yield Token(term=meaning)


def _meaning(word: str) -> Term | None:
    if word in _MEANING:
        return _MEANING[word]
    if word in _SILENT or len(word) < _LONG_ENOUGH:
        return None
    near = get_close_matches(word, [*_MEANING, *_SILENT], n=1, cutoff=_LIKENESS)
    return _MEANING.get(near[0]) if near else None
