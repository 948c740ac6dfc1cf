"""Our formulae on masks that another group drew and measured with a program of its own (shared data/measures_gold)."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from inference.anatomy import Disc, Structure
from inference.disc_quantification.postprocess import DiscShape, measure_shapes
from inference.sagittal.segment import MEASURING_MM

PIXEL_MM = 0.546875
SLICES = ("IMG00004", "IMG00005", "IMG00006", "IMG00007")


def _labels(folder: Path, name: str) -> NDArray[np.uint8]:
    side = round(512 * PIXEL_MM / MEASURING_MM)
    labels = np.zeros((side, side), np.uint8)
    for prefix, structure in (("L1_VB", Structure.L1), ("L1_L2_IVD", Structure.L1_L2), ("L2_VB", Structure.L2)):
        mask = (
            SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(folder / "masks" / f"{prefix}-P0741_756_{name}.nrrd")) > 0
        )
        labels[cv2.resize(mask.astype(np.float32), (side, side)) > 0.5] = structure.channel
    return labels


def _published(folder: Path) -> dict[str, dict[str, float]]:
    with (folder / "conventional_features.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["id"].removesuffix(".nrrd")[-8:]: {key: float(value) for key, value in row.items() if key != "id"}
        for row in rows
    }


@pytest.mark.shared_data
@pytest.mark.parametrize("name", SLICES)
def test_heights_are_those_of_an_independent_program_but_for_its_other_definitions(
    shared_data: Path, name: str
) -> None:
    folder = shared_data / "measures_gold"
    theirs = _published(folder / "sample_results")[name]
    ours = measure_shapes(_labels(folder / "sample_data", name))[Disc.L1_L2]
    assert isinstance(ours, DiscShape)
    assert ours.height / PIXEL_MM == pytest.approx(theirs["ivd_height"], rel=0.10)
    assert ours.diameter / PIXEL_MM == pytest.approx(theirs["disc_diameter"], rel=0.05)
    assert ours.height_index == pytest.approx(theirs["ivd_height_index"], rel=0.20)


@pytest.mark.shared_data
def test_the_slice_with_the_longest_disc_is_the_same_one(shared_data: Path) -> None:
    folder = shared_data / "measures_gold"
    theirs = _published(folder / "sample_results")
    ours = {name: measure_shapes(_labels(folder / "sample_data", name))[Disc.L1_L2] for name in SLICES}
    diameters = {name: shape.diameter for name, shape in ours.items() if isinstance(shape, DiscShape)}
    order = sorted(SLICES, key=diameters.__getitem__)
    assert order[-2:] == sorted(SLICES, key=lambda name: theirs[name]["disc_diameter"])[-2:]
