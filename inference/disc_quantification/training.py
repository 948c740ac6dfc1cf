"""`python -m inference.train disc_quantification`: gathers, trains, exports, evaluates. Talks to: disk, clock, CPU."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from config.settings import Inference
from inference.disc_quantification import evaluation, recipe
from inference.disc_quantification.method import WEIGHTS_NAME
from inference.disc_quantification.repeatability import write_repeatability
from inference.disc_quantification.trends import write_trends
from inference.runtime import find_weights, open_network
from inference.training.command import room_parser, settle


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    settle(asked)
    if asked.evaluate:
        evaluation.write_card(asked.data, weights=asked.weights, phantoms=asked.unseen)
        return
    if asked.trends:
        write_trends(asked.data, weights=asked.weights)
        return
    if asked.repeatability:
        network = open_network(find_weights(asked.weights, WEIGHTS_NAME), Inference(device="cpu"))
        write_repeatability(network, spines=asked.unseen)
        return
    if asked.stage in {"gather", "all"}:
        recipe.gather(asked.data, asked.scratch / "samples")
    if asked.stage in {"imagine", "all"}:
        recipe.imagine(asked.phantoms, asked.scratch / "samples")
    if asked.stage == "believe":
        recipe.believe(asked.data, scratch=asked.scratch, weights=asked.weights)
    if asked.stage in {"learn", "all"}:
        recipe.learn(asked.minutes, scratch=asked.scratch)
    if asked.stage in {"deliver", "all"}:
        digest = recipe.deliver(asked.scratch, asked.weights)
        print(f"sha256 {digest}")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = room_parser("disc_quantification", weights=Path(recipe.__file__).parent / "weights", minutes=85)
    parser.add_argument("--stage", choices=["gather", "imagine", "believe", "learn", "deliver", "all"], default="all")
    parser.add_argument("--repeatability", action="store_true", help="scan phantoms twice; write repeatability.csv")
    parser.add_argument("--trends", action="store_true", help="figures by level and sex beside the paper's; CARD.md")
    parser.add_argument("--phantoms", type=int, default=800)
    return parser.parse_args(arguments)
