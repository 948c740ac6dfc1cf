"""What the shipped networks reach on people and phantoms they never saw, as the tables in CARD.md. Talks to: disk.

Held out: Sudirman patients whose number leaves 3 when divided by 7; all of SPIDER (no slice of it is trained on);
phantom seeds from 1,000,000 on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.settings import Inference
from inference.anatomy import Disc
from inference.registry import CARDS, weights_of
from inference.runtime import Weights, find_weights, open_network
from inference.t1rho_phase import phase_training, regression_training
from inference.t1rho_phase.boxed import from_phantom
from inference.t1rho_phase.detection import detect
from inference.t1rho_phase.detection_scores import detection_rows, sudirman_truth
from inference.t1rho_phase.figures import draw_roc
from inference.t1rho_phase.folds import five_folds, people_of, phase_rows, phases_of
from inference.t1rho_phase.levels import name_levels
from inference.t1rho_phase.method import CARD as METHOD_CARD
from inference.t1rho_phase.method import DETECTOR, PHASES, REGRESSION, Networks
from inference.t1rho_phase.nuclei import Nucleus, from_phantoms
from inference.t1rho_phase.phantom_pairs import PhantomPair, load, render_all
from inference.t1rho_phase.phases import in_ms, phase_odds
from inference.t1rho_phase.plausibility import plausibility
from inference.t1rho_phase.preprocess import cut_image
from inference.t1rho_phase.recipe import phantoms_for_svm
from inference.t1rho_phase.scores import PHASES as PHASE_NUMBERS
from inference.t1rho_phase.scores import (
    accuracy,
    auc_of,
    bias,
    confusion,
    f1_of,
    map50,
    mean_absolute_error,
    mean_auc,
    mean_average_precision,
    precision_of,
    recall_of,
)
from inference.t1rho_phase.spider_levels import spider_rows
from inference.training.card import Line, as_table, put_between_marks
from inference.training.metrics import ByPatient, Statistic, joined, mean, over_patients, pearson, standard_error
from inference.training.samples import is_held_out
from inference.training.sudirman import boxed_slices
from inference.training.synthetic import FIRST_UNSEEN_SEED

CARD = Path(__file__).parent / "CARD.md"
ROC = Path(__file__).parent / "figures" / "roc.png"
STATISTICS = ("minimum", "mean", "maximum")
PAPER_AUC = {1: ".840", 2: ".906", 3: ".885"}


def write_card(root: Path, *, weights: Path, phantoms: int, scratch: Path) -> None:
    """Measures the weights that are there and puts the tables into CARD.md, between its two marks."""
    known = [find_weights(weights, name) for name in METHOD_CARD.weights]
    networks = opened(known)
    pairs = unseen_phantoms(phantoms, scratch)
    rows = phantom_rows(networks, pairs)
    tables = [
        (
            "Detection",
            as_table([*_sudirman(networks, root), *_spider(networks, root), *_phantom_detection(networks, pairs)]),
        ),
        ("T1rho and phases of unseen phantoms", as_table(list(_phantom_lines(rows)))),
        ("Confusion on unseen phantoms", _confusion_table(rows)),
        ("Five folds", _folds(scratch)),
        ("Real T1 without truth: plausibility", plausibility(networks, root)),
    ]
    draw_roc(joined(rows.phases), ROC)
    names = "\n".join(f"* {one.name}, sha256 {one.sha256}" for one in known)
    said = "\n\n".join([names, *(f"### {title}\n\n{table}" for title, table in tables)])
    put_between_marks(CARD, said + "\n")


def opened(known: Sequence[Weights]) -> Networks:
    by_name = {one.name: open_network(one, Inference(device="cpu", threads=1)) for one in known}
    return Networks(detector=by_name[DETECTOR], regression=by_name[REGRESSION], phases=by_name[PHASES])


def unseen_phantoms(count: int, scratch: Path) -> list[PhantomPair]:
    seeds = range(FIRST_UNSEEN_SEED, FIRST_UNSEEN_SEED + count)
    render_all(seeds, scratch / "phantom")
    return [load(scratch / "phantom" / f"{seed}.npz") for seed in seeds]


# Detection


def _sudirman(networks: Networks, root: Path) -> Iterator[Line]:
    rows: ByPatient = {}
    for each in boxed_slices(root, ("t1",)):
        truth = sudirman_truth(each)
        if is_held_out(each.patient) and truth is not None:
            levels = name_levels(detect(networks.detector, truth.image, truth.spacing), truth.spacing)
            rows.setdefault(each.patient, []).extend(detection_rows(levels, truth.boxes))
    yield from _average_precisions("Sudirman T1", rows, asked=">= .97, aim .996")


def _spider(networks: Networks, root: Path) -> Iterator[Line]:
    (weights,) = weights_of(CARDS["disc_quantification"])
    rows = spider_rows(networks.detector, open_network(weights, Inference(device="cpu", threads=1)), root)
    yield from _average_precisions("SPIDER T1, boxes of the T2 network", rows.detection, asked="")
    what = "SPIDER T1, middle in the T2 network's disc of the same level"
    yield Line(what=what, asked=">= .97", figure=over_patients(rows.same_levels, mean))


def _phantom_detection(networks: Networks, pairs: Sequence[PhantomPair]) -> Iterator[Line]:
    rows: ByPatient = {}
    for pair in pairs:
        sample = from_phantom(pair)
        levels = name_levels(detect(networks.detector, sample.image, sample.spacing), sample.spacing)
        rows[pair.seed] = detection_rows(levels, grown_boxes(pair))
    yield from _average_precisions("unseen phantoms", rows, asked="")


def grown_boxes(pair: PhantomPair) -> dict[Disc, NDArray[np.float64]]:
    """With the rim that readers leave; discs out of view are left out."""
    seen = [disc for disc, box in zip(Disc, pair.boxes, strict=True) if np.isfinite(box).all()]
    boxes = from_phantom(pair).boxes
    return dict(zip(reversed(seen), boxes, strict=False))


def _average_precisions(images: str, rows: ByPatient, *, asked: str) -> Iterator[Line]:
    yield Line(what=f"{images}, mAP@.5 over the levels", asked=asked, figure=over_patients(rows, map50))
    for number, disc in enumerate(Disc):
        chosen = {patient: [row for row in each if row[-1] == number] for patient, each in rows.items()}
        yield Line(what=f"{images}, AP@.5 of {disc.value}", asked=asked, figure=over_patients(chosen, map50))
    yield Line(what=f"{images}, mAP@.5:.95", asked="", figure=over_patients(rows, mean_average_precision))


# Times and phases


@dataclass(frozen=True, kw_only=True)
class PhantomRows:
    """By phantom: rows of phases, and for minimum, mean and maximum rows of true and predicted milliseconds."""

    phases: ByPatient
    times: tuple[ByPatient, ByPatient, ByPatient]


def phantom_rows(networks: Networks, pairs: Sequence[PhantomPair]) -> PhantomRows:
    """The whole way that a patient's slice takes: detected, levelled, cut, regressed, classed."""
    phases: ByPatient = {}
    times: tuple[ByPatient, ByPatient, ByPatient] = ({}, {}, {})
    for pair in pairs:
        for each in _found_nuclei(networks, pair):
            values = in_ms(networks.regression(cut_image(each.image, each.box, each.spacing)[None])[0])
            odds = phase_odds(networks.phases, values)
            true = phases_of([each])[0]
            phases.setdefault(pair.seed, []).append([float(true), float(odds.phase), *odds.probabilities])
            for rows, truth, value in zip(times, each.t1rho[[0, 2, 1]], values, strict=True):
                rows.setdefault(pair.seed, []).append([float(truth), value])
    return PhantomRows(phases=phases, times=times)


