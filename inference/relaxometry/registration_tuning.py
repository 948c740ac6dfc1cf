"""Which registration settings suit an atlas and a collection of discs: Bayesian optimisation. Pure.

The objective is Iriondo 2020's equation 1: the mean over discs of 1 - Dice + SD of the Jacobian determinant. A disc
whose field folds or misses counts as the worst that a disc can be. Needs the `cohort` extra.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from bayes_opt import BayesianOptimization

from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.errors import ImplausibleResult, InputUnsuitable
from inference.relaxometry.atlas import Atlas
from inference.relaxometry.registration import Settings, register
from inference.relaxometry.registration_elastic import ElasticSettings
from inference.results import LabelMap

_REFUSED: Final = 2.0  # objective of a disc that has no field
_BOUNDS: Final = {"spacing_mm": (2.0, 10.0), "log10_rigidity": (-2.5, 0.5), "iterations": (20.0, 200.0)}
_RANDOM: Final = 6  # points before the surrogate is asked


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlined:
    """The discs of one study: the volume they are drawn on, and the drawing."""

    label_map: LabelMap
    volume: Volume


@dataclass(frozen=True, kw_only=True)
class Trial:
    settings: Settings
    objective: float


def objective(studies: Sequence[Outlined], *, atlas: Atlas, settings: Settings) -> float:
    """Mean over all discs of all studies of 1 - Dice + SD of the Jacobian determinant; discs that are not there aside.

    Raises InputUnsuitable where no study has any disc.
    """
    losses = [
        loss
        for study in studies
        for disc in Disc
        if (loss := _loss(study, disc, atlas=atlas, settings=settings)) is not None
    ]
    if not losses:
        raise InputUnsuitable("there are no discs to tune the registration on")
    return float(np.mean(losses))


def tune(
    studies: Sequence[Outlined],
    *,
    atlas: Atlas,
    trials: int,
    seed: int = 0,
    told: Callable[[Trial], None] = lambda _: None,
) -> Trial:
    """The best of that many trials. told: each trial when it is done. Same arguments, same answer."""
    done: list[Trial] = []

    def negative(**point: float) -> float:
        settings = _settings(point)
        trial = Trial(settings=settings, objective=objective(studies, atlas=atlas, settings=settings))
        done.append(trial)
        told(trial)
        return -trial.objective

    search = BayesianOptimization(f=negative, pbounds=_BOUNDS, random_state=seed, verbose=0)
    search.maximize(init_points=min(_RANDOM, trials), n_iter=max(trials - _RANDOM, 0))
    return min(done, key=lambda trial: trial.objective)


def _settings(point: Mapping[str, float]) -> Settings:
    return Settings(
        elastic=ElasticSettings(
            spacing_mm=round(float(point["spacing_mm"]), 2),
            iterations=round(float(point["iterations"])),
            rigidity=round(float(10 ** point["log10_rigidity"]), 4),
        )
    )


def _loss(study: Outlined, disc: Disc, *, atlas: Atlas, settings: Settings) -> float | None:
    try:
        found = register(study.label_map, study.volume, disc=disc, atlas=atlas, settings=settings)
    except InputUnsuitable:
        return None
    except ImplausibleResult:
        return _REFUSED
    return 1 - found.quality.dice + found.quality.jacobian_sd
