"""Discs of phantoms laid onto the atlas: near, smooth, unfolded, and the same however the picture was taken."""

from dataclasses import replace

import numpy as np
import pytest

from dicom_io.volume import Volume
from inference.anatomy import Disc, Structure
from inference.contract import Echoes
from inference.errors import ImplausibleResult, InputUnsuitable
from inference.relaxometry import registration
from inference.relaxometry.atlas import read_atlas
from inference.relaxometry.cohort.phantom import Effect, PhantomStudy, phantom_study
from inference.relaxometry.registration import Quality, Registered, Settings, register
from inference.relaxometry.registration_affine import Affine
from inference.relaxometry.registration_elastic import ElasticSettings, bend
from inference.relaxometry.registration_patch import Patch, signed_distance
from inference.relaxometry.registration_tuning import Outlined, objective, tune
from inference.relaxometry.registration_warp import warped, warped_echoes
from inference.results import LabelMap, MapKind

ATLAS = read_atlas()


def _registered(study: PhantomStudy, disc: Disc = Disc.L4_L5, settings: Settings | None = None) -> Registered:
    return register(study.label_map, study.volume, disc=disc, atlas=ATLAS, settings=settings or Settings())


@pytest.mark.parametrize("disc", list(Disc))
def test_a_worn_and_herniated_spine_comes_near_the_atlas_without_folds(disc: Disc) -> None:
    quality = _registered(phantom_study(1), disc).quality
    assert quality.dice > 0.95
    assert quality.jacobian_sd < 0.2
    assert quality.jacobian_min > 0.3


def test_no_disc_is_laid_down_mirrored() -> None:
    found = [_registered(phantom_study(seed), Disc.L3_L4).quality for seed in (300_000, 300_007)]
    assert all(0.5 < one.affine_determinant < 2 for one in found)


def test_a_spot_of_one_place_of_the_anatomy_lands_in_one_place_of_the_atlas() -> None:
    effect = Effect(disc=Disc.L4_L5, along=0.3, across=0.0, reach=0.3, slope_ms=0)
    places = np.argwhere(ATLAS.mask(Disc.L4_L5)) * ATLAS.pixel_mm
    centres = []
    for seed in (0, 1, 2):
        study = phantom_study(seed, effect=effect)
        share = warped(study.effect_share, study.volume, _registered(study))
        centres.append(np.average(places[share > 0.5], axis=0))
    assert np.ptp(centres, axis=0).max() < 2.5


def test_the_distribution_of_relaxation_times_is_kept() -> None:
    study = phantom_study(0)
    inside = study.label_map.labels == Structure.L4_L5.channel
    before = study.maps[MapKind.T1RHO][inside]
    after = warped(study.maps[MapKind.T1RHO], study.volume, _registered(study))
    assert np.nanmean(after) == pytest.approx(before.mean(), rel=0.03)
    assert np.nanpercentile(after, [25, 75]) == pytest.approx(np.percentile(before, [25, 75]), rel=0.06)


def test_rows_and_columns_may_run_any_way() -> None:
    study = phantom_study(2)
    turned = _turned(study)
    straight = warped(study.maps[MapKind.T1RHO], study.volume, _registered(study))
    other = warped(turned.maps[MapKind.T1RHO], turned.volume, _registered(turned))
    assert np.nanmax(np.abs(straight - other)) < 0.5


def _turned(study: PhantomStudy) -> PhantomStudy:
    """The same slice stored with rows from back to front and columns from head to feet."""
    turn = {kind: np.rot90(values, axes=(1, 2)).copy() for kind, values in study.maps.items()}
    swap = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, study.volume.voxels.shape[2] - 1], [0, 0, 0, 1]], float)
    return replace(
        study,
        label_map=replace(study.label_map, labels=np.rot90(study.label_map.labels, axes=(1, 2)).copy()),
        maps=turn,
        volume=Volume(
            voxels=np.rot90(study.volume.voxels, axes=(1, 2)).copy(),
            to_patient=study.volume.to_patient @ swap,
            frame_of_reference=study.volume.frame_of_reference,
        ),
    )


def test_one_input_gives_one_field() -> None:
    study = phantom_study(3)
    assert np.array_equal(_registered(study).points, _registered(study).points)


