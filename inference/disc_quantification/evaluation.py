"""What the shipped network reaches on patients and phantoms it never saw, as the table in CARD.md. Talks to: disk.

Held out: patients whose number leaves 3 when divided by 7 (inference.training.samples); phantom seeds from 1,000,000.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from config.settings import Inference
from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Disc, Structure
from inference.disc_quantification.method import WEIGHTS_NAME
from inference.disc_quantification.postprocess import (
    DiscShape,
    measure_shapes,
    measure_signals,
)
from inference.phantom.labels import Tissue
from inference.phantom.random_slice import TrainingSlice, training_slice
from inference.runtime import Network, find_weights, open_network
from inference.sagittal.segment import MEASURING_MM, Segmentation, brought_to, on_grid, segment, tissues_of, views_of
from inference.training.card import Line, as_table, put_between_marks
from inference.training.metrics import dice, intraclass, mean, over_patients, spearman
from inference.training.samples import is_held_out
from inference.training.spider import SPACE_MM, MaskedSlice, MidSlice, masked_slices, mid_slices
from inference.training.sudirman import PIXEL_MM, BoxedSlice, boxed_slices, pfirrmann_grades
from inference.training.synthetic import FIRST_UNSEEN_SEED

CARD = Path(__file__).parent / "CARD.md"
Rows = dict[int, list[list[float]]]
Spacing = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class DiscNumbers:
    signal: float
    height: float
    height_index: float
    height_to_diameter: float


def write_card(root: Path, *, weights: Path, phantoms: int) -> None:
    """Measures the weights that are there and puts the table into CARD.md, between its two marks."""
    known = find_weights(weights, WEIGHTS_NAME)
    lines = list(evaluate(open_network(known, Inference(device="cpu")), root, phantoms=phantoms))
    said = f"Weights {known.name}, sha256 {known.sha256}.\n\n{as_table(lines)}\n"
    put_between_marks(CARD, said)


def evaluate(network: Network, root: Path, *, phantoms: int) -> Iterator[Line]:
    yield from _space(network, [each for each in masked_slices(root) if is_held_out(each.patient)])
    middle = [each for each in mid_slices(root) if is_held_out(each.patient)]
    yield from _spider(network, middle)
    boxed = [each for each in boxed_slices(root, ("t2",)) if is_held_out(each.patient)]
    yield from _sudirman(network, boxed, pfirrmann_grades(root))
    yield from _phantom(network, range(FIRST_UNSEEN_SEED, FIRST_UNSEEN_SEED + phantoms))
    yield from _versatility(network, middle)


def look(network: Network, image: NDArray[np.generic], spacing: Spacing) -> Segmentation | None:
    slice_ = image.astype(np.float32)
    return segment(views_of(network, slice_, spacing), (slice_.shape[0], slice_.shape[1]), spacing)


def numbers_of(image: NDArray[np.generic], found: Segmentation) -> dict[Disc, DiscNumbers]:
    return _numbers(image.astype(np.float32), found.levels.labels)


def _numbers(image: NDArray[np.float32], labels: NDArray[np.uint8]) -> dict[Disc, DiscNumbers]:
    signals = measure_signals(image, labels)
    numbers = {}
    for disc, shape in measure_shapes(labels).items():
        signal = signals[disc]
        if isinstance(shape, DiscShape) and signal is not None:
            numbers[disc] = DiscNumbers(
                signal=signal,
                height=shape.height,
                height_index=shape.height_index,
                height_to_diameter=shape.height_to_diameter,
            )
    return numbers


def _space(network: Network, slices: Sequence[MaskedSlice]) -> Iterator[Line]:
    spacing = (SPACE_MM, SPACE_MM)
    rows: dict[str, Rows] = {name: {} for name in ("body", "disc", "lumbar body", "lumbar disc")}
    for each in slices:
        shape = (each.image.shape[0], each.image.shape[1])
        views = views_of(network, each.image.astype(np.float32), spacing)
        tissues = tissues_of(brought_to(shape, views))
        _add(rows["body"], each.patient, dice(tissues == Tissue.VERTEBRA, each.body))
        _add(rows["disc"], each.patient, dice(tissues == Tissue.DISC, each.disc))
        found = segment(views, shape, spacing)
        native = found.native if found else np.zeros(each.image.shape, np.uint8)
        _add(rows["lumbar body"], each.patient, dice(_any(native, LUMBAR_VERTEBRAE), _lowest(each.body)))
        _add(rows["lumbar disc"], each.patient, dice(_any(native, DISC_STRUCTURES), _lowest(each.disc)))
    asked = {"body": ">= .93", "disc": ">= .90"}
    for name, values in rows.items():
        yield Line(
            what=f"SPIDER SPACE, Dice of {name}",
            asked=asked[name.removeprefix("lumbar ")],
            figure=over_patients(values, mean),
        )


def _any(native: NDArray[np.uint8], structures: Sequence[Structure]) -> NDArray[np.bool_]:
    return np.isin(native, [each.channel for each in structures])


def _lowest(mask: NDArray[np.bool_], count: int = 5) -> NDArray[np.bool_]:
    """The lowest five pieces of a mask over 25 square millimetres: L1 to L5, or L1/2 to L5/S1."""
    total, pieces, stats, middle = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = [i for i in range(1, total) if stats[i, cv2.CC_STAT_AREA] * SPACE_MM**2 > 25]
    return np.isin(pieces, sorted(large, key=lambda i: -float(middle[i][1]))[:count])


def _spider(network: Network, slices: Sequence[MidSlice]) -> Iterator[Line]:
    exact: Rows = {}
    five: Rows = {}
    grades: Rows = {}
    for each in slices:
        found = look(network, each.image, each.spacing)
        seen = len(found.levels.chain.discs) if found else 0
        _add(five, each.patient, float(seen >= 5))
        if each.disc_count is not None:
            _add(exact, each.patient, float(seen == each.disc_count))
        _add_graded(grades, each, found, each.grades)
    yield Line(what="SPIDER T2, five lumbar discs found", asked=">= .97", figure=over_patients(five, mean))
    yield Line(what="SPIDER T2, all discs counted as published", asked="", figure=over_patients(exact, mean))
    yield Line(what="SPIDER T2, Spearman of dSI and Pfirrmann", asked="<= -.75", figure=over_patients(grades, spearman))


def _add_graded(rows: Rows, each: MidSlice | BoxedSlice, found: Segmentation | None, grades: Mapping[int, int]) -> None:
    """dSI beside the published grade, for each disc that has both; grades by rank from the lowest disc."""
    for disc, numbers in (numbers_of(each.image, found) if found else {}).items():
        grade = grades.get(rank_of(disc))
        if grade is not None:
            rows.setdefault(each.patient, []).append([numbers.signal, float(grade)])


def rank_of(disc: Disc) -> int:
    """1 for L5/S1, 5 for L1/2, as the published gradings count."""
    return 5 - list(Disc).index(disc)


def _sudirman(
    network: Network, slices: Sequence[BoxedSlice], grades: Mapping[int, Mapping[int, int]]
) -> Iterator[Line]:
    levels: Rows = {}
    lowest: Rows = {}
    number: Rows = {}
    signals: Rows = {}
    for each in slices:
        found = look(network, each.image, (PIXEL_MM, PIXEL_MM))
        _add_graded(signals, each, found, grades.get(each.patient, {}))
        if len(each.boxes) < 5:
            continue
        right = _in_boxes(found, each)
        _add(levels, each.patient, float(all(right)))
        _add(lowest, each.patient, float(right[0]))
        seen = len(found.levels.chain.discs) if found else 0
        _add(number, each.patient, float(seen == len(each.boxes)))
    yield Line(what="Sudirman T2, L5/S1 in its box", asked=">= .97", figure=over_patients(lowest, mean))
    yield Line(what="Sudirman T2, all five discs in their boxes", asked=">= .97", figure=over_patients(levels, mean))
    yield Line(what="Sudirman T2, all discs counted as boxed", asked="", figure=over_patients(number, mean))
    yield Line(what="Sudirman T2, Spearman of dSI and Pfirrmann", asked="", figure=over_patients(signals, spearman))


def _in_boxes(found: Segmentation | None, each: BoxedSlice) -> list[bool]:
    """For L5/S1 upwards: whether the middle of the disc lies in the box of that rank."""
    right = []
    for rank, name in enumerate(reversed(DISC_STRUCTURES)):
        points = np.argwhere(found.native == name.channel) if found else np.zeros((0, 2))
        x0, y0, x1, y1 = each.boxes[rank]
        row, column = points.mean(axis=0) if len(points) else (-1.0, -1.0)
        right.append(bool(y0 <= row <= y1 and x0 <= column <= x1))
    return right


def _phantom(network: Network, seeds: range) -> Iterator[Line]:
    names = ("DHI, relative error", "HDR, relative error", "dSI, absolute error")
    rows: dict[str, Rows] = {name: {} for name in names}
    found_share: Rows = {}
    for seed in seeds:
        each = training_slice(np.random.default_rng(seed))
        truth = _truth(each)
        found = look(network, np.clip(each.image, 0, None), (each.pixel_mm, each.pixel_mm))
        ours = numbers_of(np.clip(each.image, 0, None), found) if found else {}
        for disc, true in truth.items():
            _add(found_share, seed, float(disc in ours))
            if disc in ours:
                _compare(rows, seed, ours[disc], true)
    asked = dict(zip(names, ("<= .05", "<= .05", "<= 5"), strict=True))
    yield Line(what="phantom, discs measured", asked="", figure=over_patients(found_share, mean))
    for name in names:
        yield Line(what=f"phantom, median {name}", asked=asked[name], figure=over_patients(rows[name], _median))


def _truth(each: TrainingSlice) -> dict[Disc, DiscNumbers]:
    fine = tuple(round(side * each.pixel_mm / MEASURING_MM) for side in each.levels.shape)
    return _numbers(np.clip(each.image, 0, None), on_grid(_with_csf(each), (fine[0], fine[1])))


def _with_csf(each: TrainingSlice) -> NDArray[np.uint8]:
    levels = each.levels.copy()
    levels[(each.labels == Tissue.CSF) & (levels == 0)] = Structure.CSF.channel
    return levels


def _compare(rows: Mapping[str, Rows], seed: int, ours: DiscNumbers, true: DiscNumbers) -> None:
    _add(rows["DHI, relative error"], seed, abs(ours.height_index / true.height_index - 1))
    _add(rows["HDR, relative error"], seed, abs(ours.height_to_diameter / true.height_to_diameter - 1))
    _add(rows["dSI, absolute error"], seed, abs(ours.signal - true.signal))


def _median(rows: NDArray[np.float64]) -> float:
    return float(np.median(rows[:, 0]))


def _versatility(network: Network, slices: Sequence[MidSlice]) -> Iterator[Line]:
    rows: dict[str, Rows] = {name: {} for name in ("dSI", "DHI", "HDR")}
    for each in slices:
        pair = [_at_size(network, each, rows=size) for size in (320, 512)]
        for disc in set(pair[0]) & set(pair[1]):
            small, large = pair[0][disc], pair[1][disc]
            rows["dSI"].setdefault(each.patient, []).append([small.signal, large.signal])
            rows["DHI"].setdefault(each.patient, []).append([small.height_index, large.height_index])
            rows["HDR"].setdefault(each.patient, []).append([small.height_to_diameter, large.height_to_diameter])
    for name, asked in (("dSI", ".874 (paper)"), ("DHI", ".958 (paper)"), ("HDR", ".956 (paper)")):
        yield Line(
            what=f"SPIDER T2 at 320 and 512 rows, ICC of {name}",
            asked=asked,
            figure=over_patients(rows[name], intraclass),
        )


def _at_size(network: Network, each: MidSlice, *, rows: int) -> dict[Disc, DiscNumbers]:
    scale = rows / each.image.shape[0]
    columns = round(each.image.shape[1] * scale)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(each.image, (columns, rows), interpolation=method))
    found = look(network, image, (each.spacing[0] / scale, each.spacing[1] * each.image.shape[1] / columns))
    return numbers_of(image, found) if found else {}


def _add(rows: Rows, patient: int, value: float) -> None:
    rows.setdefault(patient, []).append([value])
