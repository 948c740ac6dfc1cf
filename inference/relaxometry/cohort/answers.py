"""A question and the registered maps -> maps of effect, p and corrected p, and the same of whole discs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.relaxometry.cohort.correction import Design, FamilyWise, Permutations, adjusted, permuted
from inference.relaxometry.cohort.questions import Comparison, Matrix, Question, restricted, values_of
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.table import DISCS
from inference.relaxometry.cohort.voxelwise import Tested, changed, compared, correlated, untested
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
    """Of the subjects that have a map at all. Same arguments, same answer."""
    space = registered.space
    question = restricted(question, _any_known(values_of(registered.maps, question)))
    values = values_of(registered.maps, question)
    voxels = _tested(question, registered.maps, disc_of=space.disc_numbers)
    whole = _tested(question, registered.whole_discs, disc_of=np.arange(len(DISCS)))
    return Answer(
        question=question,
        voxels=voxels,
        fdr=adjusted(voxels.p, "fdr_bh"),
        bonferroni=adjusted(voxels.p, "bonferroni"),
        family_wise=_family_wise(question, values, np.isfinite(voxels.p), space, permutations),
        means=_means(question, values),
        whole_discs=whole,
        whole_disc_fdr=adjusted(whole.p, "fdr_bh"),
    )


def _tested(question: Question, maps: Mapping[MapKind, Matrix], *, disc_of: NDArray[np.intp]) -> Tested:
    """Disc by disc, each with the subjects that have this disc, and the variable of it. disc_of: per voxel."""
    values = values_of(maps, question)
    found = untested(values.shape[1])
    for number in range(len(DISCS)):
        own = np.flatnonzero(disc_of == number)
        there = _any_known(values[:, own])
        if question.test is not Comparison.TWO_MAPS:
            there &= np.isfinite(question.variable[:, number])
        taking_part = restricted(question, there)
        other = maps[MapKind.T2][list(taking_part.rows)][:, own] if question.test is Comparison.TWO_MAPS else None
        one = _of_disc(taking_part, values[np.ix_(there, own)], number, other)
        found.effect[own], found.t[own], found.p[own], found.count[own] = one.effect, one.t, one.p, one.count
    return found


def _of_disc(question: Question, values: Matrix, number: int, other: Matrix | None) -> Tested:
    if other is not None:
        return correlated(values, other)
    if question.test is Comparison.GROUPS:
        return compared(values, question.variable[:, number] > 0)
    if question.test is Comparison.CHANGE:
        return changed(values)
    return correlated(values, question.variable[:, number], question.covariates)


def _any_known(values: Matrix) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values).any(axis=1))


def _family_wise(
    question: Question, values: Matrix, tested: NDArray[np.bool_], space: VoxelSpace, permutations: Permutations
) -> FamilyWise:
    """A variable of single discs is permuted disc by disc, and Bonferroni's inequality joins the five."""
    if question.test is Comparison.TWO_MAPS:
        permutations = Permutations(count=0)
    if not question.is_of_discs:
        return permuted(values, _design(question, 0), tested=tested, space=space, permutations=permutations)
    max_t, cluster = np.full(space.count, np.nan), np.full(space.count, np.nan)
    for number in range(len(DISCS)):
        own = tested & (space.disc_numbers == number)
        there = np.isfinite(question.variable[:, number]) & _any_known(values[:, space.disc_numbers == number])
        design = _design(restricted(question, there), number)
        found = permuted(values[there], design, tested=own, space=space, permutations=permutations)
        max_t[own] = np.minimum(found.max_t[own] * len(DISCS), 1)
        cluster[own] = np.minimum(found.cluster[own] * len(DISCS), 1)
    return FamilyWise(max_t=max_t, cluster=cluster)


def _design(question: Question, disc: int) -> Design:
    return Design(tested=question.variable[:, disc], covariates=question.covariates)


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