def _found_nuclei(networks: Networks, pair: PhantomPair) -> Iterator[Nucleus]:
    """The discs of a phantom that the detector finds, in the boxes that it finds."""
    nuclei = list(from_phantoms([pair]))
    image, spacing = nuclei[0].image, nuclei[0].spacing
    levels = name_levels(detect(networks.detector, image, spacing), spacing)
    for each in nuclei:
        found = levels.discs.get(each.disc) if levels else None
        if found is not None:
            yield replace(each, box=found.box)


def _phantom_lines(rows: PhantomRows) -> Iterator[Line]:
    phases = rows.phases
    yield Line(what="accuracy", asked="aim .840", figure=over_patients(phases, accuracy))
    yield Line(what=_with_error("mean AUC", phases, mean_auc), asked="aim .871", figure=over_patients(phases, mean_auc))
    for phase in PHASE_NUMBERS:
        what = _with_error(f"AUC of phase {phase}", phases, auc_of(phase))
        asked = f"{PAPER_AUC[phase]} (paper)"
        yield Line(what=what, asked=asked, figure=over_patients(phases, auc_of(phase)))
    for phase in PHASE_NUMBERS:
        for word, statistic in (("precision", precision_of), ("recall", recall_of), ("F1", f1_of)):
            yield Line(what=f"{word} of phase {phase}", asked="", figure=over_patients(phases, statistic(phase)))
    for name, times in zip(STATISTICS, rows.times, strict=True):
        yield Line(what=f"{name} T1rho, Pearson r", asked="", figure=over_patients(times, pearson))
        yield Line(what=f"{name} T1rho, bias in ms", asked="", figure=over_patients(times, bias))
        figure = over_patients(times, mean_absolute_error)
        yield Line(what=f"{name} T1rho, mean absolute error in ms", asked="", figure=figure)


def _with_error(what: str, rows: ByPatient, statistic: Statistic) -> str:
    return f"{what} (SE {standard_error(rows, statistic):.3f})"


def _confusion_table(rows: PhantomRows) -> str:
    counts = confusion(joined(rows.phases))
    head = "| true \\ predicted | 1 | 2 | 3 |\n|---|---|---|---|"
    body = [f"| {phase} | {' | '.join(map(str, row))} |" for phase, row in enumerate(counts, start=1)]
    return "\n".join([head, *body])


def _folds(scratch: Path) -> str:
    """Of the SVM on the phantoms that the regression network has not seen; by person."""
    nuclei = phantoms_for_svm(scratch)
    network = regression_training.trained(scratch / "regression.pt")
    found = []
    for split in five_folds(nuclei, seed=1):
        features = regression_training.predict(network, split.training)
        machine = phase_training.fitted(features, phases_of(split.training), people_of(split.training))
        odds = phase_training.odds(machine, regression_training.predict(network, split.test))
        found.append(mean_auc(phase_rows(phases_of(split.test), odds)))
    told = ", ".join(f"{each:.3f}" for each in found)
    return f"Mean AUC of the SVM stage by person, {len(nuclei)} discs: {np.mean(found):.3f} (folds {told}); paper .843."
