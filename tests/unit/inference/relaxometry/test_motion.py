"""Echoes that moved are brought back; echoes that did not are left alone; what cannot be judged is said."""

import re

import numpy as np
import pytest

from inference.phantom.artefacts import Artefacts
from inference.phantom.relaxation_series import RelaxationProtocol, RelaxationSeries, relaxation_series
from inference.phantom.relaxation_slice import Movement
from inference.phantom.spine import sample_spine
from inference.relaxometry.motion import Steadied, steadied, told

STILL = Movement()


def series(*movements: Movement) -> RelaxationSeries:
    spine = sample_spine(np.random.default_rng(4), findings=False)
    protocol = RelaxationProtocol(slices=1, matrix=160, movements=movements, artefacts=Artefacts(noise=0.01))
    return relaxation_series(spine, protocol, seed=1)


def steady(seen: RelaxationSeries) -> Steadied:
    spine = (seen.levels > 0).any(axis=0)
    return steadied(np.stack([volume.voxels for volume in seen.volumes]), pixel_mm=220 / 160, spine=spine)


def test_shifted_and_turned_echoes_come_back_to_where_the_first_is() -> None:
    moved = (STILL, Movement(down=3.0, back=-2.0), Movement(degrees=1.5), Movement(down=-4.0, degrees=-1.0))
    found = steady(series(*moved))
    assert [round(one.millimetres) for one in found.shifts] == [4, 0, 4]
    assert [one.degrees for one in found.shifts] == pytest.approx([0.0, 1.5, 1.0], abs=0.2)
    still = steady(series()).echoes
    middle = (slice(None), slice(None), slice(40, 120), slice(40, 120))
    assert np.abs(found.echoes[middle] - still[middle]).mean() < 0.05 * still[middle].mean()


def test_echoes_that_did_not_move_are_the_very_ones_that_came() -> None:
    seen = series()
    found = steady(seen)
    assert all(np.array_equal(echo, volume.voxels) for echo, volume in zip(found.echoes, seen.volumes, strict=True))
    assert told(found.shifts, seen.times_ms[1:]) is None


def test_what_was_corrected_is_told_in_millimetres() -> None:
    found = steady(series(STILL, STILL, Movement(down=5.0), STILL))
    words = told(found.shifts, (10.0, 40.0, 80.0))
    assert words is not None
    assert "at 40 ms" in words
    assert re.match(r"Motion between echoes was corrected by rigid registration: (4\.9|5\.[01]) mm and 0\.[01]", words)


def test_an_echo_without_a_picture_is_used_as_it_is_and_said_so() -> None:
    picture = np.stack([volume.voxels for volume in series().volumes])
    picture[2] = 0
    found = steadied(picture, pixel_mm=1.0)
    assert np.array_equal(found.echoes[2], picture[2])
    assert "could not be judged at 40 ms" in (told(found.shifts, (10.0, 40.0, 80.0)) or "")
