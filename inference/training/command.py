"""What every room's training command line has in common. Talks to: disk, CPU."""

import argparse
import logging
import os
from pathlib import Path

import torch


def room_parser(room: str, *, weights: Path, minutes: float) -> argparse.ArgumentParser:
    """A room adds what is its own. minutes: the time budget that the shipped weights had."""
    parser = argparse.ArgumentParser(prog=f"python -m inference.train {room}")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--scratch", type=Path, default=Path(".train") / room, help="samples and checkpoints")
    parser.add_argument("--weights", type=Path, default=weights)
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--evaluate", action="store_true", help="measure the weights that are there; write CARD.md")
    parser.add_argument("--unseen", type=int, default=60, help="phantoms to evaluate on")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--nice", type=int, default=10)
    return parser


def settle(asked: argparse.Namespace) -> None:
    """Scratch folder, log, priority and threads, as room_parser's options say."""
    asked.scratch.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    os.nice(asked.nice)
    torch.set_num_threads(asked.threads)
