"""Confusion matrices, calibration curves and ROC curves of several tests, as PNG for the card. Talks to: disk."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inference.degeneration_grade.grading import GROUP_NAMES
from inference.degeneration_grade.scores import (
    PAIRS,
    accuracy,
    area_under_roc,
    calibration_curve,
    confusion,
    pair_scores,
)
from inference.training.metrics import Rows

SIDE_INCHES, DOTS_PER_INCH = 3.0, 90


def draw_figures(tests: Mapping[str, Rows], folder: Path) -> None:
    """Writes confusion.png, calibration.png and roc.png; one panel for each named test."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"font.size": 8}):
        for name, draw in (("confusion", _confusion), ("calibration", _calibration), ("roc", _roc)):
            figure = Figure(figsize=(SIDE_INCHES * len(tests), SIDE_INCHES), layout="constrained")
            panels = figure.subplots(1, len(tests), squeeze=False)[0]
            for panel, (title, rows) in zip(panels, tests.items(), strict=True):
                panel.set_title(title)
                draw(panel, rows)
            figure.savefig(folder / f"{name}.png", dpi=DOTS_PER_INCH, metadata={"Software": None})


def _confusion(panel: Axes, rows: Rows) -> None:
    table = confusion(rows)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (true, given), count in np.ndenumerate(table):
        colour = "white" if shares[true, given] > 0.5 else "black"
        panel.text(given, true, f"{count}\n{shares[true, given]:.0%}", ha="center", va="center", color=colour)
    panel.set_xticks(range(len(GROUP_NAMES)), GROUP_NAMES)
    panel.set_yticks(range(len(GROUP_NAMES)), GROUP_NAMES, rotation=90, va="center")
    panel.set_xlabel(f"given (accuracy {accuracy(rows):.3f})")
    panel.set_ylabel("read")


def _calibration(panel: Axes, rows: Rows) -> None:
    curve = calibration_curve(rows)
    panel.plot([0.3, 1], [0.3, 1], color="0.7", linewidth=1)
    panel.plot(curve[:, 0], curve[:, 1], marker="o", markersize=3)
    panel.set(xlim=(0.3, 1), ylim=(0, 1.02), xlabel="probability of the given group", ylabel="share right")


def _roc(panel: Axes, rows: Rows) -> None:
    panel.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for pair in PAIRS:
        worse, score = pair_scores(rows, pair)
        ranked = worse[np.argsort(-score, kind="stable")]
        hits = np.concatenate([[0], np.cumsum(ranked)]) / max(int(worse.sum()), 1)
        alarms = np.concatenate([[0], np.cumsum(~ranked)]) / max(int((~worse).sum()), 1)
        names = " / ".join(GROUP_NAMES[group] for group in pair)
        panel.plot(alarms, hits, linewidth=1, label=f"{names} {area_under_roc(rows, pair):.2f}")
    panel.set(xlabel="1 - specificity", ylabel="sensitivity")
    panel.legend(loc="lower right", fontsize=6)
