"""One line per event, and no word of a header in it."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from node.log import start_logging, tell, trace_of

OURS = logging.getLogger("node.test")


@pytest.fixture
def said() -> Iterator[StringIO]:
    """What is logged from now on; the test's own handlers come back after it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = StringIO()
    start_logging(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_an_event_is_one_line_with_its_fields(said: StringIO) -> None:
    tell(OURS, "series is whole", series="1.2.3", images=15)
    line = said.getvalue()
    assert line.endswith(" INFO node.test series is whole series=1.2.3 images=15\n")
    assert line.count("\n") == 1


def test_what_a_peer_wrote_begins_no_line_of_its_own(said: StringIO) -> None:
    tell(OURS, "refused", words="no\n2026-01-01T00:00:00Z INFO node.test all is well")
    assert said.getvalue().count("\n") == 1


def test_other_libraries_tell_their_place_but_not_their_words(said: StringIO) -> None:
    logging.getLogger("requests").warning("invalid value Kim^Cheolsu")
    logging.getLogger("highdicom").info("copied Kim^Cheolsu")
    assert "requests test_log:" in said.getvalue()
    assert "Kim" not in said.getvalue()
    assert "highdicom" not in said.getvalue()


def test_a_trace_has_places_and_no_words() -> None:
    try:
        int("Kim^Cheolsu")
    except ValueError as error:
        trace = trace_of(error)
    assert "test_log.py" in trace
    assert trace.endswith("builtins.ValueError")
    assert "Kim" not in trace


def test_a_logged_error_has_its_trace_in_the_same_line(said: StringIO) -> None:
    try:
        int("Kim^Cheolsu")
    except ValueError:
        OURS.exception("broken")
    assert said.getvalue().count("\n") == 1
    assert "builtins.ValueError" in said.getvalue()
    assert "Kim" not in said.getvalue()
