"""The real study: its sixty axial slices find the discs that its annotators pointed at."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from config.settings import Inference
from dicom_io.read_volume import read_stacks, read_volume
from dicom_io.roles import Role
from dicom_io.sources import SourceSeries
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.axial_grading.axial_stack import AxialStack, axial_stack
from inference.axial_grading.crossing import pictures_agree
from inference.axial_grading.disc_places import disc_places
from inference.axial_grading.sections import Section, sections_by_likeness, sections_of_discs
from inference.contract import Case
from inference.registry import open_method
from inference.results import LabelMap

pytestmark = pytest.mark.shared_data
SAGITTAL, AXIAL = "1792451510", "1012284084"


@dataclass(frozen=True, kw_only=True)
class Pointed:
    """One slice that annotators pointed at: between their points right and left of the sac, (row, column)."""

    instance: int
    middle: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    sagittal: Volume
    source: SourceSeries
    stacks: tuple[AxialStack, ...]
    drawn: LabelMap
    pointed: Mapping[Disc, Pointed]


def _stacks(source: SourceSeries) -> tuple[AxialStack, ...]:
    firsts = np.cumsum([0, *(len(volume.voxels) for volume in source.volumes)])
    return tuple(axial_stack(volume, first=int(first)) for volume, first in zip(source.volumes, firsts, strict=False))


def _pointed(file: Path) -> Mapping[Disc, Pointed]:
    points: dict[Disc, list[list[float]]] = {}
    instances: dict[Disc, int] = {}
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row["series_id"] == AXIAL:
                disc = Disc(row["level"].upper().replace("_", "/"))
                points.setdefault(disc, []).append([float(row["y"]), float(row["x"])])
                instances[disc] = int(row["instance_number"])
    return {disc: Pointed(instance=instances[disc], middle=np.mean(each, axis=0)) for disc, each in points.items()}


@pytest.fixture(scope="module")
def study(shared_data: Path) -> Study:
    folder = shared_data / "rsna_study" / "restored"
    sagittal = read_volume(sorted((folder / SAGITTAL).glob("*.dcm"))).volume
    source = read_stacks(sorted((folder / AXIAL).glob("*.dcm")))
    found = open_method("disc_quantification", Inference(device="cpu")).run(Case(volumes={Role.SAGITTAL_T2: sagittal}))
    (drawn,) = [each for each in found if isinstance(each, LabelMap)]
    pointed = _pointed(shared_data / "rsna_study" / "points.csv")
    return Study(sagittal=sagittal, source=source, stacks=_stacks(source), drawn=drawn, pointed=pointed)


def _instance(study: Study, section: Section) -> int:
    return int(study.source.images[section.slice_index].header.InstanceNumber)


def test_its_series_agree_where_they_cross_though_their_frames_of_reference_differ(study: Study) -> None:
    assert study.stacks[0].frame_of_reference != study.sagittal.frame_of_reference
    assert pictures_agree(study.stacks, study.sagittal, key_slice=study.drawn.key_slice)


def test_each_disc_gets_the_slices_that_annotators_pointed_at(study: Study) -> None:
    found = sections_of_discs(disc_places(study.drawn, study.sagittal), study.stacks)
    assert set(found) == set(study.pointed) == set(Disc)
    for disc, sections in found.items():
        instances = {_instance(study, section) for section in sections}
        assert min(abs(each - study.pointed[disc].instance) for each in instances) <= 1
        assert max(abs(each - study.pointed[disc].instance) for each in instances) <= 3


def test_the_middle_lies_between_the_points_right_and_left_of_the_sac(study: Study) -> None:
    for disc, sections in sections_of_discs(disc_places(study.drawn, study.sagittal), study.stacks).items():
        away = (np.array(sections[0].centre) - study.pointed[disc].middle) * sections[0].stack.spacing
        assert abs(away[1]) < 5
        assert -8 < away[0] < 5


def test_without_a_sagittal_result_the_same_five_places_are_found(study: Study) -> None:
    runs = sections_by_likeness(study.stacks)
    assert len(runs) == len(study.pointed)
    seen = [{_instance(study, section) for section in run} for run in runs]
    for pointed in study.pointed.values():
        assert any(min(abs(each - pointed.instance) for each in run) <= 1 for run in seen)
