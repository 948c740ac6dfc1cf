"""Where a value stands among 1,051 people of Zheng 2022. Talks to: disk (tables that are shipped beside this module).

Disc height is published there in pixels of a 512 export, so only dSI, DHI and HDR are compared.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

from inference.anatomy import Disc, Sex
from inference.contract import Subject
from inference.results import Quantity, ReferencePosition

FOLDER = Path(__file__).parent / "reference"
REPEATABILITY = FOLDER / "repeatability.csv"
PERCENTS = (5, 25, 50, 75, 95)
NAMES = {
    "signal_intensity_difference": Quantity.SIGNAL_INTENSITY_DIFFERENCE,
    "disc_height_index": Quantity.DISC_HEIGHT_INDEX,
    "height_to_diameter_ratio": Quantity.HEIGHT_TO_DIAMETER,
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """One row of population.csv. sex None: both; percentiles at 5, 25, 50, 75, 95."""

    quantity: Quantity
    disc: Disc
    sex: Sex | None
    youngest: float
    oldest: float
    count: int
    mean: float
    sd: float
    percentiles: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Population:
    groups: tuple[Group, ...]

    def position(self, quantity: Quantity, disc: Disc, *, value: float, subject: Subject) -> ReferencePosition | None:
        """None where the quantity has no reference."""
        group = self.group(quantity, disc, subject)
        if group is None:
            return None
        return ReferencePosition(
            group=_in_words(group, subject),
            count=group.count,
            mean=group.mean,
            sd=group.sd,
            z_score=(value - group.mean) / group.sd,
            percentile=_percentile(value, group),
        )

    def group(self, quantity: Quantity, disc: Disc, subject: Subject) -> Group | None:
        """The narrowest group that the header allows; what is missing there is pooled over."""
        fitting = [
            group
            for group in self.groups
            if group.quantity is quantity
            and group.disc is disc
            and (group.sex is None or subject.sex is None or group.sex is subject.sex)
            and (subject.age_years is None or group.youngest <= _clamped(subject.age_years) < group.oldest)
        ]
        return _pooled(fitting) if fitting else None


def read_repeatability(path: Path = REPEATABILITY) -> Mapping[Quantity, float]:
    """Within-subject SD between two scans, in the quantity's unit (inference.disc_quantification.repeatability)."""
    with path.open(newline="") as file:
        return {Quantity(row["quantity"]): float(row["within_subject_sd"]) for row in csv.DictReader(file)}


def read_population(folder: Path = FOLDER) -> Population:
    with (folder / "population.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["quantity"] in NAMES]
    return Population(groups=tuple(_group(row) for row in rows))


def _group(row: dict[str, str]) -> Group:
    youngest, oldest = row["age_band"].split("-")
    return Group(
        quantity=NAMES[row["quantity"]],
        disc=Disc(row["level"]),
        sex=None if row["sex"] == "all" else Sex(row["sex"]),
        youngest=float(youngest),
        oldest=float(oldest),
        count=int(row["n"]),
        mean=float(row["mean"]),
        sd=float(row["sd"]),
        percentiles=tuple(float(row[f"p{percent}"]) for percent in PERCENTS),
    )


def _clamped(age: float) -> float:
    """The reference people were 20 to 90 years old; others are compared with the nearest band, and it is said."""
    return min(max(age, 20.0), 89.9)


def _pooled(groups: Sequence[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    counts = np.array([group.count for group in groups], np.float64)
    means = np.array([group.mean for group in groups])
    variances = np.array([group.sd**2 for group in groups])
    mean = float(np.average(means, weights=counts))
    spread = float(np.average(variances + (means - mean) ** 2, weights=counts)) ** 0.5
    points = np.average(np.array([group.percentiles for group in groups]), axis=0, weights=counts)
    sexes = {group.sex for group in groups}
    return Group(
        quantity=groups[0].quantity,
        disc=groups[0].disc,
        sex=next(iter(sexes)) if len(sexes) == 1 else None,
        youngest=min(group.youngest for group in groups),
        oldest=max(group.oldest for group in groups),
        count=int(counts.sum()),
        mean=mean,
        sd=spread,
        percentiles=tuple(float(point) for point in points),
    )


def _percentile(value: float, group: Group) -> float:
    """Between the published percentiles by line; beyond them by the normal tail."""
    points = group.percentiles
    if points[0] <= value <= points[-1] and _rises(points):
        return float(np.interp(value, points, PERCENTS))
    tail = 100 * NormalDist(group.mean, group.sd).cdf(value)
    return min(tail, 5.0) if value < points[0] else max(tail, 95.0)


def _rises(points: Iterable[float]) -> bool:
    return bool((np.diff(np.array(list(points))) > 0).all())


def _in_words(group: Group, subject: Subject) -> str:
    missing = [
        name
        for name, wanted, known in (
            ("sex", group.quantity is not Quantity.SIGNAL_INTENSITY_DIFFERENCE, subject.sex is not None),
            ("age", True, subject.age_years is not None),
        )
        if wanted and not known
    ]
    who = group.sex.value if group.sex else "both sexes"
    text = f"{group.disc.value}, {who}, {group.youngest:.0f}-{group.oldest:.0f} years"
    if subject.age_years is not None and _clamped(subject.age_years) != subject.age_years:
        text += " (nearest band to the age in the header)"
    return f"{text} ({' and '.join(missing)} not in header)" if missing else text
