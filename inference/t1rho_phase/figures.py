"""Receiver operating characteristics of the three phases as a picture. Talks to: disk."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inference.t1rho_phase.scores import PHASES, auc_of
from inference.training.metrics import Rows

COLOURS = ("#1b6ca8", "#c97b12", "#a3243b")


def draw_roc(rows: Rows, path: Path) -> None:
    """rows: true phase, predicted phase, probability of 1, 2, 3."""
    figure = Figure(figsize=(4.6, 4.4), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.8", linewidth=1)
    for phase, colour in zip(PHASES, COLOURS, strict=True):
        false, true = _curve(rows[:, 0] == phase, rows[:, 1 + phase])
        axes.plot(false, true, color=colour, label=f"phase {phase}, AUC {auc_of(phase)(rows):.3f}")
    title = f"Unseen phantoms, {len(rows)} discs"
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title=title, aspect="equal")
    axes.legend(loc="lower right", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _curve(positive: NDArray[np.bool_], score: Rows) -> tuple[Rows, Rows]:
    ordered = positive[np.argsort(-score, kind="stable")]
    true = np.concatenate([[0.0], np.cumsum(ordered) / max(1, ordered.sum())])
    false = np.concatenate([[0.0], np.cumsum(~ordered) / max(1, (~ordered).sum())])
    return false, true
