"""What the shipped network and the fit reach on images they never saw, as the table in CARD.md. Talks to: disk.

Phantoms: seeds from inference.training.synthetic.FIRST_UNSEEN_SEED on, in three sequences in turn, every second one
with motion. The paper compares the means in automatic and in drawn outlines of the same map; so does "in true
outlines". "Against truth" compares with the times that the discs were painted with: noise, motion and partial volume
count, too. Real: held-out SPIDER slices, T2, because nobody has published spin-lock images with outlines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from config.settings import Inference
from inference.anatomy import DISC_STRUCTURES, Disc
from inference.contract import Case, Echoes
from inference.errors import InputUnsuitable
from inference.phantom.artefacts import Artefacts
from inference.phantom.relaxation import MULTI_ECHO, SPIN_LOCK, SPIN_LOCK_FSE, Decay
from inference.phantom.relaxation_series import RelaxationProtocol, RelaxationSeries, relaxation_series
from inference.phantom.relaxation_slice import Movement
from inference.phantom.spine import sample_spine
from inference.relaxometry.agreement import Outline, bias, limit, outline
from inference.relaxometry.evaluation_real import real_lines
from inference.relaxometry.method import RELAXATIONS, WEIGHTS_NAME, Relaxation, Relaxometry
from inference.results import LabelMap, Result, ScalarMap
from inference.runtime import Network, find_weights, open_network
from inference.training.card import Line, as_table, put_between_marks
from inference.training.metrics import ByPatient, mean, over_patients, pearson
from inference.training.synthetic import FIRST_UNSEEN_SEED

CARD: Final = Path(__file__).parent / "CARD.md"
SEQUENCES: Final = (SPIN_LOCK, MULTI_ECHO, SPIN_LOCK_FSE)


@dataclass(frozen=True, kw_only=True)
class SeenDisc:
    """One disc of one phantom. outline None: not found under its name. Means in ms: of the map in the found and in the
    true outline, and as painted."""

    phantom: int
    kind: Relaxation
    disc: Disc
    outline: Outline | None
    found_ms: float
    outlined_ms: float
    painted_ms: float


def write_card(root: Path, *, weights: Path, phantoms: int) -> None:
    """Measures the weights that are there and puts the table into CARD.md, between its two marks."""
    known = find_weights(weights, WEIGHTS_NAME)
    network = open_network(known, Inference(device="cpu", threads=1))
    lines = [*real_lines(network, root), *phantom_lines(look(network, phantoms))]
    put_between_marks(CARD, f"Weights {known.name}, sha256 {known.sha256}.\n\n{as_table(lines)}\n")


def look(network: Network, phantoms: int) -> list[SeenDisc]:
    method = Relaxometry(network=network)
    seeds = range(FIRST_UNSEEN_SEED, FIRST_UNSEEN_SEED + phantoms)
    return [seen for seed in seeds for seen in discs_of(method, phantom(seed), number=seed)]


def phantom(seed: int) -> RelaxationSeries:
    """A new person and scanner each time."""
    rng = np.random.default_rng([seed, 6])
    spine = sample_spine(rng)
    sequence = SEQUENCES[seed % len(SEQUENCES)]
    moves = tuple(
        Movement(down=rng.normal(0, 1), back=rng.normal(0, 1), degrees=rng.normal(0, 0.6)) for _ in sequence.times[1:]
    )
    protocol = RelaxationProtocol(
        sequence=sequence,
        slices=1 if sequence is SPIN_LOCK_FSE else 3,
        field_of_view=rng.uniform(200, 240),
        artefacts=Artefacts(noise=float(rng.uniform(0.004, 0.012)), evenness=rng.uniform(0.6, 1.0)),
        movements=(Movement(), *moves) if seed % 2 else (),
    )
    return relaxation_series(spine, protocol, seed=seed)


def discs_of(method: Relaxometry, series: RelaxationSeries, *, number: int) -> Iterator[SeenDisc]:
    decay = series.protocol.sequence.decay
    kind = RELAXATIONS[0] if decay is Decay.T1RHO else RELAXATIONS[1]
    echoes = Echoes(times_ms=series.times_ms, volumes=series.volumes)
    try:
        results: Sequence[Result] = method.run(Case(volumes={}, echoes={kind.role: echoes}))
    except InputUnsuitable:
        results = ()
    labels = next((one.labels for one in results if isinstance(one, LabelMap)), np.zeros_like(series.levels))
    values = next((one.values for one in results if isinstance(one, ScalarMap)), np.full(labels.shape, np.nan))
    spacing = (series.protocol.field_of_view / series.protocol.matrix,) * 2
    painted = series.true_means()
    for disc, structure in zip(Disc, DISC_STRUCTURES, strict=True):
        found, true = labels == structure.channel, series.levels == structure.channel
        if not true.any():
            continue
        yield SeenDisc(
            phantom=number,
            kind=kind,
            disc=disc,
            outline=outline(found, true, spacing=spacing) if (found & true).any() else None,
            found_ms=_mean(values[found]),
            outlined_ms=_mean(values[true]),
            painted_ms=painted[disc],
        )


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else float("nan")


def phantom_lines(seen: Sequence[SeenDisc]) -> Iterator[Line]:
    named = _rows(seen, lambda one: [float(one.outline is not None)])
    yield Line(what="phantom, discs found under their own name", asked="", figure=over_patients(named, mean))
    met = [one for one in seen if one.outline is not None]
    for disc in (None, *Disc):
        here = [one for one in met if disc in {None, one.disc}]
        yield from _outlines("all discs" if disc is None else disc.value, here)
    for kind in RELAXATIONS:
        yield from _times(kind, [one for one in met if one.kind is kind])


def _outlines(where: str, seen: Sequence[SeenDisc]) -> Iterator[Line]:
    for each in fields(Outline) if seen else ():
        name, asked = _OUTLINES[each.name]
        rows = _rows(seen, partial(_of_outline, name=each.name))
        yield Line(what=f"phantom, {where}: {name}", asked=asked, figure=over_patients(rows, mean))


def _times(kind: Relaxation, seen: Sequence[SeenDisc]) -> Iterator[Line]:
    usable = [one for one in seen if np.isfinite([one.found_ms, one.outlined_ms]).all()]
    others: tuple[tuple[str, Callable[[SeenDisc], float]], ...] = (
        ("in true outlines", lambda one: one.outlined_ms),
        ("against truth", lambda one: one.painted_ms),
    )
    for words, other in others if usable else ():
        rows = _rows(usable, partial(_beside, other=other))
        what = f"phantom, mean {kind.quantity} of a disc, {words}"
        yield Line(what=f"{what}: Pearson r", asked="> .98", figure=over_patients(rows, pearson))
        yield Line(what=f"{what}: bias, ms", asked="within 1", figure=over_patients(rows, bias))
        for upper in (False, True):
            edge = "upper" if upper else "lower"
            figure = over_patients(rows, partial(limit, upper=upper))
            yield Line(what=f"{what}: {edge} limit of agreement, ms", asked="", figure=figure)


def _of_outline(one: SeenDisc, *, name: str) -> list[float]:
    return [float(getattr(one.outline, name))]


def _beside(one: SeenDisc, *, other: Callable[[SeenDisc], float]) -> list[float]:
    return [one.found_ms, other(one)]


def _rows(seen: Sequence[SeenDisc], value: Callable[[SeenDisc], list[float]]) -> ByPatient:
    rows: ByPatient = {}
    for one in seen:
        rows.setdefault(one.phantom, []).append(value(one))
    return rows


_OUTLINES: Final[Mapping[str, tuple[str, str]]] = {
    "dice": ("Dice", ">= .90"),
    "surface_mm": ("mean surface distance, mm", "< 1 pixel (.86)"),
    "volume": ("volume difference, %", ""),
    "sensitivity": ("sensitivity", ""),
    "precision": ("precision", ""),
}
