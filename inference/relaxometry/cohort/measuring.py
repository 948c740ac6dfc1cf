"""What the statistics find in phantom cohorts: an effect where it was planted, and how often one that is not there.

Every subject is drawn and registered once, into a pool. A null cohort is a draw of subjects from a pool without any
effect, with a variable, groups and covariates that know nothing of them. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc, Structure
from inference.relaxometry.atlas import Atlas
from inference.relaxometry.cohort.answers import Answer, Registered, answer
from inference.relaxometry.cohort.correction import Permutations
from inference.relaxometry.cohort.phantom import Effect, PhantomStudy, phantom_study
from inference.relaxometry.cohort.questions import Comparison, Matrix, Question
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.study import Drawing, FittedMap, Study, StudyInAtlas, brought_into_atlas
from inference.relaxometry.cohort.table import DISCS
from inference.relaxometry.registration import Settings, register
from inference.relaxometry.registration_warp import warped
from inference.results import MapKind

ALPHA: Final = 0.05
PLANTED: Final = Effect(disc=Disc.L4_L5, along=0.35, across=0.0, reach=0.3, slope_ms=-14.0)
_KINDS: Final = (MapKind.T1RHO, MapKind.T2)

Told = Callable[[int], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """Subjects in the atlas. share: (subject, voxel), where the effect was planted, 0 to 1; dose: its variable."""

    registered: Registered
    studies: tuple[StudyInAtlas, ...]
    share: Matrix
    dose: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Recruits:
    """How many phantoms, from which seed; with an effect or none; discs: those that are drawn."""

    count: int
    seed: int = 0
    effect: Effect | None = None
    discs: tuple[Disc, ...] = DISCS


def pool_of(recruits: Recruits, *, atlas: Atlas, told: Told = lambda _: None) -> Pool:
    """Same arguments, same pool. told: how many are done."""
    dose = np.random.default_rng([recruits.seed, recruits.count]).normal(size=recruits.count)
    space, effect = VoxelSpace(atlas=atlas), recruits.effect
    studies, shares = [], []
    for number in range(recruits.count):
        seed = recruits.seed * 100_000 + number
        drawn = phantom_study(seed, effect=effect, dose=float(dose[number]), discs=recruits.discs)
        studies.append(brought_into_atlas(study_of(drawn), atlas=atlas, settings=Settings()))
        shares.append(_share(drawn, effect, space) if effect else np.zeros(space.count))
        told(number + 1)
    registered = Registered(
        space=space,
        maps={kind: np.array([one.maps[kind] for one in studies], np.float64) for kind in _KINDS},
        whole_discs={kind: np.array([one.whole_discs[kind] for one in studies]) for kind in _KINDS},
    )
    return Pool(registered=registered, studies=tuple(studies), share=np.array(shares), dose=dose)


def study_of(drawn: PhantomStudy) -> Study:
    series = {kind: FittedMap(values=values, volume=drawn.volume) for kind, values in drawn.maps.items()}
    whole = {
        kind: np.array([_mean(values[drawn.label_map.labels == Structure(disc.value).channel]) for disc in Disc])
        for kind, values in drawn.maps.items()
    }
    drawing = Drawing(label_map=drawn.label_map, volume=drawn.volume)
    return Study(series=series, drawings=dict.fromkeys(series, drawing), whole_discs=whole)


def _mean(values: NDArray[np.float32]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _share(drawn: PhantomStudy, effect: Effect, space: VoxelSpace) -> Matrix:
    found = register(drawn.label_map, drawn.volume, disc=effect.disc, atlas=space.atlas, settings=Settings())
    brought = warped(drawn.effect_share, drawn.volume, found)
    return np.asarray(np.nan_to_num(space.joined({effect.disc: brought})), np.float64)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Shares of voxels that are significant: where the effect was planted, and where it was not at all.

    found: of the planted voxels (mean share over .5); astray: of all others beyond the spot's blurred border (mean
    share under .02); astray_elsewhere: voxels in other discs.
    """

    method: str
    found: float
    astray: float
    astray_elsewhere: int


