"""Every private code that an object of ours may carry, gathered from the vocabulary. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from highdicom.sr import CodedConcept

from sr_reports import grade_terms, measured_terms, vocabulary


def private_codes() -> list[CodedConcept]:
    """Each once, by code value."""
    found = {
        str(code.value): code
        for module in (vocabulary, measured_terms, grade_terms)
        for value in vars(module).values()
        for code in codes_in(value)
        if code.scheme_designator == vocabulary.PRIVATE_SCHEME
    }
    return [found[value] for value in sorted(found)]


def codes_in(value: object) -> Iterator[CodedConcept]:
    """Those that a constant of a vocabulary holds, however deep."""
    if isinstance(value, CodedConcept):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from codes_in(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from codes_in(getattr(value, field.name))
