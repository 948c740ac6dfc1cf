"""Figures of merit, with intervals from resampling patients. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000


@dataclass(frozen=True, kw_only=True)
class Figure:
    """value with its 95 % interval; patients and items it rests on."""

    value: float
    low: float
    high: float
    patients: int
    items: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


Rows = NDArray[np.float64]


def over_patients(
    rows: Mapping[int, Sequence[Sequence[float]]], statistic: Callable[[Rows], float], *, seed: int = 1
) -> Figure:
    """statistic of all rows (items, columns), its interval by drawing whole patients with replacement."""
    by_patient = [np.asarray(each, np.float64) for each in rows.values() if len(each)]
    everything = np.concatenate(by_patient)
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.concatenate([by_patient[i] for i in rng.integers(len(by_patient), size=len(by_patient))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Figure(
        value=statistic(everything),
        low=float(low),
        high=float(high),
        patients=len(by_patient),
        items=len(everything),
    )


def dice(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    both = np.count_nonzero(found) + np.count_nonzero(truth)
    return 2 * np.count_nonzero(found & truth) / both if both else 1.0


def mean(rows: Rows) -> float:
    return float(rows[:, 0].mean())


def spearman(rows: Rows) -> float:
    """Rank correlation of the first two columns; NaN where one of them never changes."""
    one, other = (ranks - ranks.mean() for ranks in (_ranks(rows[:, 0]), _ranks(rows[:, 1])))
    size = float((one**2).sum() * (other**2).sum()) ** 0.5
    return float((one * other).sum()) / size if size > 0 else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks with ties shared."""
    unique = np.unique_all(values)
    shared: Rows = np.cumsum(unique.counts) - (unique.counts - 1) / 2
    return shared[unique.inverse_indices]


def intraclass(rows: Rows) -> float:
    """ICC(2,1): two-way random, absolute agreement, of the first two columns."""
    n, k = len(rows), 2
    pair = rows[:, :2]
    grand = float(pair.mean())
    between = k * float(((pair.mean(axis=1) - grand) ** 2).sum()) / (n - 1)
    methods = n * float(((pair.mean(axis=0) - grand) ** 2).sum()) / (k - 1)
    rest = float(((pair - grand) ** 2).sum()) - between * (n - 1) - methods * (k - 1)
    error = rest / ((n - 1) * (k - 1))
    return float((between - error) / (between + (k - 1) * error + k * (methods - error) / n))
