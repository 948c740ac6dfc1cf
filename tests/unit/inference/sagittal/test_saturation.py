"""Fat that is dark in a T2 is noticed, whatever the header says."""

from pathlib import Path

import numpy as np
import pytest

from dicom_io.read_volume import read_volume
from inference.errors import InputUnsuitable
from inference.phantom.artefacts import Artefacts
from inference.phantom.grid import sagittal_grid
from inference.phantom.signal import FastSpinEcho
from inference.phantom.slice_image import Acquisition, image_slice
from inference.phantom.spine import sample_spine
from inference.phantom.tissues import palette
from inference.sagittal.saturation import bright_share, doubt_of

SUPPRESSED = "1792451510"


def _slice(sequence: FastSpinEcho) -> np.ndarray:
    spine = sample_spine(np.random.default_rng(1_000_007))
    grid = sagittal_grid(centre=np.array([0.0, 8.0, -25.0]), rows=256, columns=256, pixel_mm=1.1)
    scan = Acquisition(palette=palette(1.5), sequence=sequence, artefacts=Artefacts(), layers=(0.0,))
    return np.clip(image_slice(spine, grid, scan, seed=1).image, 0, None)


def test_a_plain_t2_of_the_phantom_raises_no_doubt() -> None:
    assert doubt_of(_slice(FastSpinEcho(repetition_time=3500, echo_time=100))) is None


def test_the_phantom_without_its_fat_has_fewer_bright_pixels() -> None:
    plain = bright_share(_slice(FastSpinEcho(repetition_time=3500, echo_time=100)))
    stir = bright_share(_slice(FastSpinEcho(repetition_time=4500, echo_time=60, inversion_time=165)))
    assert stir < plain


def test_a_black_slice_is_unsuitable() -> None:
    with pytest.raises(InputUnsuitable, match="black"):
        doubt_of(np.zeros((64, 64), np.float32))


@pytest.mark.shared_data
def test_the_suppressed_series_of_the_real_study_is_doubted(shared_data: Path) -> None:
    files = sorted((shared_data / "rsna_study" / "restored" / SUPPRESSED).rglob("*.dcm"))
    voxels = read_volume(files).volume.voxels
    assert doubt_of(voxels[len(voxels) // 2]) is not None
