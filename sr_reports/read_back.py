"""The findings of a report of ours, read back from the object that a PACS holds. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from inference.anatomy import Disc
from inference.results import Quantity, Scale
from sr_reports.content_tree import children, measurement_groups_of, name_of, walk
from sr_reports.findings import signature
from sr_reports.grade_terms import SCALE
from sr_reports.measured_terms import QUANTITY
from sr_reports.vocabulary import DISC, LEVEL_DOUBT, NOT_ANALYSED

_FINDING_SITE: Final = "363698007"
_TRACKING_UID: Final = "112040"
_ALGORITHM_NAME: Final = "111001"
_ALGORITHM_VERSION: Final = "111003"
_ALGORITHM_PARAMETERS: Final = "111002"
_DISC_OF: Final = {code.value: disc for disc, code in DISC.items()}
_QUANTITY_OF: Final = {code.value: quantity for quantity, code in QUANTITY.items()}


@dataclass(frozen=True, kw_only=True)
class ReportedDisc:
    """As written: rounded. A grade or a quantity that the report does not give is not in its mapping.

    methods: signatures of those behind its numbers and grades (sr_reports.findings.signature).
    """

    disc: Disc
    tracking_uid: str
    methods: frozenset[str]
    values: Mapping[Quantity, float]
    grades: Mapping[Scale, int]


@dataclass(frozen=True, kw_only=True)
class Reported:
    """discs: those with findings, cranial to caudal. doubts and refusals in the words of the report."""

    discs: tuple[ReportedDisc, ...]
    doubts: tuple[str, ...]
    refusals: tuple[str, ...]


def read_report(document: Dataset) -> Reported:
    groups = measurement_groups_of(document)
    return Reported(
        discs=tuple(
            _disc(disc, [one for one in groups if _site(one) is disc]) for disc in Disc if disc in map(_site, groups)
        ),
        doubts=_texts(document, LEVEL_DOUBT.value),
        refusals=_texts(document, NOT_ANALYSED.value),
    )


def _site(group: Dataset) -> Disc | None:
    sites = children(group, value_type="CODE", name=_FINDING_SITE)
    return _DISC_OF.get(_answer(sites[0])) if sites else None


def _is_of_a_part(group: Dataset) -> bool:
    """A modified finding site is a part of the disc: its numbers are not the disc's."""
    return any("ContentSequence" in site for site in children(group, value_type="CODE", name=_FINDING_SITE))


def _disc(disc: Disc, groups: Sequence[Dataset]) -> ReportedDisc:
    values: dict[Quantity, float] = {}
    grades: dict[Scale, int] = {}
    for item in (child for group in groups if not _is_of_a_part(group) for child in children(group)):
        quantity = _QUANTITY_OF.get(name_of(item))
        if quantity is not None:
            values[quantity] = float(item.MeasuredValueSequence[0].NumericValue)
        for scale, words in SCALE.items():
            if name_of(item) == words.name.value:
                grades[scale] = next(grade for grade, code in words.answers.items() if code.value == _answer(item))
    return ReportedDisc(
        disc=disc,
        tracking_uid=next((_uid(one) for one in groups), ""),
        methods=frozenset(_signature(one) for one in groups),
        values=values,
        grades=grades,
    )


def _uid(group: Dataset) -> str:
    return next((str(item.UID) for item in children(group, value_type="UIDREF", name=_TRACKING_UID)), "")


def _signature(group: Dataset) -> str:
    """TID 4019 of the group."""
    name, version, parameters = (
        [str(item.TextValue) for item in children(group, name=code)]
        for code in (_ALGORITHM_NAME, _ALGORITHM_VERSION, _ALGORITHM_PARAMETERS)
    )
    return signature("".join(name), "".join(version), parameters)


def _answer(item: Dataset) -> str:
    return str(item.ConceptCodeSequence[0].CodeValue)


def _texts(document: Dataset, name: str) -> tuple[str, ...]:
    return tuple(str(item.TextValue) for item in walk(document) if name_of(item) == name)
