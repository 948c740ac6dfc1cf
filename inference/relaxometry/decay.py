"""The least-squares exponential of many voxels at once, by variable projection. Pure.

For a rate R the best amplitude (and offset) is linear, which leaves one unknown per voxel: the maximum over R of
g(R) = p^2 / q, the square of the signal's share along the basis e = exp(-R t), p = S.e, q = e.e. With an offset both
are taken about their means. Newton's method on the derivative of log g, from a log-linear start, ends where
Levenberg-Marquardt on S = A exp(-t / T) (+ C) ends. Works on numpy and torch arrays alike: xp is either module.
"""

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

Array = Any  # numpy.ndarray or torch.Tensor, float32

SHORTEST_MS: Final = 1.0
LONGEST_MS: Final = 5000.0
_STEPS, _ROUNDS = 3, 14
_CLOSE: Final = 3e-4  # Newton doubles the digits: a step so short ends within a ten-millionth
_FARTHEST: Final = 0.6  # of the rate (and of a tenth of one decay over all times) in one step
_FLOOR: Final = 1e-4  # of the largest echo: what the logarithm of the start sees of less


@dataclass(frozen=True, kw_only=True, eq=False)
class Decays:
    """One value per voxel: amplitude (units of the signal), time (ms), offset (0 without one), converged.

    residual: root mean square over the echoes; r_squared: share of the variance over the echoes that is explained.
    """

    amplitude: Array
    time: Array
    offset: Array
    residual: Array
    r_squared: Array
    converged: Array


def decays(xp: ModuleType, signals: Array, times: Array, *, offset: bool = False) -> Decays:
    """signals: (time, voxel), finite, each voxel's largest echo over 0; times: (time,), ms, ascending, two or more."""
    longest = float(times[-1])
    relative = times / times[-1]
    scale = xp.amax(signals, 0)
    scaled = signals / scale
    bounds = (longest / LONGEST_MS, min(longest / SHORTEST_MS, 60.0))
    problem = _Problem(xp, scaled - scaled.mean(0) if offset else scaled, relative, centred=offset)
    rate, converged = _solved(xp, problem, _start(xp, scaled, relative, bounds), bounds)
    basis = xp.exp(-relative[:, None] * rate)
    overlap, norm = problem.inner(basis)
    amplitude = overlap / norm
    constant = (scaled - amplitude * basis).mean(0) if offset else xp.zeros_like(amplitude)
    left = ((scaled - amplitude * basis - constant) ** 2).sum(0)
    spread = ((scaled - scaled.mean(0)) ** 2).sum(0)
    return Decays(
        amplitude=amplitude * scale,
        time=longest / rate,
        offset=constant * scale,
        residual=(left / len(times)) ** 0.5 * scale,
        r_squared=1 - left / xp.where(spread > 0, spread, xp.ones_like(spread)),
        converged=converged & (amplitude > 0),
    )


class _Problem:
    """p and q with their first two derivatives in R, for every voxel in a matrix product each."""

    def __init__(self, xp: ModuleType, signals: Array, times: Array, *, centred: bool) -> None:
        self.xp, self.signals, self.times, self.centred = xp, signals, times, centred
        self._powers = xp.stack([xp.ones_like(times), -times, times**2])  # of one exponential
        self._doubled = xp.stack([xp.ones_like(times), -2 * times, 4 * times**2])  # of its square

    def of(self, voxels: Array) -> "_Problem":
        return _Problem(self.xp, self.signals[:, voxels], self.times, centred=self.centred)

    def inner(self, basis: Array) -> tuple[Array, Array]:
        norm = (basis**2).sum(0)
        if self.centred:
            norm = norm - basis.sum(0) ** 2 / len(self.times)
        return (self.signals * basis).sum(0), norm

    def slope(self, rate: Array) -> tuple[Array, Array]:
        """First and second derivative of log g."""
        basis = self.xp.exp(-self.times[:, None] * rate)
        p, p1, p2 = self._powers @ (self.signals * basis)
        q, q1, q2 = self._doubled @ (basis * basis)
        if self.centred:
            m, m1, m2 = self._powers @ basis / len(self.times) ** 0.5
            q, q1, q2 = q - m * m, q1 - 2 * m * m1, q2 - 2 * m1 * m1 - 2 * m * m2
        steep, steeper = p1 / p, q1 / q
        return 2 * steep - steeper, 2 * (p2 / p - steep * steep) - (q2 / q - steeper * steeper)


def _start(xp: ModuleType, scaled: Array, times: Array, bounds: tuple[float, float]) -> Array:
    """The slope of the logarithm, weighted by the squared signal as its noise demands."""
    seen = xp.clip(scaled, _FLOOR, None)
    weight, logarithm = seen * seen, xp.log(seen)
    total = weight.sum(0)
    middle = (weight * times[:, None]).sum(0) / total
    away = weight * (times[:, None] - middle)
    fall = -(away * logarithm).sum(0) / (away * (times[:, None] - middle)).sum(0)
    return xp.clip(fall, *bounds)


def _solved(xp: ModuleType, problem: _Problem, rate: Array, bounds: tuple[float, float]) -> tuple[Array, Array]:
    """Rates, and where they stand still; those that are slow go on by themselves."""
    rate, change = _steps(xp, problem, rate, bounds)
    converged = abs(change) <= _CLOSE * rate
    for _ in range(_ROUNDS):
        late = xp.where(~converged)[0]
        if len(late) == 0:
            break
        rate[late], change = _steps(xp, problem.of(late), rate[late], bounds)
        converged[late] = abs(change) <= _CLOSE * rate[late]
    return rate, converged & (rate > bounds[0]) & (rate < bounds[1])


def _steps(xp: ModuleType, problem: _Problem, rate: Array, bounds: tuple[float, float]) -> tuple[Array, Array]:
    """_STEPS steps, and how long the last was."""
    change = rate
    for _ in range(_STEPS):
        rate, change = _stepped(xp, problem, rate, bounds)
    return rate, change


def _stepped(xp: ModuleType, problem: _Problem, rate: Array, bounds: tuple[float, float]) -> tuple[Array, Array]:
    """One Newton step where log g is curved downwards, else one uphill; never far. NaN stays, and never converges."""
    first, second = problem.slope(rate)
    farthest = _FARTHEST * (rate + 0.1)
    step = xp.where(second < 0, -first / second, xp.sign(first) * farthest)
    new = xp.clip(rate + xp.clip(step, -farthest, farthest), *bounds)
    return new, new - rate
