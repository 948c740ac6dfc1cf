"""SPIDER's mid-slices get back the geometry that their publication lost."""

from pathlib import Path

import pytest

from inference.training.spider import mid_slices, restored_spacing


def test_rows_that_were_added_get_lower() -> None:
    assert restored_spacing((896, 448), 0.625) == pytest.approx((0.3125, 0.625))


def test_columns_that_were_added_get_narrower() -> None:
    assert restored_spacing((448, 896), 0.625) == pytest.approx((0.625, 0.3125))


def test_a_spacing_that_no_scanner_of_the_set_has_is_taken_to_be_that_of_the_columns() -> None:
    assert restored_spacing((200, 400), 0.7) == pytest.approx((1.4, 0.7))


@pytest.mark.shared_data
def test_every_mid_slice_has_a_square_field_of_view_of_a_lumbar_protocol(shared_data: Path) -> None:
    for each in mid_slices(shared_data, ("t1", "t2")):
        height, width = (count * side for count, side in zip(each.image.shape, each.spacing, strict=True))
        assert height == pytest.approx(width), each.name
        assert 200 <= height <= 520, each.name


@pytest.mark.shared_data
def test_a_t2_beside_a_space_series_has_the_grid_of_its_t1(shared_data: Path) -> None:
    both = {each.name: each for each in mid_slices(shared_data, ("t1", "t2")) if each.patient == 129}
    assert both["129_t2"].spacing == pytest.approx(both["129_t1"].spacing)
