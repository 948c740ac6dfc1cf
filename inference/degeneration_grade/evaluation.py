"""What the shipped networks reach on patients they never saw, as the tables and figures of CARD.md. Talks to: disk.

Held out: patients whose number leaves 3 when divided by 7 (inference.training.samples).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from config.settings import Inference
from inference.degeneration_grade import scores
from inference.degeneration_grade.figures import draw_figures
from inference.degeneration_grade.graded import GradedSlice, drawn_ranks, found_ranks
from inference.degeneration_grade.grading import Graded, graded, probabilities
from inference.degeneration_grade.label_noise import contradictions
from inference.degeneration_grade.method import CLASSIFIER_NAME, FINDER_NAME, both_ways_up
from inference.degeneration_grade.preprocess import disc_cut
from inference.degeneration_grade.quality import quality_of
from inference.degeneration_grade.recipe import (
    COHORTS,
    by_torch,
    checkpoint_of,
    collect,
    graded_discs,
    graded_slices,
    learnt,
    predicted,
)
from inference.degeneration_grade.scores import PAIRS
from inference.degeneration_grade.views import GradedDisc
from inference.registry import CARDS, weights_of
from inference.runtime import Network, find_weights, open_network
from inference.training.card import put_between_marks
from inference.training.metrics import ByPatient, Figure, Rows, dice, joined, mean, over_patients
from inference.training.samples import is_held_out
from inference.training.spider import SPACE_MM, MaskedSlice, masked_slices

CARD, FIGURES = Path(__file__).parent / "CARD.md", Path(__file__).parent / "figures"
LOWEST_FIVE = 5
ACROSS = "Trained on one cohort alone (300 steps, fold 0 kept back), tested on the held-out patients of both:"
PAIR_NAMES = ("mild / moderate", "mild / serious", "moderate / serious")
MEASURES: tuple[tuple[str, Callable[[Rows], float]], ...] = (
    ("accuracy of the group", scores.accuracy),
    ("the same, each group against the rest (as the paper)", scores.one_against_rest),
    ("sensitivity, mean of groups", scores.sensitivity),
    ("specificity, mean of groups", scores.specificity),
    ("F1, mean of groups", scores.macro_f1),
    *(
        (f"AUC {name}", lambda rows, pair=pair: scores.area_under_roc(rows, pair))
        for name, pair in zip(PAIR_NAMES, PAIRS, strict=True)
    ),
    ("mild taken for serious or the reverse", scores.two_apart),
    ("Pfirrmann I to V exactly", scores.grade_accuracy),
    ("Pfirrmann within one grade", scores.grade_within_one),
    ("calibration error of the group", scores.calibration_error),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the card; figures: one per column."""

    what: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """Predictions for one group of patients, rows of inference.degeneration_grade.scores by patient."""

    title: str
    rows: ByPatient

    @property
    def all_rows(self) -> Rows:
        return joined(self.rows)


def write_card(root: Path, *, scratch: Path, weights: Path) -> None:
    """Measures the weights that are there; puts tables into CARD.md between its two marks, figures beside it."""
    finder, classifier = (find_weights(weights, name) for name in (FINDER_NAME, CLASSIFIER_NAME))
    networks = [open_network(each, Inference(device="cpu", threads=1)) for each in (finder, classifier)]
    if not (scratch / "graded").is_dir():
        collect(root, scratch)
    said = f"Weights: {finder.name}, sha256 {finder.sha256}; {classifier.name}, sha256 {classifier.sha256}.\n\n"
    said += "\n\n".join(_tables(networks[0], networks[1], root, scratch=scratch))
    put_between_marks(CARD, f"{said}\n")


def _tables(finder: Network, classifier: Network, root: Path, *, scratch: Path) -> Iterator[str]:
    seen = {source: graded_slices(scratch, held_out=True, sources=(source,)) for source in ("spider", "sudirman")}
    own = [each for each in (_found_again(finder, one) for one in seen["spider"]) if each is not None]
    tests = [
        Trial(title="SPIDER", rows=_rows(classifier, seen["spider"])),
        Trial(title="SPIDER, own discs", rows=_rows(classifier, own)),
        Trial(title="Sudirman", rows=_rows(classifier, seen["sudirman"])),
    ]
    draw_figures({each.title: each.all_rows for each in tests}, FIGURES)
    yield _grading_table(tests)
    across = list(_across(scratch, seen))
    if across:
        yield f"{ACROSS}\n\n{_grading_table(across, MEASURES[:8])}"
    yield _disc_table(finder, root)
    yield _doubt_table(classifier, seen, own)
    yield _noise_table(root, scratch)


def _found_again(finder: Network, each: GradedSlice) -> GradedSlice | None:
    ranks = found_ranks(finder, each.image, each.spacing)
    return None if ranks is None else replace(each, ranks=ranks)


def _lumbar(slices: Sequence[GradedSlice]) -> list[GradedDisc]:
    return [disc for disc in graded_discs(list(slices)) if disc.rank <= LOWEST_FIVE]


def _rows(classifier: Network, slices: Sequence[GradedSlice]) -> ByPatient:
    rows: ByPatient = {}
    discs = _lumbar(slices)
    for disc, logits in zip(discs, predicted(classifier, discs), strict=True):
        rows.setdefault(disc.of.patient, []).append([float(disc.grade), *map(float, probabilities(logits))])
    return rows


