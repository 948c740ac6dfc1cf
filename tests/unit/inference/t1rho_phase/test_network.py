"""The wide ResNet is of depth 22, and the SVM in the file answers as scikit-learn's."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training and the torch backend need the train extra")
pytest.importorskip("imblearn", reason="the phases are learnt with the train extra")

from inference.t1rho_phase.network import WideResNet  # noqa: E402 - after the skip
from inference.t1rho_phase.phase_training import (  # noqa: E402 - after the skip
    PhaseTooRare,
    fitted,
    machine_for,
    odds,
    pairwise_duals,
)
from inference.t1rho_phase.regression_training import compact_regression  # noqa: E402 - after the skip


def parameters(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def test_at_widening_eight_it_has_17_million_parameters_and_22_layers() -> None:
    with torch.device("meta"):
        network = WideResNet()
    main_line = [
        module
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear) and "shortcut" not in name
    ]
    assert parameters(network) == pytest.approx(17.1e6, rel=5e-3)
    assert len(main_line) == 6 * 3 + 4 - 2


def test_its_groups_have_the_papers_shapes() -> None:
    with torch.device("meta"):
        network = WideResNet()
        shapes: list[tuple[int, ...]] = []
        for each in network.groups:
            each.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape[1:])))
        assert tuple(network(torch.zeros(2, 1, 64, 128)).shape) == (2, 3)
    assert shapes == [(128, 64, 128), (256, 32, 64), (512, 16, 32)]


def test_the_compact_variant_fits_fifteen_megabytes_of_float16() -> None:
    assert 2 * parameters(compact_regression()) < 15e6


def discs(count: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features with noise, phases, people."""
    rng = np.random.default_rng(1)
    means = rng.uniform(50, 150, count)
    phases = np.where(means > 110, 1, np.where(means >= 80, 2, 3))
    seen = means[:, None] + rng.normal(0, 8, (count, 3)) + np.array([-15, 0, 15])
    return np.sort(seen, axis=1), phases, np.arange(count) // 5


def test_the_pairwise_decisions_of_the_arrays_are_scikit_learns() -> None:
    features, phases, _ = discs()
    machine = machine_for(phases, seed=1).fit(features, phases)
    scaler, svm = machine.named_steps["scale"], machine.named_steps["svm"]
    standard = scaler.transform(features)
    distance = ((standard[:, None] - svm.support_vectors_[None]) ** 2).sum(axis=-1)
    ours = np.exp(-svm._gamma * distance) @ pairwise_duals(svm).T + svm.intercept_
    assert np.allclose(ours, machine.decision_function(features), atol=1e-9)


def test_the_odds_sum_to_one_and_tell_the_phases_apart() -> None:
    features, phases, people = discs()
    found = odds(fitted(features, phases, people), features)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    assert (1 + found.argmax(axis=1) == phases).mean() > 0.8


def test_a_rare_phase_is_learnt_with_fewer_neighbours() -> None:
    features, phases, people = discs()
    rare = np.flatnonzero(phases == 2)[8:]
    kept = np.setdiff1d(np.arange(len(phases)), rare)
    assert odds(fitted(features[kept], phases[kept], people[kept]), features[kept]).shape == (len(kept), 3)


def test_a_phase_that_nobody_has_cannot_be_learnt() -> None:
    features, phases, people = discs()
    kept = phases != 3
    with pytest.raises(PhaseTooRare, match="phase 3 has 0 discs"):
        fitted(features[kept], phases[kept], people[kept])
