"""Names in every script are drawn as they are written, and measured as wide as they are drawn."""

import logging

import numpy as np
import pytest
from numpy.typing import NDArray

from sr_reports.sheet.canvas import Canvas, Ink
from sr_reports.sheet.lettering import UNDRAWABLE, drawable, shortened, width, wrapped
from sr_reports.sheet.palette import PAPER
from sr_reports.sheet.person import person_line, person_name, study_day
from tests.lumbar import header

NAMES = {
    "Latin": "Müller^Jürgen",
    "Cyrillic": "Люксембург^Иван",
    "Greek": "Διονυσιος^Α",
    "Arabic": "قباني^نزار",
    "Hebrew": "כהן^דוד",
    "Chinese": "Wang^XiaoDong=王^小東",
    "Japanese": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "Korean": "Hong^Gildong=洪^吉洞=홍^길동",
}


def drawn(name: str) -> NDArray[np.bool_]:
    """(row, column): where ink is, of a name written at 40 pixels on white."""
    canvas = Canvas(PAPER, height=60)
    canvas.write(name, at=(20, 42), ink=Ink(colour="#000000", size=40))
    return canvas.pixels().min(axis=2) < 128


def same(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> bool:
    return bool((first == second).all())


def named(name: str) -> str:
    return person_name(header(0, SpecificCharacterSet="ISO_IR 192", PatientName=name))


@pytest.mark.parametrize("script", NAMES)
def test_every_letter_of_a_name_is_drawn(script: str) -> None:
    name = named(NAMES[script])
    assert UNDRAWABLE not in drawable(name)
    assert drawn(name).any()


@pytest.mark.parametrize("script", NAMES)
def test_nothing_of_a_name_reaches_a_log(script: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        drawn(named(NAMES[script]))
    assert not caplog.records


def test_a_name_is_told_in_every_way_of_writing_but_the_phonetic() -> None:
    assert named(NAMES["Japanese"]) == "Yamada, Tarou (山田 太郎)"
    assert named(NAMES["Korean"]) == "Hong, Gildong (洪 吉洞)"
    assert named("=山田^太郎") == "山田 太郎"
    assert named("Doe^Jane^Ann^Dr.^MD") == "Doe, Jane Ann Dr. MD"
    assert named("") == "name not given"


def test_arabic_runs_from_right_to_left_and_its_letters_join() -> None:
    joined = "\ufee7\ufeb0\ufe8d\ufead"  # noon initial, zain final, alef isolated, reh isolated: نزار as it is joined
    assert same(drawn("نزار"), drawn(joined))
    assert not same(drawn("نزار"), drawn("\u0646\u200c\u0632\u200c\u0627\u200c\u0631"))


def test_hebrew_starts_at_the_right() -> None:
    """The first letter of the name is the rightmost of the picture."""
    name, first = drawn("דוד כהן"), drawn("ד")
    columns = np.nonzero(first.any(axis=0))[0]
    glyph = first[:, columns[0] : columns[-1] + 1]
    right = np.nonzero(name.any(axis=0))[0][-1]
    last = name[:, right + 1 - glyph.shape[1] : right + 1]
    assert (last & glyph).sum() > 0.8 * (last | glyph).sum()


@pytest.mark.parametrize("bad", ["ก", "\u202eevil", "tab\tbell\x07", "\U00020000"])
def test_what_no_font_has_becomes_a_box_and_what_cannot_be_seen_a_space(bad: str) -> None:
    written = drawable(f"a {bad} b")
    assert written.isprintable()
    assert drawn(written).any()


@pytest.mark.parametrize("text", ["L4/L5", "modified Pfirrmann", "山田 太郎", "قباني، نزار"])
def test_a_text_is_as_wide_as_it_was_measured(text: str) -> None:
    columns = np.nonzero(drawn(text).any(axis=0))[0]
    inked = (columns[-1] + 1 - columns[0]) / 1.5
    assert 0 <= width(text, size=40) - inked < 10  # before the first letter and behind the last there is a little room


def test_sentences_break_between_words_within_the_room() -> None:
    lines = wrapped("one two three four five six", size=10, room=60)
    assert " ".join(lines) == "one two three four five six"
    assert len(lines) > 1
    assert all(width(line, size=10) <= 60 for line in lines)


def test_a_word_that_is_too_long_is_shortened() -> None:
    assert shortened("abcdefghijklmnop", size=10, room=40).endswith("…")
    assert width(shortened("abcdefghijklmnop", size=10, room=40), size=10) <= 40


def test_the_patients_line_tells_number_birth_sex_and_age() -> None:
    assert person_line(header(0)) == "ID T-1   ·   born 1970-01-01   ·   sex female   ·   55 years"
    bare = header(0, PatientID=None, PatientBirthDate=None, PatientSex=None)
    assert person_line(bare) == "ID not given   ·   born not given   ·   sex not given"


def test_the_day_of_the_study_is_told() -> None:
    assert study_day(header(0)) == "Study of 2025-01-02"
    assert study_day(header(0, StudyDate=None)) == "Study of unknown date"
