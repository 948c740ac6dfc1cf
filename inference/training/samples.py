"""What training sees: an image, its scale, what each pixel may be. Talks to: disk."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MODULUS, HELD_OUT_REMAINDER, VALIDATION_REMAINDER = 7, 3, 5
SYNTHETIC_PATIENT = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """image: uint8 (row, column). bits: uint16, bit c set where class c is possible. millimetres per (row, column)."""

    source: str
    patient: int
    name: str
    image: NDArray[np.uint8]
    bits: NDArray[np.uint16]
    spacing: tuple[float, float]


def is_held_out(patient: int) -> bool:
    """The published split: patients whose number leaves 3 when divided by 7 are never trained on."""
    return patient != SYNTHETIC_PATIENT and patient % MODULUS == HELD_OUT_REMAINDER


def is_validation(patient: int) -> bool:
    """Patients who are not held out and whom a room may keep from training, to make its choices on."""
    return patient != SYNTHETIC_PATIENT and patient % MODULUS == VALIDATION_REMAINDER


def save(sample: Sample, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{sample.name}.npz"
    np.savez_compressed(
        draft,
        source=sample.source,
        patient=sample.patient,
        image=sample.image,
        bits=sample.bits,
        spacing=np.asarray(sample.spacing),
    )
    draft.rename(folder / f"{sample.name}.npz")


def load(path: Path) -> Sample:
    with np.load(path) as stored:
        return Sample(
            source=str(stored["source"]),
            patient=int(stored["patient"]),
            name=path.stem,
            image=stored["image"],
            bits=stored["bits"],
            spacing=(float(stored["spacing"][0]), float(stored["spacing"][1])),
        )
