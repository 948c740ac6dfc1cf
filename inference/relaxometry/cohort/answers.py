"""A question and the registered maps -> maps of effect, p and corrected p, and the same of whole discs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.relaxometry.cohort.correction import Design, FamilyWise, Permutations, adjusted, permuted
from inference.relaxometry.cohort.questions import Matrix, Question, Test, values_of
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.table import DISCS
from inference.relaxometry.cohort.voxelwise import Tested, changed, compared, correlated
from inference.results import MapKind


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """fdr (q) and bonferroni: adjusted p; family_wise: by permutation; means: by group, ms; all per voxel.

    whole_discs: the same test of the mean of each whole disc, with whole_disc_fdr over the five.
    """

    question: Question
    voxels: Tested
    fdr: Matrix
    bonferroni: Matrix
    family_wise: FamilyWise
    means: Mapping[str, Matrix]
    whole_discs: Tested
    whole_disc_fdr: Matrix


@dataclass(frozen=True, kw_only=True, eq=False)
class Registered:
    """ms, NaN where missing. maps: (row of the table, voxel); whole_discs: (row, disc), from the source geometry."""

    space: VoxelSpace
    maps: Mapping[MapKind, Matrix]
    whole_discs: Mapping[MapKind, Matrix]


def answer(question: Question, registered: Registered, permutations: Permutations) -> Answer:
    """Same arguments, same answer."""
    space, values = registered.space, values_of(registered.maps, question)
    voxels = _tested(question, values, registered.maps, disc_of=space.disc_numbers)
    whole = _tested(question, values_of(registered.whole_discs, question), registered.whole_discs, disc_of=np.arange(5))
    return Answer(
        question=question,
        voxels=voxels,
        fdr=adjusted(voxels.p, "fdr_bh"),
        bonferroni=adjusted(voxels.p, "bonferroni"),
        family_wise=_family_wise(question, values, voxels, space, permutations),
        means=_means(question, values),
        whole_discs=whole,
        whole_disc_fdr=adjusted(whole.p, "fdr_bh"),
    )


def _tested(
    question: Question, values: Matrix, all_maps: Mapping[MapKind, Matrix], *, disc_of: NDArray[np.intp]
) -> Tested:
    if question.test is Test.GROUPS:
        return compared(values, question.variable[:, 0] > 0)
    if question.test is Test.CHANGE:
        return changed(values)
    if question.test is Test.TWO_MAPS:
        return correlated(values, np.asarray(all_maps[MapKind.T2], np.float64)[list(question.rows)])
    variable = question.variable[:, disc_of] if question.is_of_discs else question.variable[:, 0]
    return correlated(values, variable, question.covariates)


def _family_wise(
    question: Question, values: Matrix, voxels: Tested, space: VoxelSpace, permutations: Permutations
) -> FamilyWise:
    """A variable of single discs is permuted disc by disc, and Bonferroni's inequality joins the five."""
    tested = np.isfinite(voxels.p)
    if question.test is Test.TWO_MAPS:
        return permuted(values, _design(question, 0), tested=tested, space=space, permutations=Permutations(count=0))
    if not question.is_of_discs:
        return permuted(values, _design(question, 0), tested=tested, space=space, permutations=permutations)
    max_t, cluster = np.full(space.count, np.nan), np.full(space.count, np.nan)
    for number in range(len(DISCS)):
        own = tested & (space.disc_numbers == number)
        there = np.isfinite(question.variable[:, number])
        design = _design(question, number, there)
        found = permuted(values[there], design, tested=own, space=space, permutations=permutations)
        max_t[own] = np.minimum(found.max_t[own] * len(DISCS), 1)
        cluster[own] = np.minimum(found.cluster[own] * len(DISCS), 1)
    return FamilyWise(max_t=max_t, cluster=cluster)


def _design(question: Question, disc: int, there: NDArray[np.bool_] | None = None) -> Design:
    chosen = np.ones(len(question.variable), bool) if there is None else there
    covariates = None if question.covariates is None else question.covariates[chosen]
    return Design(tested=question.variable[chosen, disc], covariates=covariates)


def _means(question: Question, values: Matrix) -> Mapping[str, Matrix]:
    """Of everyone where no groups are compared."""
    if not question.groups:
        return {"all": _mean(values)}
    second = question.variable[:, 0] > 0
    return {question.groups[0]: _mean(values[~second]), question.groups[1]: _mean(values[second])}


def _mean(values: Matrix) -> Matrix:
    """NaN where nobody has a value."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(values.shape[1], np.nan), where=count > 0))