def planted_question(pool: Pool) -> Question:
    return Question(
        name="T1rho and planted variable",
        test=Comparison.CORRELATION,
        kind=MapKind.T1RHO,
        rows=tuple(range(len(pool.dose))),
        missing=0,
        variable=np.tile(pool.dose[:, None], len(DISCS)),
    )


def findings_of(one: Answer, pool: Pool, *, effect: Effect = PLANTED) -> tuple[Finding, ...]:
    share, space = pool.share.mean(axis=0), pool.registered.space
    planted, away = share > 0.5, share < 0.02
    return tuple(
        Finding(
            method=method,
            found=float((p[planted] < ALPHA).mean()),
            astray=float((p[away] < ALPHA).mean()),
            astray_elsewhere=int((p[~space.of(effect.disc)] < ALPHA).sum()),
        )
        for method, p in corrected(one).items()
    )


def corrected(one: Answer) -> dict[str, Matrix]:
    """p by method, NaN as 1."""
    found = {
        "uncorrected": one.voxels.p,
        "FDR": one.fdr,
        "Bonferroni": one.bonferroni,
        "max-T": one.family_wise.max_t,
        "cluster": one.family_wise.cluster,
    }
    return {name: np.nan_to_num(p, nan=1.0) for name, p in found.items()}


@dataclass(frozen=True, kw_only=True)
class FalsePositives:
    """Of so many null cohorts. by_voxel: share of voxels with p below alpha; in_any: cohorts with any such voxel."""

    test: Comparison
    method: str
    repetitions: int
    by_voxel: float
    in_any: int


@dataclass(frozen=True, kw_only=True)
class NullCohorts:
    """How many cohorts of how many subjects, each with so many permutations."""

    subjects: int = 40
    repetitions: int = 200
    permutations: int = 199
    seed: int = 0


def false_positives(pool: Pool, null: NullCohorts, *, told: Told = lambda _: None) -> tuple[FalsePositives, ...]:
    """For a correlation, a partial correlation with two covariates, and a comparison of two groups."""
    counts: dict[tuple[Comparison, str], list[NDArray[np.bool_]]] = {}
    for repetition in range(null.repetitions):
        rng = np.random.default_rng([null.seed, repetition])
        rows = tuple(sorted(rng.choice(len(pool.dose), null.subjects, replace=False).tolist()))
        for question in _null_questions(rows, rng):
            one = answer(question, pool.registered, Permutations(count=null.permutations, seed=repetition))
            for method, p in corrected(one).items():
                counts.setdefault((question.test, method), []).append(p[np.isfinite(one.voxels.p)] < ALPHA)
        told(repetition + 1)
    return tuple(_counted(test, method, found) for (test, method), found in counts.items())


def _null_questions(rows: tuple[int, ...], rng: np.random.Generator) -> Sequence[Question]:
    count = len(rows)
    variable, covariates = rng.normal(size=count), rng.normal(size=(count, 2))
    is_second = (rng.permutation(count) < count // 2).astype(float)
    plain = Question(
        name="null",
        test=Comparison.CORRELATION,
        kind=MapKind.T1RHO,
        rows=rows,
        missing=0,
        variable=np.tile(variable[:, None], len(DISCS)),
    )
    return (
        plain,
        replace(plain, test=Comparison.PARTIAL, covariates=covariates),
        replace(plain, test=Comparison.GROUPS, groups=("A", "B"), variable=np.tile(is_second[:, None], len(DISCS))),
    )


def _counted(test: Comparison, method: str, found: Sequence[NDArray[np.bool_]]) -> FalsePositives:
    return FalsePositives(
        test=test,
        method=method,
        repetitions=len(found),
        by_voxel=float(np.mean([one.mean() for one in found])),
        in_any=sum(bool(one.any()) for one in found),
    )
