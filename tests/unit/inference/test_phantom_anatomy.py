"""The sampled spine: order, transitional anatomy, slips, herniation, scoliosis."""

from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Sex, Structure
from inference.phantom.artefacts import NO_ARTEFACTS
from inference.phantom.body_parts import Disc, Herniation, Spine, Transition
from inference.phantom.column import Column, draw_posture, stand
from inference.phantom.labels import Tissue
from inference.phantom.morphology import LEVELS
from inference.phantom.series import PhantomSeries, sagittal_series
from inference.phantom.spine import sample_spine


def plain(seed: int = 2) -> Spine:
    return sample_spine(
        np.random.default_rng(seed), transition=Transition.NONE, sex=Sex.FEMALE, age=40.0, findings=False
    )


def with_disc(spine: Spine, disc: Disc) -> Spine:
    return replace(spine, discs=tuple(disc if d.level == disc.level else d for d in spine.discs))


def middle(spine: Spine) -> PhantomSeries:
    return sagittal_series(
        spine.straightened(), slices=1, slice_thickness=0.2, matrix=320, field_of_view=288.0, artefacts=NO_ARTEFACTS
    )


def test_the_spine_runs_from_t9_to_s5() -> None:
    spine = plain()
    assert [v.name for v in spine.vertebrae[:4]] == ["T9", "T10", "T11", "T12"]
    assert [v.name for v in spine.vertebrae[-6:]] == ["L5", "S1", "S2", "S3", "S4", "S5"]
    assert [d.name for d in spine.lumbar_discs] == ["L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"]
    assert [v.level for v in spine.vertebrae] == list(LEVELS)


def test_sex_and_age_are_those_asked_for() -> None:
    spine = sample_spine(np.random.default_rng(0), sex=Sex.MALE, age=61.0)
    assert (spine.sex, spine.age) == (Sex.MALE, 61.0)


def test_older_spines_are_more_worn() -> None:
    def wear(age: float) -> float:
        spines = [sample_spine(np.random.default_rng(i), age=age) for i in range(12)]
        return float(np.mean([d.grade for s in spines for d in s.lumbar_discs]))

    assert wear(75.0) > wear(22.0) + 0.8


def test_a_sacralised_l5_sits_on_a_stunted_disc() -> None:
    stunted = sample_spine(np.random.default_rng(2), transition=Transition.SACRALISED, findings=False)
    assert stunted.disc(5).height < 0.6 * stunted.disc(4).height


def test_a_lumbarised_s1_has_a_disc_below() -> None:
    spine = sample_spine(np.random.default_rng(2), transition=Transition.LUMBARISED, findings=False)
    assert spine.disc(6).height > 2 * plain().disc(6).height
    assert spine.vertebra(6).taper < plain().vertebra(6).taper


def test_a_slip_moves_everything_above_forwards_and_nothing_below() -> None:
    spine = plain()
    column = Column(vertebrae=spine.vertebrae, discs=spine.discs)
    posture = replace(draw_posture(np.random.default_rng(0), findings=False), slipped_level=None, slip=0.0)
    straight, slipped = stand(column, posture), stand(column, replace(posture, slipped_level=4, slip=6.0))

    def step(of: Column, upper: int) -> float:
        by_level = {v.level: v for v in of.vertebrae}
        lower = by_level[upper + 1].frame
        return float((np.array([by_level[upper].frame.y, by_level[upper].frame.z]) - [lower.y, lower.z]) @ lower.back)

    assert step(straight, 4) - step(slipped, 4) == pytest.approx(6.0, abs=1.0)
    assert step(straight, 5) - step(slipped, 5) == pytest.approx(0.0, abs=1e-6)
    assert step(straight, 3) - step(slipped, 3) == pytest.approx(0.0, abs=1e-6)


def test_a_herniation_belongs_to_its_disc_and_narrows_the_sac() -> None:
    spine = plain()
    lump = Herniation(size=7, aside=0, drift=0)
    healthy, herniated = middle(spine), middle(with_disc(spine, replace(spine.disc(4), herniation=lump)))

    def area(series: PhantomSeries, structure: Structure) -> int:
        return int((series.levels[0] == structure.channel).sum())

    assert area(herniated, Structure.L4_L5) > area(healthy, Structure.L4_L5) + 20
    assert area(herniated, Structure.CSF) < area(healthy, Structure.CSF) - 20


def test_scoliosis_leads_the_column_out_of_the_middle_slice() -> None:
    spine = plain()
    bent = replace(spine, lateral=replace(spine.lateral, amplitude=25.0, wavelength=200.0, phase=np.pi / 2))

    def bodies(of: Spine) -> int:
        series = sagittal_series(of, slices=1, matrix=160, field_of_view=288.0)
        return int((series.labels == Tissue.VERTEBRA).sum())

    assert bodies(bent) < 0.8 * bodies(spine)


def test_presacral_fat_lies_before_s1_and_is_bright() -> None:
    series = middle(plain())
    fat, body = (series.labels[0] == tissue for tissue in (Tissue.PRESACRAL_FAT, Tissue.S1))
    rows = np.flatnonzero(fat.any(axis=1) & body.any(axis=1))
    assert rows.size > 10
    assert all(np.flatnonzero(fat[row]).max() < np.flatnonzero(body[row]).min() for row in rows)
    image = series.volume.voxels[0]
    assert np.median(image[fat]) > np.median(image[body])
