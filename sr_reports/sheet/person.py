"""Whose study it is and when it was made, in words. Pure."""

from datetime import date
from typing import Final

from pydicom.dataset import Dataset
from pydicom.valuerep import DA, PersonName

from dicom_io.attributes import UNREADABLE
from dicom_io.inherited import decoded

NOT_GIVEN: Final = "not given"
_SEXES: Final = {"F": "female", "M": "male", "O": "other"}


def person_name(header: Dataset) -> str:
    """Family name first, a comma, the rest; how it is written in ideographs in brackets behind."""
    name = decoded(header).get("PatientName")
    if not isinstance(name, PersonName):
        return "name not given"
    alphabetic, ideographic = _group(name.alphabetic, ", "), _group(name.ideographic, " ")
    if alphabetic and ideographic:
        return f"{alphabetic} ({ideographic})"
    return alphabetic or ideographic or _group(name.phonetic, " ") or "name not given"


def person_line(header: Dataset) -> str:
    """Number, birth date, sex, age at the study."""
    known = decoded(header)
    number = str(known.get("PatientID") or "").strip() or NOT_GIVEN
    born = _date(known, "PatientBirthDate")
    sex = _SEXES.get(str(known.get("PatientSex") or ""), NOT_GIVEN)
    parts = [f"ID {number}", f"born {_iso(born) or NOT_GIVEN}", f"sex {sex}"]
    if (age := _age(born, _date(known, "StudyDate"))) is not None:
        parts.append(f"{age} years")
    return "   ·   ".join(parts)


def study_line(header: Dataset) -> str:
    """What was asked for, under which number."""
    known = decoded(header)
    accession = str(known.get("AccessionNumber") or "").strip() or NOT_GIVEN
    described = str(known.get("StudyDescription") or "").strip()
    return "   ·   ".join([*([described] if described else []), f"accession {accession}"])


def study_day(header: Dataset) -> str:
    return f"Study of {_iso(_date(decoded(header), 'StudyDate')) or 'unknown date'}"


def _group(text: str, separator: str) -> str:
    """One way of writing the name: prefix and suffix behind the given names."""
    family, given, middle, prefix, suffix, *_ = [*text.split("^"), "", "", "", "", ""]
    rest = " ".join(part.strip() for part in (given, middle, prefix, suffix) if part.strip())
    return separator.join(part for part in (family.strip(), rest) if part)


def _date(known: Dataset, keyword: str) -> date | None:
    try:
        return DA(known.get(keyword) or None)
    except UNREADABLE:
        return None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _age(born: date | None, studied: date | None) -> int | None:
    if born is None or studied is None or studied < born:
        return None
    return studied.year - born.year - ((studied.month, studied.day) < (born.month, born.day))
