"""A table of studies -> maps in one space, answers, and everything written down. Talks to: disk.

One study is in memory at a time; what was brought into the atlas before comes from the cache.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from inference.anatomy import Disc
from inference.errors import ImplausibleResult, InputUnsuitable
from inference.relaxometry.atlas import Atlas
from inference.relaxometry.cohort.answers import Answer, Registered, answer
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.figures import draw
from inference.relaxometry.cohort.files import Cache, statistics_rows, write_answer, write_csv, write_picture
from inference.relaxometry.cohort.questions import KINDS, Question, questions_of
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.study import Study, StudyInAtlas, brought_into_atlas
from inference.relaxometry.cohort.table import Row, Table
from inference.relaxometry.cohort.voxelwise import LEAST_COUNT, LEAST_SHARE
from inference.relaxometry.registration import Settings

METHOD_VERSION: Final = "1"  # of registration and warping: another one empties no cache, and uses none of it

Begin = Callable[[str], None]


class Source(Protocol):
    """Where the maps of a row come from."""

    def fingerprint(self, row: Row) -> str:
        """Changes whenever study(row) could."""
        ...

    def study(self, row: Row) -> Study:
        """Raises InputUnsuitable or ImplausibleResult where there are no maps to be had."""
        ...


@dataclass(frozen=True, kw_only=True)
class Plan:
    """wanted: names of variables, all where None. folder: where everything goes."""

    folder: Path
    atlas: Atlas
    alpha: float = 0.05
    permutations: Permutations = field(default_factory=Permutations)
    registration: Settings = field(default_factory=Settings)
    wanted: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """studies: by place in the table. left_out: why a row has none."""

    studies: Mapping[int, StudyInAtlas]
    left_out: Mapping[int, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """statistics: the rows of statistics.csv; unanswered: questions for which no voxel has enough subjects."""

    gathered: Gathered
    statistics: tuple[Mapping[str, object], ...]
    answered: tuple[Question, ...]
    unanswered: tuple[Question, ...]


def gather(table: Table, source: Source, plan: Plan, *, begin: Begin = lambda _: None) -> Gathered:
    """begin: told each study before it is looked at."""
    cache = Cache(folder=plan.folder / "cache")
    studies, left_out = {}, {}
    for place, row in enumerate(table.rows):
        begin(f"line {row.number}")
        key = cache.key(
            [METHOD_VERSION, source.fingerprint(row), plan.atlas.sha256, json.dumps(asdict(plan.registration))]
        )
        try:
            studies[place] = cache.get(key) or _looked_at(row, source, plan, cache=cache, key=key)
        except (InputUnsuitable, ImplausibleResult) as why:
            left_out[place] = str(why)
    return Gathered(studies=studies, left_out=left_out)


def _looked_at(row: Row, source: Source, plan: Plan, *, cache: Cache, key: str) -> StudyInAtlas:
    found = brought_into_atlas(source.study(row), atlas=plan.atlas, settings=plan.registration)
    cache.put(key, found)
    return found


def work(table: Table, gathered: Gathered, plan: Plan, *, begin: Begin = lambda _: None) -> Outcome:
    """Answers every question, one after the other, and writes as it goes. begin: told each before it is answered.

    Raises OSError where the folder cannot be written.
    """
    plan.folder.mkdir(parents=True, exist_ok=True)
    registered = registered_of(table, gathered, plan.atlas)
    _write_studies(table, gathered, registered, plan)
    questions = questions_of(table, wanted=plan.wanted)
    answered: list[Question] = []
    statistics: list[Mapping[str, object]] = []
    for question in questions:
        begin(question.name)
        found = answer(question, registered, plan.permutations)
        if np.isfinite(found.voxels.p).any():
            _write_answer(found, registered.space, plan)
            statistics.extend(statistics_rows(found, registered.space, alpha=plan.alpha))
            answered.append(found.question)
    write_csv(statistics, plan.folder / "statistics.csv")
    names = {one.name for one in answered}
    outcome = Outcome(
        gathered=gathered,
        statistics=tuple(statistics),
        answered=tuple(answered),
        unanswered=tuple(one for one in questions if one.name not in names),
    )
    (plan.folder / "cohort.json").write_text(json.dumps(_summary(table, outcome, plan), indent=1), encoding="utf-8")
    return outcome


def registered_of(table: Table, gathered: Gathered, atlas: Atlas) -> Registered:
    """NaN for rows without maps: a study that could not be used is a missing value."""
    space = VoxelSpace(atlas=atlas)
    maps = {kind: np.full((len(table.rows), space.count), np.nan) for kind in KINDS}
    whole = {kind: np.full((len(table.rows), len(Disc)), np.nan) for kind in KINDS}
    for place, study in gathered.studies.items():
        for kind in KINDS:
            if kind in study.maps:
                maps[kind][place] = study.maps[kind]
            if kind in study.whole_discs:
                whole[kind][place] = study.whole_discs[kind]
    return Registered(space=space, maps=maps, whole_discs=whole)


def _write_answer(found: Answer, space: VoxelSpace, plan: Plan) -> None:
    folder = plan.folder / found.question.slug
    write_answer(found, space, folder)
    (folder / "figure.png").write_bytes(draw(found, space, alpha=plan.alpha))


def _write_studies(table: Table, gathered: Gathered, registered: Registered, plan: Plan) -> None:
    """The atlas, the maps in it, how well each disc was registered, and the means of whole discs."""
    pixel_mm = plan.atlas.pixel_mm
    write_picture(plan.atlas.labels, plan.folder / "atlas.nii.gz", pixel_mm=pixel_mm)
    folder = plan.folder / "maps"
    folder.mkdir(exist_ok=True)
    for place, study in gathered.studies.items():
        for kind, values in study.maps.items():
            path = folder / f"line-{table.rows[place].number}-{kind.value}.nii.gz"
            write_picture(registered.space.picture(values), path, pixel_mm=pixel_mm)
    write_csv(list(_registration_rows(table, gathered)), plan.folder / "registration.csv")
    write_csv(list(_whole_disc_rows(table, registered)), plan.folder / "whole-discs.csv")


def _registration_rows(table: Table, gathered: Gathered) -> Iterator[Mapping[str, object]]:
    for place, row in enumerate(table.rows):
        head = {"line": row.number, "subject": row.subject, "time point": row.time_point}
        if place in gathered.left_out:
            yield {**head, "disc": "all", "left out": gathered.left_out[place]}
            continue
        study = gathered.studies[place]
        for disc in Disc:
            if disc in study.left_out:
                yield {**head, "disc": disc.value, "left out": study.left_out[disc]}
            else:
                quality = {name: f"{value:.4f}" for name, value in asdict(study.qualities[disc]).items()}
                yield {**head, "disc": disc.value, "left out": "", **quality}


def _whole_disc_rows(table: Table, registered: Registered) -> Iterator[Mapping[str, object]]:
    for place, row in enumerate(table.rows):
        for number, disc in enumerate(Disc):
            means = {f"mean {kind.value} ms": registered.whole_discs[kind][place, number] for kind in KINDS}
            yield {
                "line": row.number,
                "subject": row.subject,
                "time point": row.time_point,
                "disc": disc.value,
                **{name: f"{value:.2f}" if np.isfinite(value) else "" for name, value in means.items()},
            }


def _summary(table: Table, outcome: Outcome, plan: Plan) -> Mapping[str, object]:
    left_out = outcome.gathered.left_out
    return {
        "research use only": "no finding was reviewed by a person",
        "atlas": {"name": plan.atlas.name, "sha256": plan.atlas.sha256, "pixel_mm": plan.atlas.pixel_mm},
        "registration": asdict(plan.registration),
        "alpha": plan.alpha,
        "permutations": asdict(plan.permutations),
        "least subjects per voxel": {"count": LEAST_COUNT, "share": LEAST_SHARE},
        "studies": len(table.rows),
        "studies in the atlas": len(outcome.gathered.studies),
        "left out": [{"line": table.rows[place].number, "reason": why} for place, why in left_out.items()],
        "questions": [
            {
                "name": one.name,
                "folder": one.slug,
                "test": one.test.value,
                "subjects": len(one.rows),
                "missing": one.missing,
            }
            for one in outcome.answered
        ],
        "too few subjects": [one.name for one in outcome.unanswered],
    }
