"""`python -m inference.train relaxometry`: gathers, trains, exports, evaluates. Talks to: disk, clock, CPU."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from inference.relaxometry import evaluation, recipe
from inference.training.command import room_parser, settle


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    settle(asked)
    if asked.evaluate:
        evaluation.write_card(asked.data, weights=asked.weights, phantoms=asked.unseen)
        return
    if asked.stage in {"gather", "all"}:
        recipe.gather(asked.data, asked.scratch / "samples")
    if asked.stage in {"imagine", "all"}:
        recipe.imagine(asked.phantoms, asked.scratch / "samples")
    if asked.stage in {"learn", "all"}:
        recipe.learn(asked.minutes, scratch=asked.scratch)
    if asked.stage in {"deliver", "all"}:
        digest = recipe.deliver(asked.scratch, asked.weights)
        print(f"sha256 {digest}")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = room_parser("relaxometry", weights=Path(recipe.__file__).parent / "weights", minutes=60)
    parser.add_argument("--stage", choices=["gather", "imagine", "learn", "deliver", "all"], default="all")
    parser.add_argument("--phantoms", type=int, default=900)
    return parser.parse_args(arguments)
