"""Whatever the direction, spacing and order of slices, geometry finds the affine; whatever is removed, it is missed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dicom_io.errors import InconsistentSeries
from dicom_io.geometry import single_stack
from dicom_io.headers import InstanceHeader, Plane, Vector, plane_of, read_header, series_traits
from dicom_io.regularity import regularity
from tests import builders

TEMPLATE = read_header(builders.classic()[0])
LENGTH = st.floats(0.3, 12.0)
ANGLE = st.floats(-np.pi, np.pi)
SOME = settings(max_examples=60)


@dataclass(frozen=True, kw_only=True)
class Layout:
    axes: NDArray[np.float64]  # columns: to the next slice, down a column, along a row
    spacing: tuple[float, float, float]
    first: tuple[float, float, float]
    slices: int


@st.composite
def layouts(draw: Any) -> Layout:
    turn = _rotation(draw(ANGLE), axis=0) @ _rotation(draw(ANGLE), axis=1) @ _rotation(draw(ANGLE), axis=2)
    along, down = turn[:, 0], turn[:, 1]
    return Layout(
        axes=np.column_stack([np.cross(along, down), down, along]),
        spacing=(draw(LENGTH), draw(st.floats(0.2, 2.0)), draw(st.floats(0.2, 2.0))),
        first=(draw(st.floats(-400, 400)), draw(st.floats(-400, 400)), draw(st.floats(-400, 400))),
        slices=draw(st.integers(3, 24)),
    )


def _rotation(angle: float, *, axis: int) -> NDArray[np.float64]:
    others = [index for index in range(3) if index != axis]
    turned = np.eye(3)
    turned[np.ix_(others, others)] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turned


def headers(layout: Layout, *, jitter: float = 0.0) -> list[InstanceHeader]:
    noise = np.random.default_rng(0).uniform(-jitter, jitter, (layout.slices, 3))
    return [_header(layout, index=index, noise=noise[index]) for index in range(layout.slices)]


def _header(layout: Layout, *, index: int, noise: NDArray[np.float64]) -> InstanceHeader:
    position = np.array(layout.first) + index * layout.spacing[0] * layout.axes[:, 0] + noise
    frame = replace(
        TEMPLATE.frames[0],
        position=_vector(position),
        along_row=_vector(layout.axes[:, 2]),
        along_column=_vector(layout.axes[:, 1]),
        pixel_spacing=layout.spacing[1:],
        spacing_between_slices=None,
    )
    identity = replace(TEMPLATE.identity, sop_instance_uid=builders.uid(f"image {index}"))
    return replace(TEMPLATE, identity=identity, instance_number=index + 1, frames=(frame,))


def _vector(values: NDArray[np.float64]) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))


@SOME
@given(layout=layouts(), order=st.randoms(use_true_random=False))
def test_the_affine_is_found_in_any_direction_and_order(layout: Layout, order: Any) -> None:
    shuffled = headers(layout)
    order.shuffle(shuffled)
    found = single_stack(shuffled).to_patient
    assert found[:3, :3] == pytest.approx(layout.axes * layout.spacing, abs=1e-6)
    assert found[:3, 3] == pytest.approx(layout.first, abs=1e-6)


@SOME
@given(layout=layouts())
def test_positions_rounded_to_a_hundredth_of_the_spacing_do_not_matter(layout: Layout) -> None:
    jitter = 0.01 * layout.spacing[0]
    found = single_stack(headers(layout, jitter=jitter)).to_patient
    assert found[:3, :3] == pytest.approx(layout.axes * layout.spacing, abs=2 * jitter + 1e-6)


@SOME
@given(layout=layouts(), data=st.data())
def test_a_slice_missing_inside_is_never_overlooked(layout: Layout, data: Any) -> None:
    assume(layout.slices >= 4)
    whole = headers(layout)
    absent = data.draw(st.integers(1, layout.slices - 2))
    without = [*whole[:absent], *whole[absent + 1 :]]
    assert regularity(whole).complete
    assert not regularity(without).complete


@SOME
@given(layout=layouts(), data=st.data())
def test_a_slice_sent_twice_under_another_uid_is_never_overlooked(layout: Layout, data: Any) -> None:
    whole = headers(layout)
    twin = whole[data.draw(st.integers(0, layout.slices - 1))]
    again = replace(twin, identity=replace(twin.identity, sop_instance_uid=builders.uid("twin")))
    with pytest.raises(InconsistentSeries):
        single_stack([*whole, again])


@SOME
@given(layout=layouts())
def test_every_normal_has_a_plane_and_a_tilt_within_its_sector(layout: Layout) -> None:
    traits = series_traits(headers(layout))
    assert traits.plane is plane_of(layout.axes[:, 0])
    assert traits.plane is not Plane.MIXED
    assert traits.normal_tilt_degrees is not None
    assert 0 <= traits.normal_tilt_degrees <= 55.1


@SOME
@given(layout=layouts())
def test_slices_turned_back_to_front_have_the_same_plane(layout: Layout) -> None:
    assert plane_of(layout.axes[:, 0]) is plane_of(-layout.axes[:, 0])
