"""CFCM is the paper's at base 64, small as shipped, and served from one file by either backend."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training and the torch backend need the train extra")

from config.settings import Inference  # noqa: E402 - after the skip
from inference.registry import CARDS, weights_of  # noqa: E402 - after the skip
from inference.relaxometry.network import Cfcm  # noqa: E402 - after the skip
from inference.relaxometry.recipe import compact_network, recipe  # noqa: E402 - after the skip
from inference.runtime import open_network  # noqa: E402 - after the skip
from inference.training.loop import Recipe  # noqa: E402 - after the skip


def parameters(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def test_at_base_64_it_has_the_papers_parameters() -> None:
    with torch.device("meta"):
        assert parameters(Cfcm()) == pytest.approx(49.2e6, rel=1e-3)


def test_its_maps_have_the_papers_shapes() -> None:
    with torch.device("meta"):
        network = Cfcm()
        shapes: list[tuple[int, ...]] = []
        for memory in network.memories:
            memory.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output[1].shape[1:])))
        assert tuple(network(torch.zeros(1, 1, 256, 256)).shape) == (1, 1, 256, 256)
    assert shapes == [(512, 16, 16)] * 3 + [(256, 32, 32)] * 6 + [(128, 64, 64)] * 4 + [(64, 128, 128)] * 3


def test_the_compact_variant_fits_fifteen_megabytes_of_float16() -> None:
    assert 2 * parameters(compact_network()) < 15e6
    (weights,) = weights_of(CARDS["relaxometry"])
    assert weights.path.stat().st_size < 15e6


def test_both_backends_give_the_same_logits() -> None:
    (weights,) = weights_of(CARDS["relaxometry"])
    image = np.random.default_rng(1).normal(size=(1, 1, 64, 128)).astype(np.float32)
    one, other = (
        open_network(weights, Inference(device="cpu", backend=backend, threads=1))(image)
        for backend in ("onnxruntime", "torch")
    )
    assert one.shape == (1, 9, 64, 128)
    assert np.abs(one - other).max() < 1e-3 * np.abs(one).max()


def test_the_recipe_learns_on_the_grid_that_serving_uses(tmp_path: Path) -> None:
    found = recipe(minutes=1)
    assert isinstance(found, Recipe)
    assert found.working_mm == 1.0
    assert all(rows % 16 == 0 and columns % 16 == 0 for rows, columns in found.shapes)
