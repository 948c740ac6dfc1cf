"""Levels are one chain from the sacrum, and what does not fit is said."""

import numpy as np

from inference.anatomy import DISC_STRUCTURES, LUMBAR_VERTEBRAE, Structure
from inference.phantom.labels import Tissue
from inference.sagittal.levels import LevelMap, name_levels
from tests.unit.inference.sagittal.drawn import BODY, DISC, MM, spine


def named(**changes: object) -> LevelMap:
    found = name_levels(spine(**changes), millimetres=MM)  # type: ignore[arg-type]  # forwarded as they came
    assert found is not None
    return found


def row_of(found: LevelMap, structure: Structure) -> float:
    return float(np.argwhere(found.labels == structure.channel)[:, 0].mean())


def test_all_thirteen_structures_but_fat_are_named_from_the_sacrum_upwards() -> None:
    found = named()
    ordered = [row_of(found, each) for each in Structure if each not in {Structure.CSF, Structure.PRESACRAL_FAT}]
    assert found.doubt is None
    assert ordered == sorted(ordered)


def test_a_named_disc_is_exactly_the_disc_that_was_drawn() -> None:
    tissues, found = spine(), named()
    lowest = (found.labels == Structure.L5_S1.channel).nonzero()[0]
    floor = tissues.shape[0] - 2 * BODY
    assert (lowest.min(), lowest.max()) == (floor - DISC, floor - 1)


def test_bodies_and_discs_keep_their_drawn_areas() -> None:
    found = named()
    bodies = [np.count_nonzero(found.labels == each.channel) for each in LUMBAR_VERTEBRAE]
    discs = [np.count_nonzero(found.labels == each.channel) for each in DISC_STRUCTURES]
    assert len(set(bodies)) == len(set(discs)) == 1


def test_a_disc_that_is_not_seen_is_bridged_and_doubted() -> None:
    found = named(without=(2,))
    assert not (found.labels == Structure.L3_L4.channel).any()
    assert row_of(found, Structure.L2_L3) < row_of(found, Structure.L3) < row_of(found, Structure.L4)
    assert found.doubt is not None
    assert "not seen" in found.doubt


def test_bodies_that_touch_over_an_unseen_disc_are_cut_apart() -> None:
    found = named(without=(2,))
    sizes = [np.count_nonzero(found.labels == each.channel) for each in (Structure.L3, Structure.L4)]
    assert max(sizes) < 1.4 * BODY * 68


def test_a_sacrum_out_of_view_is_doubted() -> None:
    doubt = named(sacrum=False).doubt
    assert doubt is not None
    assert "sacrum" in doubt


def test_four_discs_in_view_are_doubted_and_counted_from_below() -> None:
    found = named(discs=4)
    assert (found.labels == Structure.L5_S1.channel).any()
    assert not (found.labels == Structure.L1_L2.channel).any()
    assert found.doubt is not None
    assert "only 4" in found.doubt


def test_a_full_disc_below_s1_does_not_shift_the_count_but_is_doubted() -> None:
    plain, found = named(), named(remnant=True)
    assert row_of(found, Structure.L5_S1) == row_of(plain, Structure.L5_S1)
    assert found.doubt is not None
    assert "transitional" in found.doubt


def test_an_unseen_disc_on_the_sacrum_leaves_l4_l5_its_name() -> None:
    plain, found = named(), named(without=(0,))
    assert abs(row_of(found, Structure.L4_L5) - row_of(plain, Structure.L4_L5)) < 2
    assert not (found.labels == Structure.L5_S1.channel).any()
    assert found.doubt is not None


def test_a_stray_piece_of_disc_in_front_of_the_column_changes_nothing() -> None:
    tissues = spine()
    tissues[300:320, 20:60] = Tissue.DISC
    found = name_levels(tissues, millimetres=MM)
    assert found is not None
    assert np.array_equal(found.labels, named().labels)


def test_no_spine_gives_no_levels() -> None:
    assert name_levels(np.zeros((300, 300), np.uint8), millimetres=MM) is None


def test_a_short_remnant_below_s1_that_looks_like_a_disc_on_the_sacrum_is_not_taken_for_l5_s1() -> None:
    tissues = spine()
    floor = tissues.shape[0] - 2 * BODY
    tissues[floor + BODY - 6 : floor + BODY + 6, 120:150] = Tissue.DISC
    tissues[floor + BODY + 6 :, 120:188] = Tissue.S1
    found = name_levels(tissues, millimetres=MM)
    assert found is not None
    assert row_of(found, Structure.L5_S1) == row_of(named(), Structure.L5_S1)
