"""Figures of merit, with intervals from resampling patients. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
Rows = NDArray[np.float64]
"""(items, columns); what the columns are, the statistic says."""
ByPatient = dict[int, list[list[float]]]
"""The same, each patient's apart, so that whole patients can be drawn."""
Statistic = Callable[[Rows], float]


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


def over_patients(rows: ByPatient, statistic: Statistic, *, seed: int = 1) -> Figure:
    """statistic of all rows, its interval by drawing whole patients with replacement."""
    low, high = np.nanpercentile(_redrawn(rows, statistic, seed=seed), [2.5, 97.5])
    everything = joined(rows)
    return Figure(
        value=statistic(everything),
        low=float(low),
        high=float(high),
        patients=len(_of_patients(rows)),
        items=len(everything),
    )


def standard_error(rows: ByPatient, statistic: Statistic, *, seed: int = 1) -> float:
    """Of the statistic, by drawing whole patients with replacement."""
    return float(np.nanstd(_redrawn(rows, statistic, seed=seed)))


def joined(rows: ByPatient) -> Rows:
    """Of all patients; of those who have any there must be one."""
    return np.concatenate(_of_patients(rows))


def _of_patients(rows: ByPatient) -> list[Rows]:
    return [np.asarray(each, np.float64) for each in rows.values() if len(each)]


def _redrawn(rows: ByPatient, statistic: Statistic, *, seed: int) -> list[float]:
    people, rng = _of_patients(rows), np.random.default_rng(seed)
    draws = (rng.integers(len(people), size=len(people)) for _ in range(RESAMPLES))
    return [statistic(np.concatenate([people[i] for i in drawn])) for drawn in draws]


def dice(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    both = np.count_nonzero(found) + np.count_nonzero(truth)
    return 2 * np.count_nonzero(found & truth) / both if both else 1.0


def mean(rows: Rows) -> float:
    return float(rows[:, 0].mean())


def auc(positive: NDArray[np.bool_], score: Rows) -> float:
    """Area under the ROC: the chance that a positive has the higher score, ties half. NaN where one side is missing.

    Both (items,).
    """
    count = int(positive.sum())
    if count in {0, len(positive)}:
        return float("nan")
    return float((_ranks(score)[positive].sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))


def pearson(rows: Rows) -> float:
    """Correlation of the first two columns; NaN where one of them never changes."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(rows[:, 0], rows[:, 1])[0, 1])


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
