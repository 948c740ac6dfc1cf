"""What the shipped network reaches on patients and phantoms it never saw, as the table in CARD.md. Talks to: disk.

Held out: patients whose number leaves 3 when divided by 7; phantom seeds from 1,000,000 on, each one patient.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.settings import Inference
from inference.axial_grading.agreement import (
    SEVERE,
    accuracy,
    auc_of_positive,
    auc_of_severe,
    gwet_ac1,
    macro_f1,
    sensitivity,
    specificity,
)
from inference.axial_grading.heads import GRADES, HEADS, look
from inference.axial_grading.method import WEIGHTS_NAME
from inference.axial_grading.phantom_samples import UNSEEN, balanced_section
from inference.axial_grading.preprocess import network_image
from inference.axial_grading.reading_of_reports import report_lines
from inference.axial_grading.report_rules import Herniation, Pressure
from inference.axial_grading.sudirman import LEVELS, PIXEL_MM, Example, Significance, axial_images, examples_of
from inference.axial_grading.weighting import LEAST_BRIGHTNESS, USUAL_PERCENTILE, sac_brightness
from inference.phantom.axial_slice import AxialAcquisition, AxialSlice, draw_axial_artefacts, image_axial, plane
from inference.phantom.axial_truth import truth_of_section
from inference.phantom.series import SEQUENCES, Contrast
from inference.phantom.tissues import palette
from inference.results import Scale
from inference.runtime import Network, find_weights, open_network
from inference.training.card import Line, as_table, put_between_marks
from inference.training.metrics import ByPatient, Statistic, mean, over_patients

CARD = Path(__file__).parent / "CARD.md"
BATCH = 16
FIELD_MM, _STREAM = 100.0, 22
PAPER_AUC = {Scale.DISC_HERNIATION: ".97", Scale.CANAL_STENOSIS: ".98", Scale.ROOT_COMPRESSION: ".95"}
NAMES = {Scale.DISC_HERNIATION: "herniation", Scale.CANAL_STENOSIS: "canal", Scale.ROOT_COMPRESSION: "roots"}
MEASURES: Mapping[str, Statistic] = {
    "accuracy": accuracy,
    "macro F1": macro_f1,
    "sensitivity of 2-3": sensitivity,
    "specificity of 2-3": specificity,
    "Gwet AC1": gwet_ac1,
    "AUC of 0-1 against 2-3": auc_of_severe,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """A real image and what the network says of it: probabilities (head, grade)."""

    example: Example
    image: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    @property
    def expected(self) -> NDArray[np.float64]:
        """The mean grade of each head."""
        return np.asarray(self.probabilities @ np.arange(GRADES), np.float64)


def write_card(root: Path, *, weights: Path, phantoms: int) -> None:
    """Measures the weights that are there and puts the table into CARD.md, between its two marks."""
    known = find_weights(weights, WEIGHTS_NAME)
    table = as_table(list(evaluate(open_network(known, Inference(device="cpu")), root, phantoms=phantoms)))
    put_between_marks(CARD, f"Weights {known.name}, sha256 {known.sha256}.\n\n{table}\n")


def evaluate(network: Network, root: Path, *, phantoms: int) -> Iterator[Line]:
    for contrast in SEQUENCES:
        yield from _phantom(network, range(UNSEEN, UNSEEN + phantoms), contrast)
    unseen = read_all(network, list(examples_of(each for each in axial_images(root) if each.held_out)))
    yield from significance_lines(unseen)
    yield from text_lines(unseen)
    yield from _contrast(unseen)
    yield from report_lines(root)


def _phantom(network: Network, seeds: Sequence[int], contrast: Contrast) -> Iterator[Line]:
    rows: dict[Scale, ByPatient] = {scale: {} for scale in NAMES}
    for seed in seeds:
        cut = _unseen(seed, contrast)
        found = graded(network, [network_image(cut.image, (cut.pixel_mm, cut.pixel_mm), cut.border)])[0]
        for head, true, probabilities in zip(HEADS, cut.truth.grades, found, strict=True):
            row = [float(true), float(probabilities.argmax()), float(probabilities[SEVERE:].sum())]
            rows[head.scale].setdefault(seed, []).append(row)
    for scale, items in rows.items():
        for name, statistic in MEASURES.items():
            asked = f"{PAPER_AUC[scale]} (paper, real T2)" if statistic is auc_of_severe and contrast == "T2" else ""
            what = f"phantom {contrast}, {NAMES[scale]}, {name}"
            yield Line(what=what, asked=asked, figure=over_patients(items, statistic))


def _unseen(seed: int, contrast: Contrast) -> AxialSlice:
    """One person in the usual sequence of one contrast; rare grades are as common as in training."""
    rng = np.random.default_rng([seed, _STREAM])
    section = balanced_section(rng)
    truth, pixel = truth_of_section(section), rng.uniform(0.45, 0.8)
    side = round(FIELD_MM / pixel)
    border = (side / 2, side / 2)
    acquisition = AxialAcquisition(
        palette=palette(float(rng.choice([1.5, 3.0]))),
        sequence=SEQUENCES[contrast],
        artefacts=draw_axial_artefacts(rng),
    )
    grid = plane(rows=side, columns=side, pixel_mm=pixel, border=border)
    image = image_axial(section, truth, grid, acquisition, seed=int(rng.integers(2**31)))
    shifted = (border[0] + section.shift[1] / pixel, border[1] + section.shift[0] / pixel)
    return AxialSlice(image=image, pixel_mm=pixel, border=shifted, section=section, truth=truth)


def graded(network: Network, images: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """(image, head, grade) probabilities."""
    batches = (np.concatenate(images[first : first + BATCH]) for first in range(0, len(images), BATCH))
    return np.concatenate([look(network, batch) for batch in batches])


def read_all(network: Network, given: Sequence[Example]) -> list[Read]:
    spacing = (PIXEL_MM, PIXEL_MM)
    images = [network_image(each.source.image.astype(np.float32), spacing, each.centre) for each in given]
    found = graded(network, images)
    return [
        Read(example=example, image=image, probabilities=probabilities)
        for example, image, probabilities in zip(given, images, found, strict=True)
    ]


def significance_lines(reads: Sequence[Read]) -> Iterator[Line]:
    """The score is the sum of the four mean grades, fixed before any was computed."""
    everywhere: ByPatient = {}
    for level in LEVELS:
        rows: ByPatient = {}
        for each in reads:
            source = each.example.source
            if source.level is level and source.significance in (Significance.NO, Significance.SERIOUS):
                row = [float(source.significance is Significance.SERIOUS), float(each.expected.sum())]
                rows.setdefault(source.patient, []).append(row)
                everywhere.setdefault(source.patient, []).append(row)
        yield _auc_line(f"real T1, {level}, serious against none, AUC", rows, asked=">= .95 (floor .75)")
    yield _auc_line("real T1, all levels, serious against none, AUC", everywhere, asked=">= .95 (floor .75)")


def text_lines(reads: Sequence[Read]) -> Iterator[Line]:
    """Against what the reports say; roots of both sides together."""
    herniation: ByPatient = {}
    protrusion: ByPatient = {}
    sac: ByPatient = {}
    roots: ByPatient = {}
    for each in reads:
        said, patient, scores = each.example.source.said, each.example.source.patient, each.expected
        if said is None:
            continue
        if said.herniation is not None:
            _add(herniation, patient, said.herniation > Herniation.NONE, scores[0])
            _add(protrusion, patient, said.herniation >= Herniation.PROTRUSION, scores[0])
        if said.sac in (Pressure.NONE, Pressure.COMPRESSED, Pressure.SEVERE):
            _add(sac, patient, said.sac is not Pressure.NONE, scores[1])
        for side, score in ((said.left, scores[2]), (said.right, scores[3])):
            if side in (Pressure.NONE, Pressure.COMPRESSED, Pressure.SEVERE):
                _add(roots, patient, side is not Pressure.NONE, score)
    yield _auc_line("real T1, bulge or more in the text, AUC of herniation", herniation)
    yield _auc_line("real T1, protrusion or more in the text, AUC of herniation", protrusion)
    yield _auc_line("real T1, sac compressed against untouched in the text, AUC of canal", sac)
    yield _auc_line("real T1, root or its exit compressed against untouched in the text, AUC of roots", roots)


def _contrast(reads: Sequence[Read]) -> Iterator[Line]:
    rows: ByPatient = {}
    for each in reads:
        rows.setdefault(each.example.source.patient, []).append([float(sac_brightness(each.image))])
    dark = {
        patient: [[float(np.percentile(values, USUAL_PERCENTILE) <= LEAST_BRIGHTNESS)]]
        for patient, values in rows.items()
    }
    yield Line(what="real T1 given as T2 is told by its dark sac", asked="", figure=over_patients(dark, mean))


def _add(rows: ByPatient, patient: int, positive: bool, score: float) -> None:
    rows.setdefault(patient, []).append([float(positive), float(score)])


def _auc_line(what: str, rows: ByPatient, *, asked: str = "") -> Line:
    return Line(what=what, asked=asked, figure=over_patients(rows, auc_of_positive))
