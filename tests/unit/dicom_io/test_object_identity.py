"""Several series of one kind in a study are told apart by their descriptions, as far as those have room."""

import pytest

from dicom_io.object_identity import series_description
from dicom_io.roles import Role
from inference.registry import CARDS


def test_a_description_says_of_what_it_is_and_that_it_is_research() -> None:
    assert series_description("AI SR", of="spin-lock") == "AI SR, spin-lock (research use only)"


@pytest.mark.parametrize("of", [*(role.value for role in Role), *CARDS, "x" * 100])
@pytest.mark.parametrize("what", ["AI SEG lumbar regions", "AI SR sagittal discs", "AI SR axial levels", "AI outlines"])
def test_a_description_fits_its_attribute_and_keeps_its_mark(what: str, of: str) -> None:
    found = series_description(what, of=of)
    assert len(found) <= 64
    assert found.startswith(what)
    assert found.endswith("(research use only)")


@pytest.mark.parametrize("name", CARDS)
def test_segmentations_of_all_our_methods_have_room_for_their_name(name: str) -> None:
    assert name in series_description("AI SEG lumbar regions", of=name)
