"""Both backends read the same numbers from the same files."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the torch backend needs the train extra")

from inference.registry import weights_of
from inference.runtime import OnnxNetwork
from inference.t1rho_phase.method import CARD
from inference.torch_backend import TorchNetwork

SHAPES = {"yolov7_compact.onnx": (1, 320, 320), "wrn22_compact.onnx": (1, 64, 128), "gaussian_svm.onnx": (1, 1, 3)}


@pytest.mark.parametrize("number", range(len(CARD.weights)))
def test_torch_answers_as_onnx_runtime_does(number: int) -> None:
    weights = weights_of(CARD)[number]
    drawn = np.random.default_rng(1).normal(0, 1, (2, *SHAPES[weights.name])).astype(np.float32)
    image = 90 + 20 * drawn if weights.name.startswith("gaussian") else drawn
    ours, theirs = (kind(weights, device="cpu", threads=1)(image) for kind in (OnnxNetwork, TorchNetwork))
    assert np.allclose(ours, theirs, atol=2e-3)
