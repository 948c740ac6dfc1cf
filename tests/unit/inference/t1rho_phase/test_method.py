"""The whole method with the shipped weights: on phantoms whose truth is known, and on the real study."""

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
from inference.errors import InputUnsuitable
from inference.phantom.series import PhantomSeries, sagittal_series
from inference.phantom.spine import sample_spine
from inference.registry import open_method
from inference.results import (
    DetectedDisc,
    Grade,
    Measurement,
    NotAnalysed,
    Quantity,
    Remark,
    Result,
    Scale,
    Statistic,
    Unit,
)
from inference.t1rho_phase.method import CARD, refuse
from tests.builders import classic

T1 = Role.SAGITTAL_T1
GRADES = {1: 1.2, 2: 2.0, 3: 3.0, 4: 4.0, 5: 4.6}


@pytest.fixture(scope="module")
def method() -> Method:
    return open_method(CARD.name, Inference(device="cpu"))


@pytest.fixture(scope="module")
def phantom() -> PhantomSeries:
    spine = sample_spine(np.random.default_rng(1_000_005), grades=GRADES, age=40, findings=False)
    return sagittal_series(spine, contrast="T1", slices=5, matrix=320, seed=3)


@pytest.fixture(scope="module")
def results(method: Method, phantom: PhantomSeries) -> Sequence[Result]:
    return method.run(Case(volumes={T1: phantom.volume}))


def boxes(results: Sequence[Result]) -> dict[Disc, DetectedDisc]:
    return {each.disc: each for each in results if isinstance(each, DetectedDisc)}


def means(results: Sequence[Result]) -> dict[Disc, float]:
    return {each.disc: each.value for each in results if isinstance(each, Measurement) and each.statistic == "mean"}


def test_every_box_lies_on_the_disc_of_its_name(results: Sequence[Result], phantom: PhantomSeries) -> None:
    assert set(boxes(results)) == set(Disc)
    for disc, found in boxes(results).items():
        truth = np.argwhere(phantom.levels[found.key_slice] == Structure(disc.value).channel).mean(axis=0)
        middle = np.array([found.box.top + found.box.bottom, found.box.left + found.box.right]) / 2
        assert np.abs(middle - truth).max() < 8


def test_every_disc_has_three_times_in_order_and_a_phase(results: Sequence[Result]) -> None:
    for disc in Disc:
        values = [each for each in results if isinstance(each, Measurement) and each.disc is disc]
        assert {each.quantity for each in values} == {Quantity.PREDICTED_T1RHO}
        assert {each.unit for each in values} == {Unit.MILLISECOND}
        assert [each.statistic for each in values] == [Statistic.MINIMUM, Statistic.MEAN, Statistic.MAXIMUM]
        assert values[0].value <= values[1].value <= values[2].value
        (grade,) = [each for each in results if isinstance(each, Grade) and each.disc is disc]
        assert grade.scale is Scale.PREDICTED_T1RHO_PHASE
        assert sum(grade.probabilities) == pytest.approx(1)
        assert grade.value == 1 + int(np.argmax(grade.probabilities))


def test_a_worn_disc_is_predicted_shorter_than_a_sound_one(results: Sequence[Result]) -> None:
    assert means(results)[Disc.L4_L5] < means(results)[Disc.L1_L2]


def test_one_input_gives_one_result(method: Method, phantom: PhantomSeries, results: Sequence[Result]) -> None:
    assert list(method.run(Case(volumes={T1: phantom.volume}))) == list(results)


def test_a_volume_stored_the_other_way_round_has_its_boxes_turned(
    method: Method, phantom: PhantomSeries, results: Sequence[Result]
) -> None:
    columns = phantom.volume.voxels.shape[2]
    turned = phantom.volume.to_patient.copy()
    turned[:3, 3] += turned[:3, 2] * (columns - 1)
    turned[:3, 2] *= -1
    mirrored = np.ascontiguousarray(phantom.volume.voxels[:, :, ::-1])
    volume = Volume(voxels=mirrored, to_patient=turned, frame_of_reference="1.2.3")
    again = method.run(Case(volumes={T1: volume}))
    assert means(again) == means(results)
    for disc, found in boxes(again).items():
        assert found.box.left == pytest.approx(columns - boxes(results)[disc].box.right)


def test_measured_phases_stand_beside_the_predicted_ones(
    method: Method, phantom: PhantomSeries, results: Sequence[Result]
) -> None:
    (predicted,) = [each for each in results if isinstance(each, Grade) and each.disc is Disc.L3_L4]
    measured = replace(predicted, scale=Scale.MEASURED_T1RHO_PHASE, probabilities=())
    again = method.run(Case(volumes={T1: phantom.volume}, earlier={"relaxometry": [measured]}))
    (said,) = [each for each in again if isinstance(each, Remark)]
    assert said.text.endswith("1 of 1 levels agree")


def test_noise_is_no_spine(method: Method, phantom: PhantomSeries) -> None:
    noise = np.random.default_rng(1).rayleigh(20, phantom.volume.voxels.shape).astype(np.float32)
    volume = Volume(voxels=noise, to_patient=phantom.volume.to_patient, frame_of_reference="1.2.3")
    with pytest.raises(InputUnsuitable):
        method.run(Case(volumes={T1: volume}))


def test_a_disc_that_is_out_of_view_is_not_analysed(method: Method, phantom: PhantomSeries) -> None:
    (row,) = [boxes(method.run(Case(volumes={T1: phantom.volume})))[Disc.L2_L3].box.top]
    cut = phantom.volume.voxels[:, int(row) - 12 :]
    moved = phantom.volume.to_patient.copy()
    moved[:3, 3] += moved[:3, 1] * (int(row) - 12)
    found = method.run(Case(volumes={T1: Volume(voxels=cut, to_patient=moved, frame_of_reference="1.2.3")}))
    assert Disc.L1_L2 in {each.disc for each in found if isinstance(each, NotAnalysed)}
    assert set(boxes(found)) == set(Disc) - {Disc.L1_L2}
    assert "only 4" in str(boxes(found)[Disc.L4_L5].level_doubt)


def test_the_card_says_that_nobody_has_validated_it() -> None:
    assert CARD.caveat is not None
    assert "digital phantom" in CARD.caveat
    assert "not validated on patients" in CARD.caveat


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"inversion_time": 860.0}, "inversion"),
        ({"pixel_spacing": (2.0, 2.0)}, "coarser"),
        ({"slice_thickness": 12.0}, "thicker"),
    ],
)
def test_the_card_refuses_by_header_what_was_not_learned(change: dict[str, object], word: str) -> None:
    traits = series_traits([read_header(each) for each in classic()])
    assert refuse(traits) is None
    assert word in str(refuse(replace(traits, **change)))  # type: ignore[arg-type]  # three fields of three types


@pytest.mark.shared_data
def test_the_real_study_has_five_discs_where_readers_marked_them(method: Method, shared_data: Path) -> None:
    (folder,) = (shared_data / "rsna_study" / "restored").rglob("2092806862")
    volume = read_volume(sorted(folder.iterdir())).volume
    assert set(boxes(method.run(Case(volumes={T1: volume})))) == set(Disc)
