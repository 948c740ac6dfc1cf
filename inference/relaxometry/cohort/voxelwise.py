"""One test at every voxel, with as many subjects as have a value there. Pure.

SciPy tests all voxels with the same subjects at once; voxels are grouped by who has a value. A voxel is left out (NaN)
where fewer than LEAST_SHARE of the subjects have one, or too few for the test, or where nothing varies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, stats

LEAST_SHARE: Final = 0.8
LEAST_COUNT: Final = 6
_FLAT: Final = 1e-9  # a spread below this share of the size is none

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tested:
    """Per voxel: effect (r, partial r, or a difference in ms), t, two-sided p, how many subjects; NaN: not tested."""

    effect: Matrix
    t: Matrix
    p: Matrix
    count: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shared:
    """Voxels at which the same subjects have a value."""

    subjects: NDArray[np.bool_]
    voxels: NDArray[np.intp]


def correlated(maps: Matrix, variable: Matrix, covariates: Matrix | None = None) -> Tested:
    """Pearson's r of maps (subject, voxel) with variable (subject,) or (subject, voxel); partial with covariates.

    Partial: of what is left of both when intercept and covariates (subject, covariate) are taken out by least squares.
    """
    paired = np.broadcast_to(variable if variable.ndim == 2 else variable[:, None], maps.shape)
    answer = untested(maps.shape[1])
    for shared in _patterns(np.where(np.isfinite(paired), maps, np.nan)):
        y, x = maps[np.ix_(shared.subjects, shared.voxels)], paired[np.ix_(shared.subjects, shared.voxels)]
        taken = 0
        if covariates is not None:
            explained = linalg.orth(np.column_stack([np.ones(len(y)), covariates[shared.subjects]]), rcond=_FLAT)
            taken = explained.shape[1] - 1
            y, x = (one - explained @ (explained.T @ one) for one in (y, x))
        freedom = len(y) - 2 - taken
        good = _varies(y, of=maps[np.ix_(shared.subjects, shared.voxels)])
        good &= _varies(x, of=paired[np.ix_(shared.subjects, shared.voxels)])
        if freedom < LEAST_COUNT - 2 or not good.any():
            continue
        r = np.clip(stats.pearsonr(x[:, good], y[:, good], axis=0).statistic, -1, 1)
        with np.errstate(divide="ignore"):
            t = r * np.sqrt(freedom / (1 - r**2))
        _put(answer, shared.voxels[good], len(y), (r, t, 2 * stats.t.sf(np.abs(t), freedom)))
    return answer


def compared(maps: Matrix, is_second: NDArray[np.bool_]) -> Tested:
    """Student's unpaired t test of maps (subject, voxel); effect: mean of the second group less that of the first."""
    answer = untested(maps.shape[1])
    for shared in _patterns(maps):
        values, second = maps[np.ix_(shared.subjects, shared.voxels)], is_second[shared.subjects]
        good = _varies(values, of=values)
        if min(int(second.sum()), int((~second).sum())) < LEAST_COUNT // 2 or not good.any():
            continue
        one, two = values[second][:, good], values[~second][:, good]
        found = stats.ttest_ind(one, two, axis=0)
        effect = one.mean(axis=0) - two.mean(axis=0)
        _put(answer, shared.voxels[good], len(values), (effect, found.statistic, found.pvalue))
    return answer


def changed(differences: Matrix) -> Tested:
    """One-sample t test of differences (subject, voxel) against none; effect: their mean."""
    answer = untested(differences.shape[1])
    for shared in _patterns(differences):
        values = differences[np.ix_(shared.subjects, shared.voxels)]
        good = _varies(values, of=values)
        if not good.any():
            continue
        found = stats.ttest_1samp(values[:, good], 0.0, axis=0)
        effect = values[:, good].mean(axis=0)
        _put(answer, shared.voxels[good], len(values), (effect, found.statistic, found.pvalue))
    return answer


def _patterns(maps: Matrix) -> Iterator[_Shared]:
    """Who has a value, and the voxels where just they have one; where they are too few, none."""
    known, which = np.unique(np.isfinite(maps), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    starts = np.searchsorted(which.ravel()[order], np.arange(known.shape[1] + 1))
    for number in range(known.shape[1]):
        subjects = known[:, number]
        if subjects.sum() >= max(LEAST_COUNT, LEAST_SHARE * len(subjects)):
            yield _Shared(subjects=subjects, voxels=order[starts[number] : starts[number + 1]])


def _varies(values: Matrix, *, of: Matrix) -> NDArray[np.bool_]:
    return np.asarray(values.std(axis=0) > _FLAT * (1 + np.abs(of).max(axis=0)))


def untested(count: int) -> Tested:
    """So many voxels, all NaN."""
    effect, t, p = (np.full(count, np.nan) for _ in range(3))
    return Tested(effect=effect, t=t, p=p, count=np.zeros(count, np.int64))


def _put(answer: Tested, at: NDArray[np.intp], count: int, found: Sequence[ArrayLike]) -> None:
    """answer is being filled; found: effect, t and p."""
    answer.effect[at], answer.t[at], answer.p[at] = found
    answer.count[at] = count
