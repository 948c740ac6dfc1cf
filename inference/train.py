"""`python -m inference.train ROOM`: gathers, trains, exports and evaluates one method's network.

Talks to: disk, clock, CPU. Needs the `train` extra. Everything on the way lies in .train/, which git ignores.
"""

import argparse
import logging
import os
from pathlib import Path

import torch

from inference.disc_quantification import evaluation, recipe


def main() -> None:
    arguments = _arguments()
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.nice(arguments.nice)
    torch.set_num_threads(arguments.threads)
    if arguments.evaluate:
        evaluation.write_card(arguments.data, weights=arguments.weights, phantoms=arguments.unseen)
        return
    if arguments.stage in {"gather", "all"}:
        recipe.gather(arguments.data, arguments.scratch / "samples")
    if arguments.stage in {"imagine", "all"}:
        recipe.imagine(arguments.phantoms, arguments.scratch / "samples")
    if arguments.stage == "believe":
        recipe.believe(arguments.data, scratch=arguments.scratch, weights=arguments.weights)
    if arguments.stage in {"learn", "all"}:
        recipe.learn(arguments.minutes, scratch=arguments.scratch)
    if arguments.stage in {"deliver", "all"}:
        digest = recipe.deliver(arguments.scratch, arguments.weights)
        print(f"sha256 {digest}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inference.train")
    parser.add_argument("room", choices=["disc_quantification"])
    parser.add_argument("--stage", choices=["gather", "imagine", "believe", "learn", "deliver", "all"], default="all")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--scratch", type=Path, default=Path(".train"))
    parser.add_argument("--weights", type=Path, default=Path(recipe.__file__).parent / "weights")
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--evaluate", action="store_true")
    parser.add_argument("--unseen", type=int, default=60, help="phantoms to evaluate on")
    parser.add_argument("--phantoms", type=int, default=800)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--nice", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main()
