"""How the phases are learnt: SMOTE, a Gaussian SVM, a calibration; stored as plain arrays. Talks to: disk.

scikit-learn and imbalanced-learn fit; what is served is network.GaussianSvm with their numbers (deploy/decisions/0011).
"""

import json
from pathlib import Path

import numpy as np
import torch
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from inference.phantom.t1rho import phase_of
from inference.t1rho_phase.method import PHASES
from inference.t1rho_phase.network import GaussianSvm
from inference.training.export import export

Rows = NDArray[np.float64]
Numbers = NDArray[np.int64]
FOLDS, NEIGHBOURS, FEWEST_DISCS = 5, 5, 6


class PhaseTooRare(ValueError):
    """A phase has too few discs to be learnt."""


def phases_of(means: Rows) -> Numbers:
    """Phase 1, 2 or 3 of true mean T1rho in ms."""
    return np.array([phase_of(float(each)) for each in means], np.int64)


def fitted(features: Rows, phases: Numbers, people: Numbers, *, seed: int = 1) -> GaussianSvm:
    """features (n, 3): predicted minimum, mean, maximum in ms; people part the folds of the calibration."""
    machine = machine_for(phases, seed=seed).fit(features, phases)
    decisions = cross_val_predict(
        machine_for(phases, seed=seed),
        features,
        phases,
        groups=people,
        cv=StratifiedGroupKFold(FOLDS),
        method="decision_function",
    )
    calibration = LogisticRegression(C=10.0).fit(decisions, phases)
    return _as_network(machine, calibration)


def machine_for(phases: Numbers, *, seed: int) -> Pipeline:
    """SMOTE as Li 2024 has it, with fewer neighbours where the rarest phase has few discs. Raises PhaseTooRare."""
    counts = {phase: int((phases == phase).sum()) for phase in (1, 2, 3)}
    rarest = min(counts, key=lambda phase: counts[phase])
    if counts[rarest] < FEWEST_DISCS:
        raise PhaseTooRare(f"phase {rarest} has {counts[rarest]} discs; at least {FEWEST_DISCS} are needed")
    neighbours = max(1, min(NEIGHBOURS, counts[rarest] // 2 - 1))
    return Pipeline(
        [
            ("smote", SMOTE(k_neighbors=neighbours, random_state=seed)),
            ("scale", StandardScaler()),
            ("svm", SVC(kernel="rbf", decision_function_shape="ovo")),
        ]
    )


def _as_network(machine: Pipeline, calibration: LogisticRegression) -> GaussianSvm:
    scaler, svm = machine.named_steps["scale"], machine.named_steps["svm"]
    network = GaussianSvm(support=len(svm.support_))
    values = {
        "mean": scaler.mean_,
        "sd": scaler.scale_,
        "gamma": [svm._gamma],
        "support": svm.support_vectors_,
        "duals": pairwise_duals(svm),
        "intercepts": svm.intercept_,
        "calibration": calibration.coef_,
        "offsets": calibration.intercept_,
    }
    network.load_state_dict(
        {name: torch.tensor(np.asarray(value), dtype=torch.float32) for name, value in values.items()}
    )
    return network.eval()


def pairwise_duals(svm: SVC) -> Rows:
    """(pairs, support vectors): libsvm keeps, for each vector, its weight against each of the other classes."""
    counts = svm.n_support_
    starts = np.concatenate([[0], np.cumsum(counts)])
    pairs = [(one, other) for one in range(len(counts)) for other in range(one + 1, len(counts))]
    duals = np.zeros((len(pairs), int(counts.sum())))
    for row, (one, other) in enumerate(pairs):
        ours, theirs = slice(starts[one], starts[one + 1]), slice(starts[other], starts[other + 1])
        duals[row, ours] = svm.dual_coef_[other - 1, ours]
        duals[row, theirs] = svm.dual_coef_[one, theirs]
    return duals


@torch.inference_mode()
def odds(network: GaussianSvm, features: Rows) -> Rows:
    """(n, 3) probabilities of the phases."""
    logits = network(torch.tensor(features, dtype=torch.float32)[:, None, None])
    return np.asarray(logits.softmax(dim=1).numpy(), np.float64)


def deliver(network: GaussianSvm, weights: Path) -> str:
    """Writes the file that is served; answers its sha256."""
    facts = {"architecture": "GaussianSvm", "arguments": json.dumps({"support": len(network.support)})}
    return export(network, weights / PHASES, facts=facts, example=(1, 1, 3))
