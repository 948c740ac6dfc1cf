"""Tables go between the marks of a card, and nowhere else."""

from pathlib import Path

import pytest

from inference.training.card import Line, as_table, put_between_marks
from inference.training.metrics import Figure


def test_what_stood_between_the_marks_is_replaced(tmp_path: Path) -> None:
    card = tmp_path / "CARD.md"
    marked = "before\n<!-- {0}: begin -->\n{1}<!-- {0}: end -->\nafter\n"
    card.write_text(marked.format("measured", "old\n") + marked.format("trends", "rising\n"))
    put_between_marks(card, "new\n")
    put_between_marks(card, "newer\n")
    put_between_marks(card, "falling\n", mark="trends")
    assert card.read_text() == marked.format("measured", "newer\n") + marked.format("trends", "falling\n")


def test_a_card_without_marks_is_left_alone(tmp_path: Path) -> None:
    card = tmp_path / "CARD.md"
    card.write_text("no marks")
    with pytest.raises(ValueError, match="no marks"):
        put_between_marks(card, "new")
    assert card.read_text() == "no marks"


def test_a_line_tells_what_was_asked_and_what_was_reached() -> None:
    figure = Figure(value=0.5, low=0.4, high=0.6, patients=7, items=35)
    table = as_table([Line(what="accuracy", asked=".840", figure=figure)])
    assert table.splitlines()[-1] == "| accuracy | .840 | 0.500 (0.400 to 0.600) | 7 | 35 |"
