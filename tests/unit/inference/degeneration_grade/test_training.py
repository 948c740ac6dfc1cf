"""Temperature, exports and figures: what stands between training and what is served."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra")

from config.settings import Inference  # noqa: E402 - after the skip
from inference.degeneration_grade.figures import draw_figures  # noqa: E402 - after the skip
from inference.degeneration_grade.network import AttentionVGG11, UNet  # noqa: E402 - after the skip
from inference.degeneration_grade.recipe import by_torch, temperature  # noqa: E402 - after the skip
from inference.runtime import find_weights, open_network  # noqa: E402 - after the skip
from inference.training.export import export  # noqa: E402 - after the skip
from tests.unit.inference.degeneration_grade.test_scores import ROWS  # noqa: E402 - after the skip


def test_too_sure_a_network_is_cooled_and_too_shy_a_one_is_heated() -> None:
    rng = np.random.default_rng(1)
    grades = rng.integers(1, 6, 400)
    honest = np.log(np.where(np.arange(1, 6) == grades[:, None], 0.6, 0.1))
    told = rng.permuted(honest, axis=1)
    mixed = np.where(rng.random((400, 1)) < 0.6, honest, told).astype(np.float32)
    assert temperature(mixed * 4, grades) > 1.5 * temperature(mixed, grades)


@pytest.mark.parametrize(
    ("network", "example"),
    [
        (AttentionVGG11(width=0.0625, classes=5, hidden=0, shrink=2), (2, 128, 256)),
        (UNet(width=0.0625, classes=9), (1, 64, 96)),
    ],
)
def test_the_exported_file_answers_as_the_network_does(
    tmp_path: Path, network: torch.nn.Module, example: tuple[int, int, int]
) -> None:
    export(network, tmp_path / "network.onnx", facts={"architecture": "any"}, example=example)
    served = open_network(find_weights(tmp_path, "network.onnx"), Inference(device="cpu", threads=1))
    image = np.random.default_rng(1).standard_normal((2, *example)).astype(np.float32)
    assert np.allclose(served(image), by_torch(network.eval())(image), atol=2e-2)


def test_three_figures_are_drawn(tmp_path: Path) -> None:
    draw_figures({"one": np.tile(ROWS, (4, 1))}, tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"confusion.png", "calibration.png", "roc.png"}
