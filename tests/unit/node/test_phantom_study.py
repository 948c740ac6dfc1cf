"""The phantom as a study: what a scanner would have sent, and a truth that can be compared."""

from collections import defaultdict
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from dicom_io.roles import Role
from inference.anatomy import Disc
from inference.disc_quantification.method import UNITS
from inference.results import Quantity
from node.inspection import Inspected, inspect_series
from node.phantom_study import PhantomStudy, phantom_study
from tests import builders


@pytest.fixture(scope="module")
def study() -> PhantomStudy:
    return phantom_study()


@pytest.fixture(scope="module")
def series(study: PhantomStudy, tmp_path_factory: pytest.TempPathFactory) -> dict[Role, Inspected]:
    """What the node makes of each series, by the role it gives it."""
    images: dict[str, list[Dataset]] = defaultdict(list)
    for image in study.images:
        images[image.SeriesInstanceUID].append(image)
    seen = [inspect_series(files(one, tmp_path_factory.mktemp("series"))) for one in images.values()]
    assert all(isinstance(one, Inspected) for one in seen)
    return {one.decision.role: one for one in seen if isinstance(one, Inspected)}


def files(images: list[Dataset], folder: Path) -> list[Path]:
    return builders.write(images, folder)


def test_the_node_recognises_each_series(series: dict[Role, Inspected]) -> None:
    assert set(series) == {Role.LOCALIZER, Role.SAGITTAL_T2, Role.SAGITTAL_T1, Role.AXIAL_T2, Role.SPIN_LOCK}


def test_each_series_is_whole_by_its_geometry(series: dict[Role, Inspected]) -> None:
    assert all(one.regularity.complete for one in series.values())


def test_all_series_are_of_one_study_and_one_frame_of_reference(study: PhantomStudy) -> None:
    assert {image.StudyInstanceUID for image in study.images} == {study.study_uid}
    assert len({image.FrameOfReferenceUID for image in study.images}) == 1


def test_no_two_images_have_one_uid(study: PhantomStudy) -> None:
    assert len({image.SOPInstanceUID for image in study.images}) == len(study.images)


def test_every_disc_has_every_number(study: PhantomStudy) -> None:
    assert [one.disc for one in study.truth] == list(Disc)
    assert all(set(one.values) == set(UNITS) for one in study.truth)


def test_a_worn_disc_is_darker_and_lower_than_a_fresh_one(study: PhantomStudy) -> None:
    fresh, worn = study.truth[0], study.truth[-1]
    assert fresh.grade + 2 < worn.grade
    for quantity in (Quantity.SIGNAL_INTENSITY_DIFFERENCE, Quantity.DISC_HEIGHT):
        assert worn.values[quantity] < fresh.values[quantity]
