"""A site's own pairs of T1 and measured T1rho, as training material. Talks to: disk, the detector it is given.

FOLDER/t1rho.csv              one line per disc: series,level,t1rho_min,t1rho_mean,t1rho_max (milliseconds)
FOLDER/series/<series>/*      the DICOM files of one sagittal T1 series of that patient, one series per patient

`series` is the name of the folder, `level` one of L1/L2 to L5/S1. Values are those of 1 cm2 at the centre of the
nucleus.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dicom_io.errors import DicomError
from dicom_io.read_volume import read_volume
from inference.anatomy import Disc
from inference.errors import InputUnsuitable
from inference.runtime import Network
from inference.sagittal.stack import sagittal_stack
from inference.t1rho_phase.detection import find_key_slice
from inference.t1rho_phase.nuclei import Nucleus

TABLE, SERIES = "t1rho.csv", "series"
COLUMNS = ("series", "level", "t1rho_min", "t1rho_mean", "t1rho_max")
Times = Mapping[Disc, NDArray[np.float64]]


class PairsUnusable(ValueError):
    """The folder is not in the format above."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SitePairs:
    """refused: series or discs that could not be used, each with the reason."""

    nuclei: tuple[Nucleus, ...]
    refused: tuple[str, ...]


def is_site_folder(folder: Path) -> bool:
    return (folder / TABLE).is_file()


def read_pairs(folder: Path, detector: Network) -> SitePairs:
    """Raises PairsUnusable where the table is not in the format."""
    nuclei: list[Nucleus] = []
    refused: list[str] = []
    for person, (series, times) in enumerate(sorted(read_table(folder / TABLE).items())):
        try:
            for each in _of_series(folder / SERIES / series, times, person=person, detector=detector):
                if isinstance(each, str):
                    refused.append(each)
                else:
                    nuclei.append(each)
        except (DicomError, InputUnsuitable) as why:
            refused.append(f"series {series}: {why}")
    return SitePairs(nuclei=tuple(nuclei), refused=tuple(refused))


def read_table(path: Path) -> Mapping[str, Times]:
    """Minimum, maximum, mean by series and disc. Raises PairsUnusable."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file)
        missing = set(COLUMNS) - set(table.fieldnames or ())
        if missing:
            raise PairsUnusable(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
        found: dict[str, dict[Disc, NDArray[np.float64]]] = {}
        for line, row in enumerate(table, start=2):
            disc, times = _row(row, f"{path.name}, line {line}")
            found.setdefault(row["series"], {})[disc] = times
    return found


def _row(row: Mapping[str, str], place: str) -> tuple[Disc, NDArray[np.float64]]:
    if row["level"] not in set(Disc):
        raise PairsUnusable(f"{place}: {row['level']!r} is no level from L1/L2 to L5/S1")
    try:
        least, mean, most = (float(row[column]) for column in COLUMNS[2:])
    except ValueError as cause:
        raise PairsUnusable(f"{place}: a T1rho value is no number") from cause
    if not 0 < least <= mean <= most:
        raise PairsUnusable(f"{place}: minimum, mean and maximum do not ascend")
    return Disc(row["level"]), np.array([least, most, mean])


def _of_series(folder: Path, times: Times, *, person: int, detector: Network) -> Iterator[Nucleus | str]:
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    if not files:
        yield f"series {folder.name}: no files"
        return
    stack = sagittal_stack(read_volume(files).volume)
    key = find_key_slice(detector, stack)
    if key.levels.doubt is not None:
        yield f"series {folder.name}: {key.levels.doubt}"
        return
    for disc, values in times.items():
        found = key.levels.discs.get(disc)
        if found is None:
            yield f"series {folder.name}: {disc.value} was not found"
        else:
            yield Nucleus(person=person, disc=disc, image=key.image, spacing=stack.spacing, box=found.box, t1rho=values)
