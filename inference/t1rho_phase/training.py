"""`python -m inference.train t1rho_phase`: renders, trains, exports, evaluates. Talks to: disk, clock, CPU.

Where --data is a site's folder of real pairs (site_pairs), its T1rho network and phases are trained on those instead.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from inference.t1rho_phase import evaluation, recipe
from inference.t1rho_phase.site_pairs import is_site_folder
from inference.training.command import room_parser, settle


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    settle(asked)
    if is_site_folder(asked.data):
        said = recipe.learn_from_site(asked.data, asked.scratch, weights=asked.weights, minutes=asked.minutes)
        print("\n".join(said))
    elif asked.evaluate:
        evaluation.write_card(asked.data, weights=asked.weights, phantoms=asked.unseen, scratch=asked.scratch)
    else:
        _from_the_start(asked)


def _from_the_start(asked: argparse.Namespace) -> None:
    if asked.stage in {"imagine", "all"}:
        recipe.imagine(asked.phantoms, asked.scratch)
    if asked.stage in {"detect", "all"}:
        recipe.learn_to_detect(asked.data, asked.scratch, minutes=asked.minutes)
    if asked.stage in {"regress", "all"}:
        recipe.learn_times(asked.scratch, minutes=0.7 * asked.minutes)
    if asked.stage in {"deliver", "all"}:
        for digest in recipe.deliver(asked.scratch, asked.weights):
            print(f"sha256 {digest}")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = room_parser("t1rho_phase", weights=Path(recipe.__file__).parent / "weights", minutes=5)
    parser.add_argument("--stage", choices=["imagine", "detect", "regress", "deliver", "all"], default="all")
    parser.add_argument("--phantoms", type=int, default=430)
    return parser.parse_args(arguments)
