"""The fit of all voxels at once against scipy voxel by voxel, and voxels that no curve goes through."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from scipy.optimize import OptimizeWarning, curve_fit

from inference.errors import InputUnsuitable
from inference.relaxometry.fit import FitSettings, Fitted, Outcome, background_noise, fit

SPIN_LOCKS = (0.0, 10.0, 40.0, 80.0)
EIGHT = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 160.0)
EVERYTHING = FitSettings(longest_ms=4000, lowest_signal=0)


def decay(time: NDArray[np.float64], amplitude: float, constant: float) -> NDArray[np.float64]:
    return amplitude * np.exp(-time / constant)


def noisy(times: tuple[float, ...], constant: NDArray[np.float64], *, snr: float, seed: int = 1) -> NDArray[np.float32]:
    """Magnitudes (time, voxel) of amplitude 1000 with the same noise in both channels."""
    rng = np.random.default_rng(seed)
    clean = 1000 * np.exp(-np.array(times)[:, None] / constant)
    channels = rng.normal(0, 1000 / snr, (2, *clean.shape))
    return np.hypot(clean + channels[0], channels[1]).astype(np.float32)


def by_scipy(signals: NDArray[np.float32], times: tuple[float, ...]) -> NDArray[np.float64]:
    """(voxel, 2): amplitude and time; NaN where scipy gives up."""
    found = np.full((signals.shape[1], 2), np.nan)
    for voxel, signal in enumerate(signals.T.astype(np.float64)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", OptimizeWarning)
                found[voxel] = curve_fit(decay, np.array(times), signal, p0=(signal[0], 60.0))[0]
        except RuntimeError:
            continue
    return found


def assert_as_scipy(fitted: Fitted, expected: NDArray[np.float64]) -> None:
    both = ~fitted.failed & np.isfinite(expected[:, 1])
    assert both.mean() > 0.9
    assert np.abs(fitted.times / expected[:, 1] - 1)[both].max() < 1e-3
    assert np.abs(fitted.amplitudes / expected[:, 0] - 1)[both].max() < 1e-3


def test_noisy_voxels_have_the_values_that_scipy_finds_one_by_one() -> None:
    signals = noisy(SPIN_LOCKS, np.random.default_rng(2).uniform(20, 200, 400), snr=40)
    assert_as_scipy(fit(signals, SPIN_LOCKS, EVERYTHING), by_scipy(signals, SPIN_LOCKS))


def test_torch_finds_what_numpy_finds() -> None:
    pytest.importorskip("torch")
    signals = noisy(SPIN_LOCKS, np.random.default_rng(3).uniform(20, 200, 300), snr=40)
    one = fit(signals, SPIN_LOCKS, EVERYTHING)
    other = fit(signals, SPIN_LOCKS, FitSettings(longest_ms=4000, lowest_signal=0, backend="torch"))
    assert np.allclose(one.times, other.times, rtol=1e-4)


@pytest.mark.shared_data
def test_a_real_multi_echo_series_has_the_values_that_scipy_finds(shared_data: Path) -> None:
    objects = [dcmread(path) for path in sorted((shared_data / "knee_t2map_dicom").glob("*.dcm"))]
    places = sorted({float(one.SliceLocation) for one in objects})
    middle = sorted((one for one in objects if float(one.SliceLocation) == places[1]), key=lambda one: one.EchoTime)
    times = tuple(float(one.EchoTime) for one in middle)
    echoes = np.stack([one.pixel_array.astype(np.float32) for one in middle])
    bright = np.argwhere(echoes[0] > np.percentile(echoes[0], 60))
    chosen = bright[np.random.default_rng(4).choice(len(bright), 300, replace=False)]
    signals = echoes[:, chosen[:, 0], chosen[:, 1]]
    fitted = fit(signals, times, EVERYTHING)
    assert_as_scipy(fitted, by_scipy(signals, times))
    assert 20 < np.nanmedian(fitted.times) < 200  # cartilage and muscle 30 to 50, fat and marrow 150


@pytest.mark.parametrize("constant", [20.0, 45.0, 80.0, 120.0, 180.0, 250.0])
def test_noise_of_a_fiftieth_biases_no_time_by_a_millisecond(constant: float) -> None:
    fitted = fit(noisy(EIGHT, np.full(20_000, constant), snr=50), EIGHT, EVERYTHING)
    assert not fitted.failed.any()
    assert abs(float(fitted.times.mean()) - constant) < 1


def test_a_model_that_knows_the_noise_is_biased_less() -> None:
    signals = noisy(EIGHT, np.full(20_000, 25.0), snr=25)
    plain = fit(signals, EIGHT, EVERYTHING)
    aware = fit(signals, EIGHT, FitSettings(longest_ms=4000, lowest_signal=0, noise=40.0))
    assert float(plain.times.mean()) - 25 > 0.8
    assert abs(float(aware.times.mean()) - 25) < 0.2


def test_three_parameters_find_the_constant_below_the_decay() -> None:
    signals = 1000 * np.exp(-np.array(EIGHT)[:, None] / np.linspace(20, 80, 50)) + 150
    fitted = fit(signals, EIGHT, FitSettings(offset=True, lowest_signal=0))
    assert np.allclose(fitted.times, np.linspace(20, 80, 50), rtol=2e-3)
    assert np.allclose(fitted.offsets, 150, atol=2)


def test_an_excluded_echo_has_no_say() -> None:
    signals = 1000 * np.exp(-np.array(SPIN_LOCKS)[:, None] / np.full(5, 70.0))
    signals[0] = 3000
    assert np.allclose(fit(signals, SPIN_LOCKS, FitSettings(excluded=(0,))).times, 70, rtol=1e-4)


def test_residual_and_r_squared_tell_a_curve_from_what_is_none() -> None:
    good = 1000 * np.exp(-np.array(SPIN_LOCKS) / 70.0)
    bad = np.array([1000.0, 300.0, 900.0, 200.0])
    fitted = fit(np.stack([good, bad], axis=1), SPIN_LOCKS, EVERYTHING)
    assert fitted.residuals[0] < 0.5
    assert fitted.r_squared[0] > 0.9999
    assert fitted.residuals[1] > 100
    assert fitted.r_squared[1] < 0.9


def test_what_no_curve_goes_through_is_marked_and_leaks_into_no_neighbour() -> None:
    good = 1000 * np.exp(-np.array(SPIN_LOCKS) / 70.0)
    voxels = {
        Outcome.NOT_FINITE: [np.nan, 900, 800, 700],
        Outcome.NO_SIGNAL: [0, 0, 0, 0],
        Outcome.SATURATED: [4095, 4095, 3000, 2000],
        Outcome.NO_DECAY: [500, 600, 700, 800],
        Outcome.TOO_LONG: [1000, 990, 960, 920],
    }
    more = [[np.inf, 1, 1, 1], [-5, -4, -3, -2], [0, 900, 500, 200], [700, 700, 700, 700]]
    signals = np.array([good, *voxels.values(), *more, good], np.float32).T
    fitted = fit(signals, SPIN_LOCKS, FitSettings(saturated=4095, lowest_signal=0))
    assert fitted.outcomes[1:6].tolist() == [outcome.value for outcome in voxels]
    assert fitted.failed[6:10].all()
    assert np.isnan(fitted.times[1:10]).all()
    assert np.allclose(fitted.times[[0, 10]], 70, rtol=1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, -3.0, 1e30])
def test_images_of_one_odd_value_have_no_time_anywhere(value: float) -> None:
    fitted = fit(np.full((4, 3, 5), value, np.float32), SPIN_LOCKS)
    assert fitted.failed.all()
    assert fitted.times.shape == (3, 5)


@pytest.mark.parametrize("times", [(10.0,), (0.0, 0.0), (20.0, 10.0), (-1.0, 10.0), (0.0, np.nan)])
def test_times_that_determine_nothing_are_refused(times: tuple[float, ...]) -> None:
    with pytest.raises(InputUnsuitable):
        fit(np.ones((len(times), 4), np.float32), times)


def test_the_noise_is_read_from_the_darkest_part_of_the_image() -> None:
    rng = np.random.default_rng(6)
    image = np.hypot(*rng.normal(0, 12, (2, 3, 200, 200))).astype(np.float32)
    image[:, 80:, :] += 500
    assert background_noise(image) == pytest.approx(12, rel=0.05)
