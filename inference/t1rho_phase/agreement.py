"""Predicted beside measured phases, where the study holds a spin-lock series. Pure."""

from collections.abc import Iterable, Mapping

from inference.anatomy import Disc
from inference.results import Grade, Result, Scale


def phases_by_disc(results: Iterable[Result], scale: Scale) -> Mapping[Disc, int]:
    return {each.disc: each.value for each in results if isinstance(each, Grade) and each.scale is scale}


def agreement(predicted: Iterable[Result], measured: Iterable[Result]) -> str | None:
    """One sentence over all levels that have both; None where none has."""
    ours = phases_by_disc(predicted, Scale.PREDICTED_T1RHO_PHASE)
    theirs = phases_by_disc(measured, Scale.MEASURED_T1RHO_PHASE)
    both = [disc for disc in Disc if disc in ours and disc in theirs]
    if not both:
        return None
    equal = sum(ours[disc] == theirs[disc] for disc in both)
    told = ", ".join(f"{disc.value} {ours[disc]}/{theirs[disc]} {_word(ours[disc], theirs[disc])}" for disc in both)
    return f"T1rho phase, predicted/measured: {told}; {equal} of {len(both)} levels agree"


def _word(one: int, other: int) -> str:
    return "agrees" if one == other else f"differs by {abs(one - other)}"
