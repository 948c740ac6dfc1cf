"""Levels, the worst slice, refusals and doubts, with a made network on made slices."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from dicom_io.headers import read_header, series_traits
from dicom_io.roles import Role
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.axial_grading.method import CARD, DARK_SAC, NO_LEVELS, OTHER_FRAME, ROLE, AxialGrading, refuse
from inference.contract import Case
from inference.errors import ImplausibleResult, InputUnsuitable
from inference.results import AxialGrade, NotAnalysed, Remark, Result, Scale, Side
from tests import axial, builders, lumbar

LOWER = (Disc.L3_L4, Disc.L4_L5, Disc.L5_S1)
Image = NDArray[np.float32]
METHOD = "disc_quantification"


def sure_of(*grades: int) -> Callable[[Image], Image]:
    """A network that sees these four grades in every image, and the roots' sides exchanged in the mirror.

    An image is in the mirror if its first column is brighter than its last.
    """
    plain = np.zeros((4, 4), np.float32)
    plain[np.arange(4), grades] = 5.0
    mirrored = plain[[0, 1, 3, 2]]

    def answer(image: Image) -> Image:
        turned = image[:, 0, :, 0].mean(axis=1) > image[:, 0, :, -1].mean(axis=1)
        return np.where(turned[:, None], mirrored.ravel(), plain.ravel()).astype(np.float32)

    return answer


def brighter_is_worse(image: Image) -> Image:
    """A network whose grade of herniation grows with the place of the slice in the batch."""
    answer = np.zeros((len(image), 4, 4), np.float32)
    for place in range(len(image)):
        answer[place, :, min(place, 3)] = 5.0
    return answer.reshape(len(image), 16)


DIFFERENT = sure_of(0, 1, 2, 3)


def run(*stacks: Volume, network: Callable[[Image], Image] = DIFFERENT, with_sagittal: bool = True) -> Sequence[Result]:
    sagittal = lumbar.volume(5)
    case = Case(
        volumes={Role.SAGITTAL_T2: sagittal} if with_sagittal else {},
        stacks={ROLE: stacks},
        earlier={METHOD: (lumbar.label_map(),)} if with_sagittal else {},
    )
    return AxialGrading(network=network).run(case)


def grades(results: Sequence[Result]) -> list[AxialGrade]:
    return [each for each in results if isinstance(each, AxialGrade)]


def test_one_angled_stack_per_disc_gives_each_disc_four_grades() -> None:
    found = grades(run(*(axial.stack(disc, tilt=8.0 * place) for place, disc in enumerate(LOWER))))
    assert [each.disc for each in found] == [disc for disc in LOWER for _ in range(4)]
    assert [(each.scale, each.side, each.value) for each in found[:4]] == [
        (Scale.DISC_HERNIATION, None, 0),
        (Scale.CANAL_STENOSIS, None, 1),
        (Scale.ROOT_COMPRESSION, Side.LEFT, 2),
        (Scale.ROOT_COMPRESSION, Side.RIGHT, 3),
    ]


def test_slices_are_counted_through_all_stacks() -> None:
    found = grades(run(*(axial.stack(disc) for disc in LOWER)))
    assert {each.disc: each.slice_index // 3 for each in found} == dict(zip(LOWER, range(3), strict=True))


def test_one_continuous_stack_is_cut_into_levels() -> None:
    steps = tuple(np.arange(-40.0, 47.0, 3.5))
    found = grades(run(axial.stack(Disc.L3_L4, offsets=steps)))
    wanted = axial.border_of(Disc.L3_L4)[2] + steps[found[0].slice_index]
    middle = {each.disc: axial.border_of(each.disc)[2] for each in found if each.disc}
    assert Disc.L3_L4 in middle
    assert min(middle.values(), key=lambda z: abs(z - wanted)) == middle[Disc(found[0].disc or "")]


def test_the_grade_is_the_worst_of_the_slices_and_names_it() -> None:
    found = grades(run(axial.stack(Disc.L4_L5), network=brighter_is_worse))
    assert {each.value for each in found} == {2}
    assert len({each.slice_index for each in found}) == 1


def test_the_box_holds_the_border_of_the_disc() -> None:
    box = grades(run(axial.stack(Disc.L4_L5)))[0].box
    assert abs((box.top + box.bottom) / 2 - axial.SIDE / 2) * axial.PIXEL_MM < 5
    assert abs((box.left + box.right) / 2 - axial.SIDE / 2) * axial.PIXEL_MM < 5
    assert (box.bottom - box.top) * axial.PIXEL_MM == pytest.approx(76.8)


def test_levels_without_a_slice_are_not_analysed() -> None:
    missing = [each for each in run(axial.stack(Disc.L4_L5)) if isinstance(each, NotAnalysed)]
    assert {each.disc for each in missing} == set(Disc) - {Disc.L4_L5}
    assert all("no axial slice passes through it" in each.reason for each in missing)


def test_without_a_sagittal_result_each_run_is_graded_with_no_level() -> None:
    results = run(*(axial.stack(disc) for disc in LOWER), with_sagittal=False)
    found = grades(results)
    assert {(each.disc, each.level_doubt) for each in found} == {(None, NO_LEVELS)}
    assert len({each.slice_index for each in found}) == 3
    assert Remark(role=ROLE, text=NO_LEVELS) in results


def test_another_frame_of_reference_names_no_level_where_the_pictures_differ() -> None:
    found = grades(run(axial.stack(Disc.L4_L5, frame_of_reference=builders.uid("another"))))
    assert {each.disc for each in found} == {None}


def test_a_doubt_about_the_levels_is_handed_on() -> None:
    case = Case(
        volumes={Role.SAGITTAL_T2: lumbar.volume(5)},
        stacks={ROLE: (axial.stack(Disc.L4_L5),)},
        earlier={METHOD: (lumbar.label_map(level_doubt="only four discs"),)},
    )
    found = grades(AxialGrading(network=sure_of(0, 0, 0, 0)).run(case))
    assert {each.level_doubt for each in found} == {"only four discs"}
    assert OTHER_FRAME not in str(found)


def test_slices_that_show_no_spine_are_refused() -> None:
    with pytest.raises(InputUnsuitable, match="no slice shows a section"):
        run(axial.stack(Disc.L4_L5, offsets=(50.0, 54.0, 58.0)), with_sagittal=False)


def test_slices_that_are_not_axial_are_refused() -> None:
    with pytest.raises(InputUnsuitable, match="not axial"):
        run(lumbar.volume(5), with_sagittal=False)


def test_a_dark_sac_at_three_levels_is_refused_as_t1() -> None:
    with pytest.raises(InputUnsuitable, match="looks like T1"):
        run(*(axial.stack(disc, fluid_is_bright=False) for disc in LOWER))


def test_a_dark_sac_at_one_level_is_a_doubt() -> None:
    found = grades(run(axial.stack(Disc.L4_L5, fluid_is_bright=False)))
    assert all(each.doubt is not None and DARK_SAC in each.doubt for each in found)


def test_a_steep_slice_is_a_doubt() -> None:
    found = grades(run(axial.stack(Disc.L3_L4, tilt=26.0)))
    assert all(each.doubt is not None and "tilted by" in each.doubt for each in found)


def test_a_grade_that_is_not_likely_is_a_doubt() -> None:
    found = grades(run(axial.stack(Disc.L3_L4), network=lambda image: np.zeros((len(image), 16), np.float32)))
    assert all(each.doubt is not None and "no grade is more likely than not" in each.doubt for each in found)


def test_a_network_without_an_answer_is_implausible() -> None:
    with pytest.raises(ImplausibleResult):
        run(axial.stack(Disc.L3_L4), network=lambda image: np.full((len(image), 16), np.nan, np.float32))


def test_left_stays_left_in_a_volume_stored_the_other_way_round() -> None:
    plain = axial.stack(Disc.L4_L5)
    turned = plain.to_patient.copy()
    turned[:3, 3] += turned[:3, 2] * (axial.SIDE - 1)
    turned[:3, 2] *= -1
    mirrored = replace(plain, voxels=plain.voxels[:, :, ::-1].copy(), to_patient=turned)
    seen: list[Image] = []

    def remember(image: Image) -> Image:
        seen.append(image)
        return sure_of(0, 0, 0, 0)(image)

    one, other = grades(run(plain, network=remember)), grades(run(mirrored, network=remember))
    assert np.allclose(seen[0], seen[2], atol=1e-4)  # each run looks twice
    assert one[0].box.left == pytest.approx(axial.SIDE - other[0].box.right)


def test_coarse_pixels_and_thick_slices_are_refused_by_the_header() -> None:
    traits = replace(series_traits([read_header(each) for each in builders.classic()]), pixel_spacing=(0.5, 0.5))
    assert refuse(traits) is None
    assert "coarser" in str(refuse(replace(traits, pixel_spacing=(1.5, 1.5))))
    assert "thicker" in str(refuse(replace(traits, slice_thickness=10.0)))


def test_the_card_warns_of_how_it_learned() -> None:
    assert CARD.caveat is not None
    assert "phantom" in CARD.caveat
