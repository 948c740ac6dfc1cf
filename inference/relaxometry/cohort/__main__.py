"""`python -m inference.relaxometry.cohort atlas | tune | planted | null`: makes and measures. Talks to: disk, terminal.

atlas    make the atlas that is shipped
tune     Bayesian optimisation of the registration on phantoms (or measure the settings that are there: --trials 0)
planted  a phantom cohort with an effect in one place: where is it found?
null     phantom cohorts without any effect: how often is one found?
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.progress import Progress

from inference.anatomy import Disc
from inference.relaxometry.atlas import SHIPPED, read_atlas, write_atlas
from inference.relaxometry.atlas_making import phantom_atlas
from inference.relaxometry.cohort.answers import answer
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.figures import draw
from inference.relaxometry.cohort.measuring import (
    ALPHA,
    PLANTED,
    NullCohorts,
    Pool,
    Recruits,
    false_positives,
    findings_of,
    planted_question,
    pool_of,
)
from inference.relaxometry.cohort.phantom import phantom_study
from inference.relaxometry.registration import Settings
from inference.relaxometry.registration_tuning import Outlined, Trial, objective, tune

_TUNED_FROM, _POOL_FROM, _PLANTED_FROM = 1, 2, 3  # seeds: no phantom is used twice


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    _COMMANDS[asked.command](asked)


def _make_atlas(asked: argparse.Namespace) -> None:
    write_atlas(phantom_atlas(asked.count), asked.to)


def _tune(asked: argparse.Namespace) -> None:
    drawn = [phantom_study(_TUNED_FROM * 100_000 + number) for number in range(asked.count)]
    studies = [Outlined(label_map=one.label_map, volume=one.volume) for one in drawn]
    atlas = read_atlas()
    now = Trial(settings=Settings(), objective=objective(studies, atlas=atlas, settings=Settings()))
    print(json.dumps({"as it is": asdict(now)}), flush=True)
    if asked.trials:
        best = tune(studies, atlas=atlas, trials=asked.trials, told=lambda one: print(asdict(one), flush=True))
        print(json.dumps({"best": asdict(best)}))


def _planted(asked: argparse.Namespace) -> None:
    pool = _pool(asked, seed=_PLANTED_FROM, planted=True)
    one = answer(planted_question(pool), pool.registered, Permutations(count=asked.permutations))
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "planted.png").write_bytes(draw(one, pool.registered.space, alpha=ALPHA))
    whole = {disc.value: float(p) for disc, p in zip(Disc, one.whole_discs.p, strict=True)}
    found = [asdict(each) for each in findings_of(one, pool)]
    print(json.dumps({"registration": _quality(pool), "found": found, "whole disc p": whole}, indent=1))


def _null(asked: argparse.Namespace) -> None:
    pool = _pool(asked, seed=_POOL_FROM, planted=False)
    null = NullCohorts(subjects=asked.subjects, repetitions=asked.repetitions, permutations=asked.permutations)
    with Progress() as progress:
        task = progress.add_task("null cohorts", total=null.repetitions)
        found = false_positives(pool, null, told=lambda done: progress.update(task, completed=done))
    print(json.dumps({"registration": _quality(pool), "null": [asdict(one) for one in found]}, indent=1))


def _pool(asked: argparse.Namespace, *, seed: int, planted: bool) -> Pool:
    with Progress() as progress:
        task = progress.add_task("registering phantoms", total=asked.count)
        return pool_of(
            Recruits(count=asked.count, seed=seed, effect=PLANTED if planted else None),
            atlas=read_atlas(),
            told=lambda done: progress.update(task, completed=done),
        )


def _quality(pool: Pool) -> Mapping[str, float]:
    """Means over all discs of all subjects."""
    discs = [quality for one in pool.studies for quality in one.qualities.values()]
    return {
        "discs": len(discs),
        "left out": sum(len(one.left_out) for one in pool.studies),
        "dice": float(np.mean([one.dice for one in discs])),
        "lowest dice": min(one.dice for one in discs),
        "SD of Jacobian": float(np.mean([one.jacobian_sd for one in discs])),
        "smallest Jacobian": min(one.jacobian_min for one in discs),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.relaxometry.cohort")
    commands = parser.add_subparsers(dest="command", required=True)
    atlas, tuner, planted, null = (commands.add_parser(name) for name in _COMMANDS)
    atlas.add_argument("--count", type=int, default=60, help="phantoms to average")
    atlas.add_argument("--to", type=Path, default=SHIPPED)
    tuner.add_argument("--count", type=int, default=12, help="phantoms to tune on")
    tuner.add_argument("--trials", type=int, default=30)
    planted.add_argument("--count", type=int, default=60, help="subjects")
    planted.add_argument("--permutations", type=int, default=1000)
    planted.add_argument("--out", type=Path, default=Path(".train/relaxometry/cohort"))
    null.add_argument("--count", type=int, default=100, help="subjects in the pool")
    null.add_argument("--subjects", type=int, default=40, help="in each cohort")
    null.add_argument("--repetitions", type=int, default=200)
    null.add_argument("--permutations", type=int, default=199)
    return parser


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "atlas": _make_atlas,
    "tune": _tune,
    "planted": _planted,
    "null": _null,
}

if __name__ == "__main__":
    main()
