"""Slices are turned to one orientation, labels turned back to the volume's own."""

from itertools import product

import numpy as np
import pytest

from dicom_io.volume import Volume
from inference.errors import InputUnsuitable
from inference.sagittal.stack import sagittal_stack

SHAPE = (3, 12, 9)


def stored(*, rows_down: bool = True, columns_back: bool = True, swapped: bool = False) -> Volume:
    """Voxels whose value is 1000 x (millimetres to the feet) + (millimetres to the back)."""
    down = np.array([0, 0, -1.0 if rows_down else 1.0]) * 0.5
    back = np.array([0, 1.0 if columns_back else -1.0, 0]) * 0.75
    axes = [np.array([4.0, 0, 0]), *((back, down) if swapped else (down, back))]
    affine = np.eye(4)
    affine[:3, :3] = np.stack(axes, axis=1)
    index = np.indices(SHAPE).reshape(3, -1)
    place = affine[:3, :3] @ index
    voxels = (-1000 * place[2] + place[1]).reshape(SHAPE).astype(np.float32)
    return Volume(voxels=voxels, to_patient=affine, frame_of_reference="1.2.3")


@pytest.mark.parametrize(("rows_down", "columns_back", "swapped"), list(product((True, False), repeat=3)))
def test_rows_run_to_the_feet_and_columns_to_the_back_whatever_was_stored(
    rows_down: bool, columns_back: bool, swapped: bool
) -> None:
    stack = sagittal_stack(stored(rows_down=rows_down, columns_back=columns_back, swapped=swapped))
    assert (np.diff(stack.voxels[0], axis=0) == 500).all()
    assert (np.diff(stack.voxels[0], axis=1) == 0.75).all()
    assert stack.spacing == (0.5, 0.75)


@pytest.mark.parametrize(("rows_down", "columns_back", "swapped"), list(product((True, False), repeat=3)))
def test_labels_go_back_to_the_pixels_they_were_drawn_on(rows_down: bool, columns_back: bool, swapped: bool) -> None:
    volume = stored(rows_down=rows_down, columns_back=columns_back, swapped=swapped)
    stack = sagittal_stack(volume)
    middle = float(np.median(volume.voxels))
    labels = (stack.voxels[1] > middle).astype(np.uint8)
    assert np.array_equal(stack.back(labels), (volume.voxels[1] > middle).astype(np.uint8))


def test_an_axial_stack_is_refused() -> None:
    affine = np.diag([1.0, 1.0, 1.0, 1.0])[[2, 1, 0, 3]]
    with pytest.raises(InputUnsuitable, match="not sagittal"):
        sagittal_stack(Volume(voxels=np.zeros(SHAPE, np.float32), to_patient=affine, frame_of_reference="1.2.3"))
