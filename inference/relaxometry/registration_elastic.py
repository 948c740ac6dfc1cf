"""A B-spline that bends one disc's border onto another's, held stiff by a rigidity penalty. Pure.

SimpleITK has no rigidity penalty, and its B-spline folds on distance maps (deploy/decisions/0010). So the free-form
deformation (Rueckert 1999) is written out here with SciPy's B-splines and minimiser: the mean squared difference of
the softened masks, and Staring's (2007) orthonormality and properness of the local Jacobian F = I + grad u, both
with their gradients.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import BSpline
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from inference.relaxometry.registration_affine import Affine
from inference.relaxometry.registration_patch import Patch, Points

_DEGREE: Final = 3
_SOFT_MM: Final = 0.5  # over which a softened mask falls from inside to outside


@dataclass(frozen=True, kw_only=True)
class ElasticSettings:
    """spacing_mm: between control points at the finest of two grids; rigidity: weight of the penalty."""

    spacing_mm: float = 5.0
    iterations: int = 120
    rigidity: float = 0.75


@dataclass(frozen=True, kw_only=True, eq=False)
class Elastic:
    """displacement: (2, row, column) mm over the target patch; jacobian: det(I + grad u), (row, column)."""

    displacement: Points
    jacobian: NDArray[np.float64]


def bend(target: Patch, moving: Patch, *, affine: Affine, settings: ElasticSettings) -> Elastic:
    """affine(x + u(x)) is where the study shows what the atlas has at x. u is sought on a coarse, then a fine grid."""
    displacement = np.zeros((2, *target.distance.shape))
    for spacing in (2 * settings.spacing_mm, settings.spacing_mm):
        grid = _Grid.over(target, spacing_mm=spacing)
        cost = _Cost(target, moving, affine=affine, grid=grid, rigidity=settings.rigidity)
        start = grid.fitted(displacement)
        with threadpool_limits(limits=1):  # the products are small: threads only wait for each other, ten times as long
            best = minimize(cost, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": settings.iterations})
        coefficients = np.reshape(best.x, start.shape)
        displacement = grid.displacement(coefficients)
    return Elastic(displacement=displacement, jacobian=_determinant(grid.deformation(coefficients)))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Grid:
    """B-splines and their slopes (per mm) along rows and columns: (pixel, control point) each."""

    rows: NDArray[np.float64]
    columns: NDArray[np.float64]
    row_slopes: NDArray[np.float64]
    column_slopes: NDArray[np.float64]

    @classmethod
    def over(cls, patch: Patch, *, spacing_mm: float) -> "_Grid":
        height, width = patch.distance.shape
        rows, row_slopes = _splines(height, spacing=spacing_mm / patch.pixel_mm)
        columns, column_slopes = _splines(width, spacing=spacing_mm / patch.pixel_mm)
        scale = patch.pixel_mm
        return cls(rows=rows, columns=columns, row_slopes=row_slopes / scale, column_slopes=column_slopes / scale)

    def displacement(self, coefficients: Points) -> Points:
        """(2, row, column) from (2, control row, control column)."""
        return np.asarray(self.rows @ coefficients @ self.columns.T)

    def deformation(self, coefficients: Points) -> Points:
        """F = I + grad u as (2, 2, row, column): component, then derivative by (down, back)."""
        down = self.row_slopes @ coefficients @ self.columns.T
        back = self.rows @ coefficients @ self.column_slopes.T
        return np.asarray(np.stack([down, back], axis=1) + np.eye(2)[:, :, None, None])

    def pulled_back(self, by_displacement: Points, by_deformation: Points) -> Points:
        """The transpose of the two above: gradients by pixel to gradients by coefficient."""
        return np.asarray(
            self.rows.T @ by_displacement @ self.columns
            + self.row_slopes.T @ by_deformation[:, 0] @ self.columns
            + self.rows.T @ by_deformation[:, 1] @ self.column_slopes
        )

    def fitted(self, displacement: Points) -> Points:
        """The coefficients that come nearest to a displacement."""
        return np.asarray(np.linalg.pinv(self.rows) @ displacement @ np.linalg.pinv(self.columns).T)


def _splines(count: int, *, spacing: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Uniform cubic B-splines at pixels 0 to count - 1, and their slopes per pixel."""
    intervals = max(int(np.ceil((count - 1) / spacing)), 1)
    step = (count - 1) / intervals
    knots = step * np.arange(-_DEGREE, intervals + _DEGREE + 1)
    basis = BSpline(knots, np.eye(intervals + _DEGREE), _DEGREE)
    pixels = np.arange(count, dtype=float)
    return np.asarray(basis(pixels)), np.asarray(basis.derivative()(pixels))


class _Cost:
    """What is minimised, and its gradient by the coefficients."""

    def __init__(self, target: Patch, moving: Patch, *, affine: Affine, grid: _Grid, rigidity: float) -> None:
        self._moving = moving
        self._affine = affine
        self._grid = grid
        self._places = target.millimetres()
        self._wanted = _softened(target.distance)
        self._area = float(self._wanted.sum())
        self._rigidity = rigidity
        self._slopes = tuple(np.gradient(moving.distance, moving.pixel_mm))

    def __call__(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        coefficients = flat.reshape(2, self._grid.rows.shape[1], self._grid.columns.shape[1])
        mismatch, by_displacement = self._mismatch(self._grid.displacement(coefficients))
        stiffness, by_deformation = _stiffness(self._grid.deformation(coefficients))
        gradient = self._grid.pulled_back(
            by_displacement / self._area, self._rigidity * by_deformation / self._wanted.size
        )
        return mismatch / self._area + self._rigidity * stiffness / self._wanted.size, gradient.ravel()

    def _mismatch(self, displacement: Points) -> tuple[float, Points]:
        pixels = self._moving.pixels(self._affine(self._places + displacement))
        distance, down, back = (
            ndimage.map_coordinates(one, pixels, order=1, mode="nearest")
            for one in (self._moving.distance, *self._slopes)
        )
        seen = _softened(distance)
        difference = seen - self._wanted
        by_distance = -2 * difference * seen * (1 - seen) / _SOFT_MM
        by_place = np.stack([by_distance * down, by_distance * back])
        return float((difference**2).sum()), np.tensordot(self._affine.matrix.T, by_place, axes=1)


def _softened(distance: NDArray[np.floating]) -> NDArray[np.float64]:
    """1 inside, 0 outside."""
    return np.asarray(1 / (1 + np.exp(np.clip(np.asarray(distance, float) / _SOFT_MM, -30, 30))))


def _stiffness(deformation: Points) -> tuple[float, Points]:
    """Sum over pixels of |F'F - I|^2 + (det F - 1)^2, and its gradient by F."""
    strain = np.einsum("kixy,kjxy->ijxy", deformation, deformation) - np.eye(2)[:, :, None, None]
    growth = _determinant(deformation) - 1
    cofactor = np.stack(
        [np.stack([deformation[1, 1], -deformation[1, 0]]), np.stack([-deformation[0, 1], deformation[0, 0]])]
    )
    gradient = 4 * np.einsum("kixy,ijxy->kjxy", deformation, strain) + 2 * growth * cofactor
    return float((strain**2).sum() + (growth**2).sum()), np.asarray(gradient)


def _determinant(deformation: Points) -> NDArray[np.float64]:
    return np.asarray(deformation[0, 0] * deformation[1, 1] - deformation[0, 1] * deformation[1, 0])
