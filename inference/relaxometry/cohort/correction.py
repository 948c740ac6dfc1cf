"""What is left of many p values when it is said how many there were. Pure.

FDR (Benjamini-Hochberg) and Bonferroni by statsmodels; the greatest t and the largest cluster under permutation
(Freedman-Lane) by nilearn.
"""

import warnings
from dataclasses import dataclass
from typing import Final, Literal

import nibabel
import numpy as np
from nilearn.maskers import NiftiMasker
from nilearn.mass_univariate import permuted_ols
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests
from threadpoolctl import threadpool_limits

from inference.relaxometry.cohort.space import VoxelSpace

CLUSTER_FORMING_P: Final = 0.001

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Permutations:
    """count 0: none. One seed, one answer."""

    count: int = 1000
    seed: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class FamilyWise:
    """p per voxel, corrected over all voxels of the family; NaN where nothing was tested.

    max_t: of the voxel's own t; cluster: of the size of its cluster, 1 outside any.
    """

    max_t: Matrix
    cluster: Matrix


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """tested: (subject,), ones for a one-sample test; covariates: (subject, covariate) or None."""

    tested: Matrix
    covariates: Matrix | None


def adjusted(p: Matrix, method: Literal["fdr_bh", "bonferroni"]) -> Matrix:
    """Over all p that are not NaN."""
    known = np.isfinite(p)
    answer = np.full(p.shape, np.nan)
    if known.any():
        answer[known] = multipletests(p[known], method=method)[1]
    return answer


def permuted(
    maps: Matrix, design: Design, *, tested: NDArray[np.bool_], space: VoxelSpace, permutations: Permutations
) -> FamilyWise:
    """Over the tested voxels of maps (subject, voxel).

    nilearn wants every value: a missing one becomes the mean of its voxel over the subjects that have one. That does
    not look at what is tested, so that the error rate under the null hypothesis is kept; it costs some power.
    """
    max_t, cluster = np.full(space.count, np.nan), np.full(space.count, np.nan)
    if not permutations.count or not tested.any():
        return FamilyWise(max_t=max_t, cluster=cluster)
    order = space.raster_order(tested)
    is_one_sample = bool((design.tested == design.tested[0]).all())
    with warnings.catch_warnings(), threadpool_limits(limits=1):  # nilearn warns of an image that it makes itself
        warnings.filterwarnings("ignore", message=".*64-bit ints", category=UserWarning)
        found = permuted_ols(
            design.tested[:, None],
            _filled(maps[:, order]),
            confounding_vars=design.covariates,
            model_intercept=not is_one_sample,
            n_perm=permutations.count,
            two_sided_test=True,
            random_state=permutations.seed,
            n_jobs=1,
            masker=_masker(space.mask_of(tested)),
            threshold=CLUSTER_FORMING_P,
            output_type="dict",
        )
    max_t[order] = 10.0 ** -found["logp_max_t"][0]
    cluster[order] = 10.0 ** -found["logp_max_size"][0]
    return FamilyWise(max_t=max_t, cluster=cluster)


def _filled(maps: Matrix) -> Matrix:
    return np.where(np.isfinite(maps), maps, np.nanmean(maps, axis=0))


def _masker(mask: NDArray[np.bool_]) -> NiftiMasker:
    """nilearn forms clusters in a volume of three dimensions: one slice of it."""
    image = nibabel.Nifti1Image(mask[None].astype(np.uint8), np.eye(4))  # type: ignore[no-untyped-call] # nibabel's own
    return NiftiMasker(mask_img=image).fit()
