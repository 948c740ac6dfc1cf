"""The whole method with the shipped weights: on a phantom whose truth is known, and on the real study."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from config.settings import Inference
from dicom_io.headers import read_header, series_traits
from dicom_io.read_volume import read_volume
from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import Disc, Structure
from inference.contract import Case, Method
from inference.disc_quantification.method import CARD, UNITS, refuse
from inference.errors import InputUnsuitable
from inference.phantom.series import PhantomSeries, sagittal_series
from inference.phantom.spine import sample_spine
from inference.registry import open_method
from inference.results import Grade, LabelMap, Measurement, Result
from tests.builders import classic

RAW = Role.SAGITTAL_T2
REAL_ROWS = np.array([138, 196, 263, 322, 379])  # of the discs' middles, read off the picture


@pytest.fixture(scope="module")
def method() -> Method:
    return open_method(CARD.name, Inference(device="cpu"))


@pytest.fixture(scope="module")
def phantom() -> PhantomSeries:
    return sagittal_series(sample_spine(np.random.default_rng(1_000_003)), slices=7, matrix=384, seed=3)


@pytest.fixture(scope="module")
def results(method: Method, phantom: PhantomSeries) -> Sequence[Result]:
    return method.run(Case(volumes={RAW: phantom.volume}))


def label_map(results: Sequence[Result]) -> LabelMap:
    (found,) = [each for each in results if isinstance(each, LabelMap)]
    return found


def test_the_slice_taken_is_in_the_middle_of_the_phantom(results: Sequence[Result], phantom: PhantomSeries) -> None:
    assert abs(label_map(results).key_slice - phantom.mid_slice) <= 1


def test_every_disc_overlaps_the_true_disc_of_the_same_name(results: Sequence[Result], phantom: PhantomSeries) -> None:
    found = label_map(results)
    truth = phantom.levels[found.key_slice]
    for disc in Disc:
        channel = Structure(disc.value).channel
        ours = found.labels[found.key_slice] == channel
        assert 2 * np.count_nonzero(ours & (truth == channel)) > 0.8 * (ours.sum() + (truth == channel).sum())


def test_all_five_discs_have_four_measurements_and_a_grade(results: Sequence[Result]) -> None:
    measured = {(each.disc, each.quantity) for each in results if isinstance(each, Measurement)}
    assert measured == {(disc, quantity) for disc in Disc for quantity in UNITS}
    assert {each.disc for each in results if isinstance(each, Grade)} == set(Disc)


def test_only_the_key_slice_is_labelled(results: Sequence[Result]) -> None:
    found = label_map(results)
    assert np.flatnonzero(found.labels.any(axis=(1, 2))).tolist() == [found.key_slice]


def test_one_input_gives_one_result(method: Method, phantom: PhantomSeries, results: Sequence[Result]) -> None:
    again = method.run(Case(volumes={RAW: phantom.volume}))
    assert [each for each in again if isinstance(each, Measurement)] == [
        each for each in results if isinstance(each, Measurement)
    ]


def test_a_volume_stored_the_other_way_round_gives_the_same_numbers(
    method: Method, phantom: PhantomSeries, results: Sequence[Result]
) -> None:
    turned = phantom.volume.to_patient.copy()
    turned[:3, 3] += turned[:3, 2] * (phantom.volume.voxels.shape[2] - 1)
    turned[:3, 2] *= -1
    volume = Volume(
        voxels=np.ascontiguousarray(phantom.volume.voxels[:, :, ::-1]),
        to_patient=turned,
        frame_of_reference=phantom.volume.frame_of_reference,
    )
    again = method.run(Case(volumes={RAW: volume}))
    values = [each.value for each in again if isinstance(each, Measurement)]
    assert values == [each.value for each in results if isinstance(each, Measurement)]
    assert np.array_equal(label_map(again).labels[:, :, ::-1], label_map(results).labels)


def test_noise_is_no_spine(method: Method, phantom: PhantomSeries) -> None:
    noise = np.random.default_rng(1).rayleigh(20, phantom.volume.voxels.shape).astype(np.float32)
    volume = Volume(voxels=noise, to_patient=phantom.volume.to_patient, frame_of_reference="1.2.3")
    with pytest.raises(InputUnsuitable):
        method.run(Case(volumes={RAW: volume}))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"inversion_time": 160.0}, "inversion"),
        ({"pixel_spacing": (2.0, 2.0)}, "coarser"),
        ({"slice_thickness": 12.0}, "thicker"),
    ],
)
def test_the_card_refuses_by_header_what_the_network_cannot_use(change: dict[str, object], word: str) -> None:
    traits = series_traits([read_header(each) for each in classic()])
    assert refuse(traits) is None
    assert word in str(refuse(replace(traits, **change)))  # type: ignore[arg-type]  # three fields of three types


@pytest.mark.shared_data
def test_the_real_study_has_five_discs_without_doubt_of_their_level(method: Method, shared_data: Path) -> None:
    (folder,) = (shared_data / "rsna_study" / "restored").rglob("1792451510")
    volume = read_volume(sorted(folder.iterdir())).volume
    found = method.run(Case(volumes={RAW: volume}))
    assert label_map(found).level_doubt is None
    assert {each.disc for each in found if isinstance(each, Grade)} == set(Disc)
    middles = [np.argwhere(label_map(found).labels == Structure(disc.value).channel).mean(axis=0)[1] for disc in Disc]
    assert np.abs(np.array(middles) - REAL_ROWS).max() < 8
