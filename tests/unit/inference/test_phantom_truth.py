"""True heights and indices, and what wear does to them; the published figures as the measure."""

import numpy as np
import pytest

from inference.anatomy import Disc, Sex, Structure
from inference.disc_quantification.postprocess import eight_bit_for_signal, signal_difference
from inference.phantom.body_parts import Transition
from inference.phantom.series import sagittal_series
from inference.phantom.spine import Spine, sample_spine
from inference.phantom.truth import SpineTruth, truth_of

# Zheng 2022, supplementary data: mean over ages 20 to 90, men.
PUBLISHED_DHI = {Disc.L1_L2: 0.301, Disc.L2_L3: 0.335, Disc.L3_L4: 0.368, Disc.L4_L5: 0.380, Disc.L5_S1: 0.356}
PUBLISHED_HDR = {Disc.L1_L2: 0.219, Disc.L2_L3: 0.232, Disc.L3_L4: 0.245, Disc.L4_L5: 0.243, Disc.L5_S1: 0.243}
PUBLISHED_DSI = {1: (121.97, 9.96), 2: (95.34, 7.20), 3: (72.34, 7.81), 4: (44.63, 8.49), 5: (20.60, 9.28)}


def worn(grade: float, *, seed: int = 8) -> Spine:
    levels = dict.fromkeys(range(-3, 6), grade)
    rng = np.random.default_rng(seed)
    return sample_spine(rng, grades=levels, sex=Sex.MALE, age=45.0, transition=Transition.NONE, findings=False)


@pytest.fixture(scope="module")
def men() -> list[SpineTruth]:
    return [
        truth_of(sample_spine(np.random.default_rng([7, i]), sex=Sex.MALE, transition=Transition.NONE))
        for i in range(16)
    ]


@pytest.mark.parametrize("disc", list(Disc))
def test_height_index_of_men_is_the_published_one(men: list[SpineTruth], disc: Disc) -> None:
    mean = np.mean([truth.of(disc).height_index for truth in men])
    assert mean == pytest.approx(PUBLISHED_DHI[disc], rel=0.1)


@pytest.mark.parametrize("disc", list(Disc))
def test_height_to_diameter_ratio_of_men_is_the_published_one(men: list[SpineTruth], disc: Disc) -> None:
    mean = np.mean([truth.of(disc).height_to_diameter for truth in men])
    assert mean == pytest.approx(PUBLISHED_HDR[disc], rel=0.1)


def test_truth_names_the_five_discs_in_order_with_the_grades_of_the_spine() -> None:
    spine = sample_spine(np.random.default_rng(1), grades={1: 1.5, 5: 4.5})
    truth = truth_of(spine)
    assert [each.disc for each in truth.discs] == list(Disc)
    assert truth.of(Disc.L1_L2).grade == 1.5
    assert truth.of(Disc.L5_S1).grade == 4.5


def test_a_worn_disc_is_lower() -> None:
    heights = [truth_of(worn(grade)).of(Disc.L4_L5).height for grade in (2.0, 4.0, 5.0)]
    assert heights == sorted(heights, reverse=True)
    assert heights[2] < 0.6 * heights[0]


def test_truth_is_what_the_labels_of_a_fine_image_measure() -> None:
    """Mean height of the middle four fifths of L3/L4, counted on a slice 0.4 mm fine, is 1.25 DH."""
    spine = worn(2.0)
    series = sagittal_series(spine.straightened(), slices=1, slice_thickness=0.1, matrix=640, field_of_view=256.0)
    area = float((series.levels[0] == Structure.L3_L4.channel).sum()) * 0.4**2
    truth = truth_of(spine).of(Disc.L3_L4)
    width = truth.height / truth.height_to_diameter
    assert area / width == pytest.approx(truth.height / 0.8, rel=0.1)


def test_scoliosis_does_not_touch_the_truth() -> None:
    spine = sample_spine(np.random.default_rng(12))
    assert truth_of(spine) == truth_of(spine.straightened())


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_difference_of_signal_by_grade_is_the_published_one(grade: int) -> None:
    found = []
    for seed in range(3):
        series = sagittal_series(worn(float(grade), seed=seed), slices=1, matrix=384, field_of_view=290.0, seed=seed)
        csf = series.levels[0] == Structure.CSF.channel
        image = eight_bit_for_signal(series.volume.voxels[0], csf)
        for disc in Disc:
            found.append(signal_difference(image, series.levels[0] == Structure(disc.value).channel, csf))
    mean, sd = PUBLISHED_DSI[grade]
    assert np.mean(found) == pytest.approx(mean, abs=1.2 * sd)
