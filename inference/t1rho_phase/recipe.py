"""What the three networks of t1rho_phase learn from, and in which order. Talks to: disk, clock, CPU."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import nn

from config.settings import Inference
from inference.runtime import find_weights, open_network
from inference.t1rho_phase import detector_training, phase_training, regression_training
from inference.t1rho_phase.folds import TEST, Outcome, cross_validated, people_of, phases_of
from inference.t1rho_phase.method import DETECTOR, REGRESSION
from inference.t1rho_phase.nuclei import Nucleus, from_phantoms
from inference.t1rho_phase.phantom_pairs import load, render_all
from inference.t1rho_phase.scores import mean_auc
from inference.t1rho_phase.site_pairs import read_pairs
from inference.torch_backend import restored
from inference.training.synthetic import FIRST_UNSEEN_SEED

logger = logging.getLogger(__name__)
SVM_SHARE = 4  # every fourth phantom is kept from the networks, for the SVM and its calibration


def imagine(count: int, scratch: Path) -> None:
    render_all(range(count), scratch / "phantom")


def phantom_files(scratch: Path) -> list[Path]:
    """Those to learn from."""
    files = sorted((scratch / "phantom").glob("[0-9]*.npz"), key=lambda path: int(path.stem))
    return [path for path in files if int(path.stem) < FIRST_UNSEEN_SEED]


def learn_to_detect(root: Path, scratch: Path, *, minutes: float) -> None:
    drawn_from = detector_training.sources(root, phantom_files(scratch))
    detector_training.learn(drawn_from, minutes=minutes, checkpoint=scratch / "detector.pt")


def learn_times(scratch: Path, *, minutes: float) -> None:
    network = regression_training.compact_regression()
    nuclei = _phantoms(scratch, for_svm=False)
    regression_training.learn(nuclei, network, minutes=minutes, checkpoint=scratch / "regression.pt")


def deliver(scratch: Path, weights: Path) -> list[str]:
    """Exports both networks, fits the SVM on phantoms that neither has seen; answers the three sha256."""
    unseen = phantoms_for_svm(scratch)
    network = regression_training.trained(scratch / "regression.pt")
    machine = phase_training.fitted(regression_training.predict(network, unseen), phases_of(unseen), people_of(unseen))
    return [
        detector_training.deliver(scratch / "detector.pt", weights),
        regression_training.deliver(scratch / "regression.pt", weights),
        phase_training.deliver(machine, weights),
    ]


def phantoms_for_svm(scratch: Path) -> list[Nucleus]:
    """Discs that the regression network has not learnt."""
    return _phantoms(scratch, for_svm=True)


def _phantoms(scratch: Path, *, for_svm: bool) -> list[Nucleus]:
    files = phantom_files(scratch)
    chosen = [path for index, path in enumerate(files) if (index % SVM_SHARE == SVM_SHARE - 1) is for_svm]
    return list(from_phantoms(map(load, chosen)))


def learn_from_site(folder: Path, scratch: Path, *, weights: Path, minutes: float) -> list[str]:
    """A site's real pairs by Li 2024's protocol; writes the site's regression and phases into weights.

    weights: the folder of the three files; every network starts from its regression network. minutes: for each of the
    seven networks that are trained. Answers what each run reached, in words. Raises PairsUnusable, TooFewPeople.
    """
    pairs = read_pairs(folder, open_network(find_weights(weights, DETECTOR), Inference(device="cpu")))
    begin = find_weights(weights, REGRESSION)

    def learn(nuclei: Sequence[Nucleus], name: str) -> nn.Module:
        checkpoint = scratch / f"{name}.pt"
        checkpoint.unlink(missing_ok=True)
        regression_training.learn(nuclei, restored(begin), minutes=minutes, checkpoint=checkpoint)
        return regression_training.trained(checkpoint)

    outcomes = list(cross_validated(pairs.nuclei, learn))
    network = learn(pairs.nuclei, "site")
    features = regression_training.predict(network, pairs.nuclei)
    machine = phase_training.fitted(features, phases_of(pairs.nuclei), people_of(pairs.nuclei))
    regression_training.deliver(scratch / "site.pt", weights)
    phase_training.deliver(machine, weights)
    return [*(f"left out: {reason}" for reason in pairs.refused), *_told(outcomes)]


def _told(outcomes: Sequence[Outcome]) -> list[str]:
    folds = [mean_auc(each.phases) for each in outcomes if each.name != TEST]
    return [*(str(each) for each in outcomes), f"five folds: mean AUC {np.nanmean(folds):.3f}"]
