"""What the axial network learns from: wide cuts, the grades that are possible, known lengths. Talks to: disk.

Heads are herniation, canal, left root, right root. Images are (row, column) on the network's pixels, radiological.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.axial_grading.preprocess import PIXEL_MM, Point
from inference.axial_grading.sudirman import PIXEL_MM as REAL_MM
from inference.axial_grading.sudirman import examples

WIDE = 240  # pixels: the cut of the network, and room to turn and shift it
FACTS = 9
SHARD = 100  # samples in a file
ALL_GRADES = 0b1111


@dataclass(frozen=True, kw_only=True, eq=False)
class Graded:
    """image: uint8 (WIDE, WIDE). bits: uint8 (4,), bit g set where grade g is possible. patient: -1 for phantoms.

    facts: float32 (FACTS,), lengths and shares that explain the grades; NaN where unknown.
    """

    patient: int
    image: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    facts: NDArray[np.float32]


def wide_cut(image: NDArray[np.float32], spacing: Point, centre: Point) -> NDArray[np.uint8]:
    """WIDE x WIDE of the network's pixels round centre, 0 to 255 up to the 99.7th percentile."""
    steps, middle = (PIXEL_MM / spacing[0], PIXEL_MM / spacing[1]), (WIDE - 1) / 2
    to_slice = np.array([[steps[1], 0, centre[1] - middle * steps[1]], [0, steps[0], centre[0] - middle * steps[0]]])
    cut = cv2.warpAffine(
        image,
        to_slice,
        (WIDE, WIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    top = max(float(np.percentile(cut, 99.7)), 1e-6)
    return np.asarray(np.clip(np.round(cut * (255.0 / top)), 0, 255), np.uint8)


def bits_of(ranges: Sequence[tuple[int, int] | None]) -> NDArray[np.uint8]:
    """From (lowest, highest) per head; None is unknown."""
    known = [ALL_GRADES if each is None else sum(1 << g for g in range(each[0], each[1] + 1)) for each in ranges]
    return np.array(known, np.uint8)


def save_shards(samples: Iterable[Graded], folder: Path, *, source: str, first: int = 0) -> int:
    """Writes files of SHARD samples, numbered from first; answers how many samples."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for number, shard in enumerate(_batched(samples, SHARD), start=first):
        draft = folder / f".{source}_{number:04d}.npz"
        np.savez_compressed(
            draft,
            patient=np.array([each.patient for each in shard]),
            image=np.stack([each.image for each in shard]),
            bits=np.stack([each.bits for each in shard]),
            facts=np.stack([each.facts for each in shard]),
        )
        draft.rename(folder / f"{source}_{number:04d}.npz")
        count += len(shard)
    return count


def _batched(samples: Iterable[Graded], size: int) -> Iterator[list[Graded]]:
    rest = iter(samples)
    while shard := list(islice(rest, size)):
        yield shard


def real_samples(root: Path) -> Iterator[Graded]:
    """Real axial T1 of training patients below root, with the grades that their reports allow."""
    for each in examples(root):
        if each.source.held_out:
            continue
        said = each.labels
        heads = (said.herniation, said.canal, said.left, said.right)
        ranges = [None if head is None else (head.lowest, head.highest) for head in heads]
        yield Graded(
            patient=each.source.patient,
            image=wide_cut(each.source.image.astype(np.float32), (REAL_MM, REAL_MM), each.centre),
            bits=bits_of(ranges),
            facts=np.full(FACTS, np.nan, np.float32),
        )


def load_shards(folder: Path, source: str) -> Iterator[Graded]:
    for path in sorted(folder.glob(f"{source}_*.npz")):
        with np.load(path) as stored:
            rows = zip(stored["patient"], stored["image"], stored["bits"], stored["facts"], strict=True)
            for patient, image, bits, facts in rows:
                yield Graded(patient=int(patient), image=image, bits=bits, facts=facts)
