"""The axial phantom: grades follow from its geometry, sides are the patient's, the same seed gives the same bytes."""

from dataclasses import replace

import numpy as np
import pytest

from inference.phantom.artefacts import NO_ARTEFACTS
from inference.phantom.axial_draw import Cause, draw_section
from inference.phantom.axial_roots import lay_rootlets, traversing_root
from inference.phantom.axial_section import LEFT, RIGHT, AxialSection, Lump, Zone
from inference.phantom.axial_shapes import facet_line_at, medial_edge, sac_distance, solid_distance
from inference.phantom.axial_slice import AxialAcquisition, image_axial, plane, training_axial
from inference.phantom.axial_truth import truth_of_section
from inference.phantom.signal import FastSpinEcho
from inference.phantom.tissues import palette


def _healthy(level: int = 4) -> AxialSection:
    """The first healthy section of a level with free roots and a free sac."""
    for seed in range(60):
        section = draw_section(np.random.default_rng([seed, 1]), level=level, cause=Cause.NOTHING, age=25)
        section = replace(section, bone=0.0, turn=0.0, shift=(0.0, 0.0))
        if truth_of_section(section).grades == (0, 0, 0, 0):
            return section
    raise LookupError("no healthy section")


def _with_lump(section: AxialSection, *, share: float, aside: float) -> AxialSection:
    """A herniation of a share of the way to the intra-facet line, at x = aside."""
    way = facet_line_at(section, aside) - section.disc.bulge
    bearing = float(np.sign(aside) * np.arctan2(abs(aside), 0.5 * section.disc.depth)) if aside else 0.0
    lump = Lump(bearing=bearing, extension=share * way, half_width=5.0, necked=False, nucleus=0.5)
    return replace(section, lumps=(lump,))


@pytest.mark.parametrize(("share", "grade"), [(0.3, 1), (0.75, 2), (1.3, 3)])
def test_a_herniation_is_graded_by_its_size_against_the_intra_facet_line(share: float, grade: int) -> None:
    truth = truth_of_section(_with_lump(_healthy(), share=share, aside=0.0))
    assert (truth.herniation, truth.zone) == (grade, Zone.CENTRAL)


def test_a_bulge_is_no_herniation() -> None:
    section = _healthy()
    bulging = replace(section, disc=replace(section.disc, bulge=3.0))
    assert truth_of_section(bulging).herniation == 0


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_a_subarticular_herniation_compromises_the_root_of_its_own_side(side: int) -> None:
    section = _healthy()
    edge = float(medial_edge(section, side)[0])
    truth = truth_of_section(_with_lump(section, share=1.2, aside=0.75 * edge))
    own, other = (truth.left_root, truth.right_root) if side == LEFT else (truth.right_root, truth.left_root)
    assert (truth.zone, truth.herniation_side) == (Zone.LATERAL, side)
    assert own >= 2
    assert other == 0


def test_a_root_goes_from_free_to_touched_to_moved_to_compressed_as_a_herniation_grows() -> None:
    section = _healthy()
    root = section.traversing[1]
    grades = [
        traversing_root(_with_lump(section, share=share, aside=root.x), root).grade for share in np.linspace(0, 1.6, 33)
    ]
    assert grades == sorted(grades)
    assert {grades[0], grades[-1]} == {0, 3}


def test_thicker_flava_make_the_sac_smaller_and_the_canal_grade_higher() -> None:
    section = _healthy()
    found = [
        truth_of_section(
            replace(section, lumen=replace(section.lumen, flavum=(thick, thick)), traversing=section.traversing)
        )
        for thick in (3.0, 6.0, 8.0, 10.0)
    ]
    areas = [truth.bundle.area for truth in found]
    grades = [truth.canal for truth in found]
    assert areas == sorted(areas, reverse=True)
    assert grades == sorted(grades)
    assert grades[-1] >= 2


def test_nothing_of_the_sac_lies_in_disc_matter() -> None:
    x, y = np.meshgrid(np.arange(-14, 14, 0.5), np.arange(-4, 22, 0.5))
    for seed in range(8):
        section = draw_section(np.random.default_rng([seed, 3]), cause=Cause.CENTRAL)
        overlap = (sac_distance(section, x, y) < -0.3) & (solid_distance(section, x, y) < -0.3)
        assert not overlap.any()


def test_rootlets_lie_inside_the_sac_and_behind_free_fluid() -> None:
    section = _healthy()
    bundle = lay_rootlets(section)
    inside = sac_distance(section, bundle.places[:, 0], bundle.places[:, 1])
    assert len(bundle.places) == section.sac.rootlets
    assert inside.max() < 0
    assert bundle.free_front > 0.2


def test_every_grade_of_every_scale_is_drawn() -> None:
    drawn = [truth_of_section(draw_section(np.random.default_rng([seed, 4]))).grades for seed in range(120)]
    for head in range(4):
        assert {grades[head] for grades in drawn} == {0, 1, 2, 3}


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = (training_axial(np.random.default_rng(7)) for _ in range(2))
    assert one.image.tobytes() == other.image.tobytes()
    assert one.truth.grades == other.truth.grades


def test_columns_run_to_the_left_and_rows_to_the_back() -> None:
    grid = plane(rows=11, columns=21, pixel_mm=0.5, border=(5, 10))
    place = grid.coordinates(grid.whole)
    assert place.x[0, 20] == pytest.approx(5.0)
    assert place.y[10, 0] == pytest.approx(2.5)
    assert (place.x[0, 10], place.y[5, 0]) == (0.0, 0.0)


def _brightness(sequence: FastSpinEcho) -> dict[str, float]:
    """Mean brightness of the free fluid before the rootlets and of the disc."""
    section = replace(_healthy(), bone=0.0, fissure=0.0)
    truth = truth_of_section(section)
    grid = plane(rows=110, columns=60, pixel_mm=0.8, border=(50, 30))
    acquisition = AxialAcquisition(palette=palette(1.5), sequence=sequence, artefacts=NO_ARTEFACTS)
    image = image_axial(section, truth, grid, acquisition, seed=1)
    place = grid.coordinates(grid.whole)
    x, y = np.broadcast_to(place.x, image.shape), np.broadcast_to(place.y, image.shape)
    sac = sac_distance(section, x, y) < -1.0
    free = sac & (y < truth.bundle.places[:, 1].min() - 2.0)
    return {"fluid": float(image[free].mean()), "disc": float(image[solid_distance(section, x, y) < -1].mean())}


def test_fluid_is_brighter_than_disc_under_t2_and_darker_under_t1() -> None:
    heavy = _brightness(FastSpinEcho(repetition_time=3500, echo_time=105))
    light = _brightness(FastSpinEcho(repetition_time=560, echo_time=12))
    assert heavy["fluid"] > 2 * heavy["disc"]
    assert light["fluid"] < light["disc"]
