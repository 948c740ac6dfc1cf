"""The atlas: what is shipped is what the command makes, and what a site gives is checked."""

from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Disc, Structure
from inference.errors import InputUnsuitable
from inference.relaxometry.atlas import SHIPPED, Atlas, checked, read_atlas, write_atlas
from inference.relaxometry.atlas_making import phantom_atlas


def _atlas(**changes: object) -> Atlas:
    shipped = read_atlas()
    return Atlas(**{"labels": shipped.labels.copy(), "pixel_mm": 0.5, "name": "mine"} | changes)


def test_the_shipped_atlas_holds_five_discs_and_is_small() -> None:
    atlas = read_atlas()
    areas = [atlas.mask(disc).sum() * atlas.pixel_mm**2 for disc in Disc]
    assert all(150 < area < 500 for area in areas)
    assert SHIPPED.stat().st_size < 10_000


def test_the_same_arguments_make_the_same_atlas() -> None:
    assert phantom_atlas(3).sha256 == phantom_atlas(3).sha256 != phantom_atlas(3, seed=1).sha256


def test_an_atlas_comes_back_from_its_file(tmp_path: Path) -> None:
    atlas = _atlas(name="a volunteer, with an ü")
    write_atlas(atlas, tmp_path / "mine.npz")
    again = read_atlas(tmp_path / "mine.npz")
    assert (again.sha256, again.name, again.pixel_mm) == (atlas.sha256, atlas.name, atlas.pixel_mm)


def test_another_size_of_pixel_is_another_atlas() -> None:
    assert _atlas().sha256 != _atlas(pixel_mm=0.6).sha256


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"labels": np.zeros((9, 9), np.uint8)}, "with the arrays"),
        ({"labels": np.zeros((9, 9)), "pixel_mm": 0.5, "name": "x"}, "uint8"),
        ({"labels": np.zeros((9, 9), np.uint8), "pixel_mm": "wide", "name": "x"}, "a number"),
        ({"labels": np.array([None]), "pixel_mm": 0.5, "name": "x"}, "with the arrays"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, arrays: dict[str, object], words: str) -> None:
    np.savez(tmp_path / "odd.npz", **arrays)
    with pytest.raises(InputUnsuitable, match=words):
        read_atlas(tmp_path / "odd.npz")


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.npz").write_bytes(b"PK not really")
    with pytest.raises(InputUnsuitable, match=r"no \.npz"):
        read_atlas(tmp_path / "odd.npz")


def test_a_missing_disc_is_named() -> None:
    atlas = _atlas()
    atlas.labels[atlas.mask(Disc.L3_L4)] = 0
    with pytest.raises(InputUnsuitable, match="L3/L4 of the atlas is missing"):
        checked(atlas)


def test_a_disc_in_two_pieces_is_refused() -> None:
    atlas = _atlas()
    atlas.labels[20:22, 80:82] = Structure.L5_S1.channel
    with pytest.raises(InputUnsuitable, match="L5/S1 of the atlas is in several pieces"):
        checked(atlas)


def test_discs_from_below_upwards_are_refused() -> None:
    with pytest.raises(InputUnsuitable, match="do not run"):
        checked(_atlas(labels=np.flipud(read_atlas().labels).copy()))


def test_a_disc_at_the_border_is_refused() -> None:
    with pytest.raises(InputUnsuitable, match="within 5 mm"):
        checked(_atlas(labels=read_atlas().labels[:, 15:]))


def test_labels_that_are_no_disc_are_refused() -> None:
    atlas = _atlas()
    atlas.labels[0, 0] = Structure.CSF.channel
    with pytest.raises(InputUnsuitable, match="no disc"):
        checked(atlas)


def test_pixels_too_coarse_are_refused() -> None:
    with pytest.raises(InputUnsuitable, match="2 mm"):
        checked(_atlas(pixel_mm=2.0))