def test_a_disc_that_is_not_there_is_refused() -> None:
    study = phantom_study(0)
    labels = np.where(study.label_map.labels == Structure.L2_L3.channel, 0, study.label_map.labels).astype(np.uint8)
    with pytest.raises(InputUnsuitable, match="L2/L3"):
        _registered(replace(study, label_map=replace(study.label_map, labels=labels)), Disc.L2_L3)


def test_coronal_slices_are_refused() -> None:
    study = phantom_study(0)
    to_patient = study.volume.to_patient[:, [1, 0, 2, 3]]
    to_patient[:3, :3] = np.array([[0, 1, 0], [4.4, 0, 0], [0, 0, -1]])
    coronal = replace(study.volume, to_patient=to_patient)
    with pytest.raises(InputUnsuitable, match="not sagittal"):
        _registered(replace(study, volume=coronal))


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        (Quality(dice=0.98, jacobian_sd=0.5, jacobian_min=-0.1, affine_determinant=1), "folds"),
        (Quality(dice=0.5, jacobian_sd=0.1, jacobian_min=0.5, affine_determinant=1), "misses"),
    ],
)
def test_a_field_that_folds_or_misses_is_refused(quality: Quality, words: str) -> None:
    with pytest.raises(ImplausibleResult, match=words):
        registration.demand_plausible(quality, Disc.L1_L2)


def test_without_rigidity_a_hook_folds_and_with_it_it_does_not() -> None:
    target, moving = _patch(_disc_mask()), _patch(_hook_mask())
    still = Affine(matrix=np.eye(2), shift=np.zeros(2))
    loose = bend(target, moving, affine=still, settings=ElasticSettings(spacing_mm=2, iterations=200, rigidity=0.0))
    stiff = bend(target, moving, affine=still, settings=ElasticSettings(spacing_mm=2, iterations=200, rigidity=0.3))
    assert loose.jacobian.min() < 0 < stiff.jacobian.min()


def _patch(mask: np.ndarray) -> Patch:
    return Patch(distance=signed_distance(mask, pixel_mm=0.5), centre=np.array([30.0, 50.0]), pixel_mm=0.5)


def _disc_mask() -> np.ndarray:
    rows, columns = np.indices((61, 101))
    return ((rows - 30) / 12) ** 4 + ((columns - 50) / 38) ** 4 < 1


def _hook_mask() -> np.ndarray:
    mask = _disc_mask()
    mask[22:38, 55:60] = False
    mask[5:20, 70:75] = True
    return mask


def test_the_field_brings_every_echo_of_another_grid() -> None:
    study = phantom_study(0)
    first = replace(study.volume, voxels=np.nan_to_num(study.maps[MapKind.T1RHO]))
    echoes = Echoes(times_ms=(0, 40), volumes=(first, replace(first, voxels=first.voxels * 0.5)))
    brought = warped_echoes(echoes, _registered(study))
    assert brought.shape == (2, ATLAS.mask(Disc.L4_L5).sum())
    assert brought[1] == pytest.approx(brought[0] * 0.5)


def test_what_lies_beside_the_volume_is_unknown() -> None:
    study = phantom_study(0)
    moved = replace(study.volume, to_patient=study.volume.to_patient + np.array([[0] * 3 + [40.0]] + [[0] * 4] * 3))
    assert np.isnan(warped(study.maps[MapKind.T1RHO], moved, _registered(study))).all()


def test_another_frame_of_reference_is_refused() -> None:
    study = phantom_study(0)
    foreign = replace(study.volume, frame_of_reference="1.2.3")
    with pytest.raises(InputUnsuitable, match="frame of reference"):
        warped(study.maps[MapKind.T1RHO], foreign, _registered(study))


def test_the_tuner_finds_better_settings_than_bad_ones() -> None:
    studies = [_outlined(phantom_study(0))]
    bad = Settings(elastic=ElasticSettings(spacing_mm=2, iterations=200, rigidity=0.003))
    best = tune(studies, atlas=ATLAS, trials=3)
    assert best.objective < objective(studies, atlas=ATLAS, settings=bad)


def test_there_is_nothing_to_tune_without_discs() -> None:
    with pytest.raises(InputUnsuitable):
        objective([], atlas=ATLAS, settings=Settings())


def _outlined(study: PhantomStudy) -> Outlined:
    """Two discs are enough."""
    labels = study.label_map.labels.copy()
    labels[~np.isin(labels, [Structure.L3_L4.channel, Structure.L4_L5.channel])] = 0
    drawn: LabelMap = replace(study.label_map, labels=labels)
    return Outlined(label_map=drawn, volume=study.volume)
