"""The affine that lays one disc onto another, by SimpleITK, from coarse to fine. Pure."""

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that its own documentation uses
from numpy.typing import NDArray

from inference.errors import ImplausibleResult
from inference.relaxometry.registration_patch import Patch, Points

_FAR_MM = 8.0  # beyond that, distances say nothing of the border
_ITERATIONS = 60
_LONGEST_STEP = 2.0  # without a limit, one disc in forty is found mirrored
_PLAUSIBLE = (0.2, 4.0)  # determinant: how much larger the study's disc may be


@dataclass(frozen=True, kw_only=True, eq=False)
class Affine:
    """From the atlas's disc to the study's: matrix @ x + shift, millimetres (down, back) from the centroids."""

    matrix: NDArray[np.float64]
    shift: NDArray[np.float64]

    @property
    def determinant(self) -> float:
        return float(np.linalg.det(self.matrix))

    def __call__(self, points: Points) -> Points:
        """(2, ...) to (2, ...)."""
        shift = self.shift.reshape(2, *([1] * (points.ndim - 1)))
        return np.asarray(np.tensordot(self.matrix, points, axes=1) + shift)


def align(target: Patch, moving: Patch, *, levels: int = 4) -> Affine:
    """Starts with centroid on centroid. Raises ImplausibleResult where no sensible affine was found."""
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsMeanSquares()
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel([2**level for level in reversed(range(levels))])
    method.SetSmoothingSigmasPerLevel([2.0**level / 2 if level else 0.0 for level in reversed(range(levels))])
    method.SetOptimizerAsLBFGS2(
        numberOfIterations=_ITERATIONS, deltaConvergenceTolerance=1e-4, lineSearchMaximumStep=_LONGEST_STEP
    )
    method.SetOptimizerScalesFromPhysicalShift()
    found = sitk.AffineTransform(2)
    method.SetInitialTransform(found, inPlace=True)
    try:
        method.Execute(_image(target), _image(moving))
    except RuntimeError as cause:
        raise ImplausibleResult("no affine lays this disc onto the atlas") from cause
    return _checked(found)


def _image(patch: Patch) -> sitk.Image:
    """SimpleITK's axes are (back, down); the centroid is its origin of coordinates."""
    image = sitk.GetImageFromArray(np.clip(patch.distance, -_FAR_MM, _FAR_MM))
    image.SetSpacing([patch.pixel_mm, patch.pixel_mm])
    image.SetOrigin([-patch.centre[1] * patch.pixel_mm, -patch.centre[0] * patch.pixel_mm])
    return image


def _checked(found: sitk.AffineTransform) -> Affine:
    matrix = np.array(found.GetMatrix()).reshape(2, 2)[::-1, ::-1]
    affine = Affine(matrix=matrix, shift=np.array(found.GetTranslation())[::-1])
    if not _PLAUSIBLE[0] <= affine.determinant <= _PLAUSIBLE[1]:
        raise ImplausibleResult(f"the disc would be {affine.determinant:.2g} times the size of the atlas's")
    return affine
