"""`python -m tests.benchmarks.cohort --out DIR`: phantom studies as DICOM, through the network, into cohort statistics.

Unlike `python -m inference.relaxometry.cohort planted`, which draws maps and outlines, everything here goes the way
of a patient's images: headers, planning, motion, outlines by the network, the field on every echo, the fit. The
variable is the phantom's own grade of each disc; what is measured must fall with it.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from inference.anatomy import Disc
from inference.phantom.body_parts import Spine
from node.cli import main as lumbar_node
from tests.relaxation_study import spine_of, write_relaxation_study

_FIRST_SEED = 600_000


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    seeds = range(_FIRST_SEED, _FIRST_SEED + asked.count)
    for seed in seeds:
        folder = asked.out / f"study-{seed}"
        if not any(folder.glob("*.dcm")):
            write_relaxation_study(folder, seed=seed)
    table = asked.out / "studies.csv"
    table.write_text("\n".join(_lines(seeds)) + "\n", encoding="utf-8")
    out = asked.out / "out"
    return lumbar_node(["cohort", str(table), "--out", str(out), "--permutations", str(asked.permutations)])


def _lines(seeds: Sequence[int]) -> Iterator[str]:
    grades = [f"grade {disc.value}" for disc in Disc]
    yield ",".join(["study", "subject", "age", "sex", *grades])
    for seed in seeds:
        spine = spine_of(seed)
        worn = [f"{disc.grade:.2f}" for disc in spine.lumbar_discs]
        yield ",".join([f"study-{seed}", f"phantom {seed}", f"{spine.age:.0f}", _sex(spine), *worn])


def _sex(spine: Spine) -> str:
    return "F" if spine.sex.value == "female" else "M"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cohort")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--permutations", type=int, default=499)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
