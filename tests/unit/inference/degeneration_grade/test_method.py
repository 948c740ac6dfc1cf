"""What the method does with a case: whose discs it takes, what it says of each, what it will not grade."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_io.headers import read_header, series_traits
from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import DISC_STRUCTURES, Disc, Structure
from inference.contract import Case
from inference.degeneration_grade.method import DISCS_FROM, DegenerationGrade, refuse
from inference.errors import InputUnsuitable
from inference.results import Grade, LabelMap, NotAnalysed, Result, Scale
from tests.builders import classic
from tests.unit.inference.degeneration_grade.drawn import by_brightness, handed_over, image, volume

WORN, HALF_WORN = Structure.L5_S1.channel, Structure.L4_L5.channel
WORN_SPINE = image(white={WORN: 15, HALF_WORN: 60} | {each.channel: 180 for each in DISC_STRUCTURES[:3]})


def unseeing(slice_: NDArray[np.float32]) -> NDArray[np.float32]:
    """A finder that sees background everywhere."""
    logits = np.zeros((1, 9, *slice_.shape[2:]), np.float32)
    logits[:, 0] = 1
    return logits


def method(*, reach: int = 0) -> DegenerationGrade:
    return DegenerationGrade(finder=unseeing, classifier=by_brightness, reach=reach)


def graded(of: Volume, *, key_slice: int = 0, doubt: str | None = None, reach: int = 0) -> list[Result]:
    drawn = handed_over(of, key_slice=key_slice, doubt=doubt)
    return list(method(reach=reach).run(Case(volumes={Role.SAGITTAL_T2: of}, earlier={DISCS_FROM: [drawn]})))


def grades(results: list[Result], scale: Scale) -> dict[Disc, Grade]:
    return {each.disc: each for each in results if isinstance(each, Grade) and each.scale is scale}


def test_discs_handed_over_are_graded_and_not_drawn_again() -> None:
    results = graded(volume(WORN_SPINE))
    assert set(grades(results, Scale.DEGENERATION_GROUP)) == set(Disc)
    assert not [each for each in results if isinstance(each, LabelMap)]


def test_a_dark_disc_is_serious_and_a_bright_one_mild() -> None:
    groups = grades(graded(volume(WORN_SPINE)), Scale.DEGENERATION_GROUP)
    assert groups[Disc.L5_S1].value == 3
    assert {groups[disc].value for disc in (Disc.L1_L2, Disc.L2_L3, Disc.L3_L4)} == {1}


def test_each_pfirrmann_grade_lies_in_its_group() -> None:
    results = graded(volume(WORN_SPINE))
    groups, pfirrmann = (grades(results, scale) for scale in (Scale.DEGENERATION_GROUP, Scale.PFIRRMANN))
    assert [{1: 1, 2: 1, 3: 2, 4: 3, 5: 3}[pfirrmann[disc].value] for disc in Disc] == [
        groups[disc].value for disc in Disc
    ]


def test_grades_name_the_slice_and_the_level_doubt_they_were_handed() -> None:
    of = volume(WORN_SPINE, WORN_SPINE, WORN_SPINE)
    found = grades(graded(of, key_slice=2, doubt="only 4 lumbar discs in view"), Scale.PFIRRMANN)[Disc.L1_L2]
    assert (found.key_slice, found.level_doubt) == (2, "only 4 lumbar discs in view")


def test_a_volume_stored_the_other_way_round_gets_the_same_grades() -> None:
    there = volume(WORN_SPINE)
    turned = there.to_patient.copy()
    turned[:3, 3] += turned[:3, 2] * (there.voxels.shape[2] - 1)
    turned[:3, 2] *= -1
    back = Volume(voxels=there.voxels[:, :, ::-1], to_patient=turned, frame_of_reference="1.2.3")
    drawn = handed_over(there)
    case = Case(
        volumes={Role.SAGITTAL_T2: back}, earlier={DISCS_FROM: [replace(drawn, labels=drawn.labels[:, :, ::-1])]}
    )
    assert grades(list(method().run(case)), Scale.PFIRRMANN) == grades(graded(there), Scale.PFIRRMANN)


def test_with_neighbours_the_classifier_sees_three_slices_and_the_mask() -> None:
    channels: list[int] = []

    def watching(cuts: NDArray[np.float32]) -> NDArray[np.float32]:
        channels.append(cuts.shape[1])
        return by_brightness(cuts)

    of = volume(WORN_SPINE, WORN_SPINE)
    case = Case(volumes={Role.SAGITTAL_T2: of}, earlier={DISCS_FROM: [handed_over(of)]})
    DegenerationGrade(finder=unseeing, classifier=watching, reach=1).run(case)
    assert set(channels) == {4}


def test_without_a_spine_nothing_is_graded() -> None:
    with pytest.raises(InputUnsuitable):
        method().run(Case(volumes={Role.SAGITTAL_T2: volume(WORN_SPINE)}))


def test_a_noisy_image_is_not_analysed_and_says_so() -> None:
    (refusal,) = graded(volume(image(noise=50)))
    assert isinstance(refusal, NotAnalysed)
    assert "noisy" in refusal.reason


def test_a_disc_that_was_not_drawn_is_not_analysed() -> None:
    of = volume(WORN_SPINE)
    drawn = handed_over(of)
    without = replace(drawn, labels=np.where(drawn.labels == Structure.L1_L2.channel, 0, drawn.labels).astype(np.uint8))
    results = method().run(Case(volumes={Role.SAGITTAL_T2: of}, earlier={DISCS_FROM: [without]}))
    assert [each.disc for each in results if isinstance(each, NotAnalysed)] == [Disc.L1_L2]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"inversion_time": 160.0}, "inversion"),
        ({"pixel_spacing": (2.0, 2.0)}, "coarser"),
        ({"slice_thickness": 12.0}, "thicker"),
    ],
)
def test_the_card_refuses_by_header_what_cannot_be_graded(change: dict[str, object], word: str) -> None:
    traits = series_traits([read_header(each) for each in classic()])
    assert refuse(traits) is None
    assert word in str(refuse(replace(traits, **change)))  # type: ignore[arg-type]  # three fields of three types
