"""`python -m inference.train axial_grading`: gathers, trains, exports, evaluates. Talks to: disk, clock, CPU."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from inference.axial_grading import cross_section, evaluation, localise, recipe
from inference.training.command import room_parser, settle


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    settle(asked)
    if asked.evaluate:
        evaluation.write_card(asked.data, weights=asked.weights, phantoms=asked.unseen)
    else:
        _stages(asked)


def _stages(asked: argparse.Namespace) -> None:
    """sections, the localiser's means, stand before all others: what is cut where depends on them."""
    if asked.stage == "sections":
        cross_section.build(asked.data, localise.SECTIONS)
    if asked.stage in {"gather", "all"}:
        recipe.gather(asked.data, asked.scratch / "samples")
    if asked.stage in {"imagine", "all"}:
        recipe.imagine(asked.phantoms, asked.scratch / "samples")
    if asked.stage in {"learn", "all"}:
        recipe.learn(asked.minutes, scratch=asked.scratch)
    if asked.stage in {"deliver", "all"}:
        print(f"sha256 {recipe.deliver(asked.scratch, asked.weights)}")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = room_parser("axial_grading", weights=Path(recipe.__file__).parent / "weights", minutes=10)
    parser.add_argument("--stage", choices=["sections", "gather", "imagine", "learn", "deliver", "all"], default="all")
    parser.add_argument("--phantoms", type=int, default=1400)
    return parser.parse_args(arguments)
