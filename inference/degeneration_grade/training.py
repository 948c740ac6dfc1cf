"""`python -m inference.train degeneration_grade`: collects, trains both networks, exports, evaluates.

Talks to: disk, clock, CPU. The U-Net learns from samples that `inference.train disc_quantification` gathers, renders
and labels: --samples says where they lie.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from inference.degeneration_grade import evaluation, recipe
from inference.training.command import room_parser, settle


def main(arguments: Sequence[str]) -> None:
    asked = _asked(arguments)
    settle(asked)
    if asked.evaluate:
        evaluation.write_card(asked.data, scratch=asked.scratch, weights=asked.weights)
        return
    if asked.stage in {"collect", "all"}:
        recipe.collect(asked.data, asked.scratch)
    if asked.stage in {"classifier", "all"}:
        recipe.learn_fold(asked.scratch, cohort=asked.cohort, fold=asked.fold, steps=asked.steps)
    if asked.stage in {"finder", "all"}:
        recipe.find(asked.samples, scratch=asked.scratch, minutes=asked.minutes)
    if asked.stage in {"deliver", "all"}:
        for digest in (
            recipe.deliver_classifier(asked.scratch, asked.weights),
            recipe.deliver_finder(asked.scratch, asked.weights),
        ):
            print(f"sha256 {digest}")


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = room_parser("degeneration_grade", weights=Path(recipe.__file__).parent / "weights", minutes=30)
    parser.add_argument("--stage", choices=["collect", "classifier", "finder", "deliver", "all"], default="all")
    parser.add_argument("--cohort", choices=list(recipe.COHORTS), default="both", help="whose grades are learnt")
    parser.add_argument("--fold", type=int, choices=range(recipe.FOLDS), default=0, help="patients kept to choose by")
    parser.add_argument("--steps", type=int, default=1600, help="of the classifier, 32 discs each")
    parser.add_argument("--samples", type=Path, default=Path(".train/next/samples"), help="for the U-Net")
    return parser.parse_args(arguments)