def _across(scratch: Path, seen: Mapping[str, Sequence[GradedSlice]]) -> Iterator[Trial]:
    """Classifiers that learnt from one cohort, where they were trained, on the held-out patients of both."""
    for cohort in COHORTS:
        checkpoint = checkpoint_of(scratch, cohort, 0)
        if cohort == "both" or not checkpoint.exists():
            continue
        network = by_torch(learnt(checkpoint))
        for source, slices in seen.items():
            yield Trial(title=f"{cohort} -> {source}", rows=_rows(network, slices))


def _grading_table(tests: Sequence[Trial], measures: Sequence[tuple[str, Callable[[Rows], float]]] = MEASURES) -> str:
    head = " | ".join(f"{each.title} ({len(each.rows)} patients, {len(each.all_rows)} discs)" for each in tests)
    lines = [
        Line(what=name, figures=tuple(over_patients(each.rows, statistic) for each in tests))
        for name, statistic in measures
    ]
    return _table(f"| measured (95 % interval) | {head} |", lines)


def _table(head: str, lines: Sequence[Line]) -> str:
    rule = "|---" * (head.count("|") - 1) + "|"
    body = [f"| {line.what} | {' | '.join(map(str, line.figures))} |" for line in lines]
    return "\n".join([head, rule, *body])


def _disc_table(finder: Network, root: Path) -> str:
    (weights,) = weights_of(CARDS["disc_quantification"])
    other = open_network(weights, Inference(device="cpu", threads=1))
    slices = [each for each in masked_slices(root) if is_held_out(each.patient)]
    columns = [_overlaps(network, slices) for network in (finder, other)]
    lines = [
        Line(what=name, figures=tuple(over_patients(column, statistic) for column in columns))
        for name, statistic in (("Dice of the lumbar discs", mean), ("IoU of the lumbar discs", _second))
    ]
    head = f"| SPIDER SPACE, {len(slices)} slices of {len(columns[0])} patients | own U-Net | disc_quantification |"
    return _table(head, lines)


def _overlaps(network: Network, slices: Sequence[MaskedSlice]) -> ByPatient:
    rows: ByPatient = {}
    for each in slices:
        truth = drawn_ranks(each.disc, SPACE_MM)
        found = found_ranks(network, each.image, (SPACE_MM, SPACE_MM))
        ours = np.zeros_like(truth) if found is None else found
        overlap = dice((ours > 0) & (ours <= LOWEST_FIVE), (truth > 0) & (truth <= LOWEST_FIVE))
        rows.setdefault(each.patient, []).append([overlap, overlap / (2 - overlap)])
    return rows


def _second(rows: Rows) -> float:
    return float(rows[:, 1].mean())


def _doubt_table(classifier: Network, seen: Mapping[str, Sequence[GradedSlice]], own: Sequence[GradedSlice]) -> str:
    """Rows: 1 right, 2 doubted."""
    lines = []
    for source, slices in seen.items():
        rows = _doubts(classifier, slices)
        parts = {"no doubt": 0.0, "doubt": 1.0}
        lines.append(Line(what=f"{source}: share doubted", figures=(over_patients(rows, _second),)))
        for name, doubted in parts.items():
            part = {patient: [row for row in every if row[1] == doubted] for patient, every in rows.items()}
            lines.append(Line(what=f"{source}: accuracy where there is {name}", figures=(over_patients(part, mean),)))
    lines.append(
        Line(
            what="SPIDER: same group from own discs as from those handed over",
            figures=(_agreement(classifier, seen["spider"], own),),
        )
    )
    return _table("| doubt, and whose discs | share (95 % interval) |", lines)


def _doubts(classifier: Network, slices: Sequence[GradedSlice]) -> ByPatient:
    rows: ByPatient = {}
    for disc in _lumbar(slices):
        found = _graded(classifier, disc)
        truth = int(scores.true_groups(np.array([[float(disc.grade)]]))[0]) + 1
        rows.setdefault(disc.of.patient, []).append([float(found.group == truth), float(found.doubt is not None)])
    return rows


def _graded(classifier: Network, disc: GradedDisc) -> Graded:
    return graded(classifier(both_ways_up(disc_cut([disc.of.image], disc.mask, disc.of.spacing))))


def _agreement(classifier: Network, handed: Sequence[GradedSlice], own: Sequence[GradedSlice]) -> Figure:
    groups = {(disc.of.name, disc.rank): _graded(classifier, disc).group for disc in _lumbar(own)}
    rows: ByPatient = {}
    for disc in _lumbar(handed):
        same = groups.get((disc.of.name, disc.rank)) == _graded(classifier, disc).group
        rows.setdefault(disc.of.patient, []).append([float(same)])
    return over_patients(rows, mean)


def _noise_table(root: Path, scratch: Path) -> str:
    slices = graded_slices(scratch, held_out=False, sources=("spider", "sudirman"))
    body = [
        f"| {each.what} | {each.count} of {each.of} ({each.count / max(each.of, 1):.1%}) |"
        for each in contradictions(root, slices)
    ]
    refused = sum(
        quality_of(each.image.astype(np.float32), each.ranks > 0, each.spacing).refusal is not None for each in slices
    )
    body.append(f"| slices that the quality gate refuses | {refused} of {len(slices)} ({refused / len(slices):.1%}) |")
    return "\n".join(["| training patients: labels and gate | count |", "|---|---|", *body])
