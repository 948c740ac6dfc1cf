"""Codes fit their value representations, and the private scheme says whose it is."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest
from highdicom.sr import CodedConcept
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from dicom_io.roles import Role
from dicom_io.uids import is_valid_uid
from inference.anatomy import Disc, Structure
from inference.results import (
    DiscPart,
    MapKind,
    Measurement,
    Quantity,
    Scale,
    Side,
    Statistic,
    Unit,
    lowest_grade,
)
from sr_reports import change_items, grade_terms, measured_terms, vocabulary


def codes_in(value: object) -> Iterator[CodedConcept]:
    if isinstance(value, CodedConcept):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from codes_in(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from codes_in(getattr(value, field.name))


MODULES = (vocabulary, measured_terms, grade_terms, change_items)
CODES = [code for module in MODULES for name in dir(module) for code in codes_in(getattr(module, name))]


def name_of(code: CodedConcept) -> str:
    return f"{code.scheme_designator} {code.value}"


@pytest.mark.parametrize("code", CODES, ids=name_of)
def test_a_code_fits_its_value_representations(code: CodedConcept) -> None:
    assert 1 <= len(code.value) <= 16
    assert 1 <= len(code.scheme_designator) <= 16
    assert 1 <= len(code.meaning) <= 64
    assert code.meaning.isascii()


NOT_IN_A_CONTEXT_GROUP = (vocabulary.NERVE_ROOT,)
STANDARD = [
    code for code in CODES if code.scheme_designator in ("DCM", "SCT", "LN") and code not in NOT_IN_A_CONTEXT_GROUP
]


@pytest.mark.parametrize("code", STANDARD, ids=name_of)
def test_a_standard_code_stands_in_the_standards_tables(code: CodedConcept) -> None:
    known = {value for entries in concepts[code.scheme_designator].values() for value in entries}
    assert code.value in known


def test_one_value_has_one_meaning() -> None:
    meanings: dict[str, set[str]] = {}
    for code in CODES:
        meanings.setdefault(name_of(code), set()).add(code.meaning)
    assert {name for name, found in meanings.items() if len(found) > 1} == set()


def test_everything_that_inference_can_say_has_a_code() -> None:
    assert set(vocabulary.DISC) == set(Disc)
    assert set(vocabulary.REGION) == set(Structure)
    assert set(vocabulary.SIDE) == set(Side)
    assert set(vocabulary.PART) == set(DiscPart) - {DiscPart.WHOLE}
    assert set(measured_terms.QUANTITY) == set(Quantity)
    assert set(measured_terms.MAP) == set(MapKind)
    assert set(measured_terms.UNIT) == set(Unit)
    assert set(grade_terms.SCALE) == set(Scale)
    assert set(grade_terms.ROOT_COMPRESSION) == set(Side)
    assert {measured_terms.UNIT[unit].value for unit in Unit} == {unit.value for unit in Unit}


@pytest.mark.parametrize("statistic", [None, *Statistic])
@pytest.mark.parametrize("quantity", [Quantity.T1RHO, Quantity.T2, Quantity.PREDICTED_T1RHO])
def test_a_name_alone_tells_which_statistic_it_is(quantity: Quantity, statistic: Statistic | None) -> None:
    names = {
        measured_terms.name_of_number(
            Measurement(
                role=Role.SPIN_LOCK,
                disc=Disc.L4_L5,
                quantity=quantity,
                value=1,
                unit=Unit.MILLISECOND,
                key_slice=0,
                level_doubt=None,
                statistic=each,
            )
        ).meaning
        for each in (statistic, Statistic.MEAN)
    }
    assert len(names) == (1 if statistic in (None, Statistic.MEAN) else 2)


@pytest.mark.parametrize("terms", [*grade_terms.SCALE.values(), *grade_terms.ROOT_COMPRESSION.values()])
def test_the_name_of_a_probability_says_of_which_grade_it_is(terms: grade_terms.GradedScale) -> None:
    assert set(terms.answers) == set(terms.probabilities) == set(terms.words)
    for grade, code in terms.probabilities.items():
        assert code.meaning == f"{terms.words[grade]}, probability"
    assert len({code.meaning for code in terms.probabilities.values()}) == len(terms.answers)


@pytest.mark.parametrize(("scale", "grades"), [(scale, set(grade_terms.SCALE[scale].answers)) for scale in Scale])
def test_a_scale_begins_where_inference_lets_it_begin(scale: Scale, grades: set[int]) -> None:
    assert min(grades) == lowest_grade(scale)
    assert grades == set(range(min(grades), max(grades) + 1))


def test_discs_are_the_segmentation_property_types_of_the_standard() -> None:
    names = cid_concepts[7604]["SCT"]
    allowed = {value for name in names for value in concepts["SCT"][name]}
    assert {code.value for code in vocabulary.DISC.values()} <= allowed


def test_the_private_scheme_is_declared_with_a_uid_that_does_not_change() -> None:
    (item,) = vocabulary.coding_schemes()
    assert item.CodingSchemeDesignator == "99LSPINEAI"
    assert item.CodingSchemeUID == "2.25.73851072990420441199544659899827656080"
    assert is_valid_uid(item.CodingSchemeUID)


def test_structures_can_be_told_apart_by_colour() -> None:
    colours = [region.colour for region in vocabulary.REGION.values()]
    assert len(set(colours)) == len(colours)
