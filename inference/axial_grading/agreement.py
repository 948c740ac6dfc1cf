"""How well grades agree, as Su 2022 tells it: accuracy, F1, sensitivity, specificity, Gwet's AC1, AUC. Pure.

Rows are (true grade, given grade, score) of one head each; severe is grade 2 or 3.
"""

import numpy as np

from inference.axial_grading.heads import GRADES
from inference.training.metrics import Rows, auc

SEVERE = 2


def accuracy(rows: Rows) -> float:
    return float((rows[:, 0] == rows[:, 1]).mean())


def macro_f1(rows: Rows) -> float:
    """Mean over the grades that are true or given anywhere."""
    return float(np.mean([_f1(rows, grade) for grade in np.unique(rows[:, :2])]))


def _f1(rows: Rows, grade: float) -> float:
    right = np.count_nonzero((rows[:, 0] == grade) & (rows[:, 1] == grade))
    return 2 * right / (np.count_nonzero(rows[:, 0] == grade) + np.count_nonzero(rows[:, 1] == grade))


def sensitivity(rows: Rows) -> float:
    """Share of the severe that is called severe; NaN where there is none."""
    severe = rows[rows[:, 0] >= SEVERE]
    return float((severe[:, 1] >= SEVERE).mean()) if len(severe) else float("nan")


def specificity(rows: Rows) -> float:
    """Share of the others that is not called severe."""
    others = rows[rows[:, 0] < SEVERE]
    return float((others[:, 1] < SEVERE).mean()) if len(others) else float("nan")


def gwet_ac1(rows: Rows) -> float:
    """Chance-corrected agreement of four grades, Gwet 2008 (Br J Math Stat Psychol 61:29)."""
    agreed = accuracy(rows)
    shares = np.array([(rows[:, :2] == grade).mean() for grade in range(GRADES)])
    by_chance = float((shares * (1 - shares)).sum()) / (GRADES - 1)
    return (agreed - by_chance) / (1 - by_chance)


def auc_of_severe(rows: Rows) -> float:
    """Grades 0-1 against 2-3 by the score."""
    return auc(rows[:, 0] >= SEVERE, rows[:, 2])


def auc_of_positive(rows: Rows) -> float:
    """Rows of (0 or 1, score)."""
    return auc(rows[:, 0] > 0, rows[:, 1])
