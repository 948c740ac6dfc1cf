"""Which methods there are: one line each. Talks to: disk (weights, reference tables).

Cards need no network; methods are opened once and stay warm.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from config.settings import Inference, Relaxometry
from inference.axial_grading import method as axial_grading
from inference.contract import Card, Method
from inference.degeneration_grade import method as degeneration_grade
from inference.disc_quantification import method as disc_quantification
from inference.disc_quantification.reference import read_population, read_repeatability
from inference.relaxometry import method as relaxometry
from inference.relaxometry.segmentation import Averaged
from inference.runtime import Weights, find_weights, open_network
from inference.t1rho_phase import method as t1rho_phase

_METHODS = (disc_quantification.CARD, degeneration_grade.CARD, t1rho_phase.CARD, relaxometry.CARD, axial_grading.CARD)
CARDS: Mapping[str, Card] = {card.name: card for card in _METHODS}


def weights_of(card: Card) -> tuple[Weights, ...]:
    """The files a card names, with the sha256 that goes into every object. Raises WeightsUnusable."""
    folder = Path(__file__).parent / card.name / "weights"
    return tuple(find_weights(folder, name) for name in card.weights)


def open_method(name: str, settings: Inference, relaxation: Relaxometry | None = None) -> Method:
    """The method of this name, its networks loaded. Raises WeightsUnusable."""
    if name == relaxometry.CARD.name:
        return _open_relaxometry(settings, relaxation or Relaxometry())
    return _OPENERS[name](settings)


def _open_disc_quantification(settings: Inference) -> Method:
    (weights,) = weights_of(disc_quantification.CARD)
    return disc_quantification.DiscQuantification(
        network=open_network(weights, settings), population=read_population(), repeatability=read_repeatability()
    )


def _open_degeneration_grade(settings: Inference) -> Method:
    finder, classifier = (open_network(weights, settings) for weights in weights_of(degeneration_grade.CARD))
    return degeneration_grade.DegenerationGrade(finder=finder, classifier=classifier)


def _open_t1rho_phase(settings: Inference) -> Method:
    detector, regression, phases = (open_network(weights, settings) for weights in weights_of(t1rho_phase.CARD))
    networks = t1rho_phase.Networks(detector=detector, regression=regression, phases=phases)
    return t1rho_phase.T1rhoPhase(networks)


def _open_relaxometry(settings: Inference, relaxation: Relaxometry) -> Method:
    """One network, or the several of a cross-validation."""
    networks = [open_network(weights, settings) for weights in weights_of(relaxometry.CARD)]
    network = networks[0] if len(networks) == 1 else Averaged(networks)
    backend: Literal["numpy", "torch"] = "torch" if settings.backend == "torch" else "numpy"
    return relaxometry.Relaxometry(network=network, backend=backend, chosen=relaxation.fit)


def _open_axial_grading(settings: Inference) -> Method:
    (weights,) = weights_of(axial_grading.CARD)
    return axial_grading.AxialGrading(network=open_network(weights, settings))


_OPENERS: Mapping[str, Callable[[Inference], Method]] = {
    disc_quantification.CARD.name: _open_disc_quantification,
    degeneration_grade.CARD.name: _open_degeneration_grade,
    t1rho_phase.CARD.name: _open_t1rho_phase,
    axial_grading.CARD.name: _open_axial_grading,
}
