"""`python -m inference.train ROOM [OPTIONS]`: gathers, trains, exports and evaluates one method's networks.

Talks to: disk, clock, CPU. Needs the `train` extra. Everything on the way lies in .train/, which git ignores.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence

from inference.axial_grading import training as axial_grading
from inference.degeneration_grade import training as degeneration_grade
from inference.disc_quantification import training as disc_quantification
from inference.relaxometry import training as relaxometry
from inference.t1rho_phase import training as t1rho_phase

ROOMS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "degeneration_grade": degeneration_grade.main,
    "axial_grading": axial_grading.main,
    "disc_quantification": disc_quantification.main,
    "relaxometry": relaxometry.main,
    "t1rho_phase": t1rho_phase.main,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m inference.train", add_help=False)
    parser.add_argument("room", choices=list(ROOMS))
    asked, rest = parser.parse_known_args(sys.argv[1:])
    ROOMS[asked.room](rest)


if __name__ == "__main__":
    main()
