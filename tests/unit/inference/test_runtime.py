"""Weights are known by hash; both backends give the same; a device without memory is left for the CPU."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from config.settings import Inference
from inference.disc_quantification.method import CARD
from inference.errors import DeviceExhausted, InputUnsuitable, WeightsUnusable
from inference.registry import weights_of
from inference.runtime import Falling, OnnxNetwork, Weights, find_weights, open_network

Image = NDArray[np.float32]


@pytest.fixture(scope="module")
def weights() -> Weights:
    (found,) = weights_of(CARD)
    return found


@pytest.fixture(scope="module")
def image() -> Image:
    return np.random.default_rng(1).normal(size=(1, 1, 128, 192)).astype(np.float32)


@pytest.fixture(scope="module")
def network(weights: Weights) -> OnnxNetwork:
    return OnnxNetwork(weights, device="cpu", threads=1)


def test_the_shipped_file_is_small_and_the_one_that_the_index_names(weights: Weights) -> None:
    assert weights.path.stat().st_size < 15e6
    assert len(weights.sha256) == 64


def test_a_file_with_other_bytes_is_refused(weights: Weights, tmp_path: Path) -> None:
    shutil.copy(weights.path.parent / "index.json", tmp_path)
    (tmp_path / weights.name).write_bytes(weights.path.read_bytes()[:-1])
    with pytest.raises(WeightsUnusable, match="sha256"):
        open_network(find_weights(tmp_path, weights.name), Inference(device="cpu"))


def test_a_file_that_is_missing_or_not_listed_is_refused(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match="index"):
        find_weights(tmp_path, weights.name)
    (tmp_path / "index.json").write_text("{}")
    with pytest.raises(WeightsUnusable, match="no such"):
        find_weights(tmp_path, weights.name)


def test_a_named_device_that_is_not_there_is_told(weights: Weights) -> None:
    with pytest.raises(WeightsUnusable, match="CUDA"):
        open_network(weights, Inference(device="cuda"))


def test_one_input_gives_one_result_bit_for_bit(network: OnnxNetwork, image: Image) -> None:
    assert np.array_equal(network(image), network(image))


def test_an_image_the_network_cannot_take_is_refused(network: OnnxNetwork) -> None:
    with pytest.raises(InputUnsuitable, match="shape"):
        network(np.zeros((1, 3, 128, 128), np.float32))


def test_torch_gives_what_onnx_runtime_gives_from_the_same_file(
    weights: Weights, network: OnnxNetwork, image: Image
) -> None:
    pytest.importorskip("torch", reason="the torch backend needs the train extra")
    other = open_network(weights, Inference(device="cpu", backend="torch", threads=1))
    assert np.abs(other(image) - network(image)).max() < 1e-3


def exhausted(_image: Image) -> Image:
    raise DeviceExhausted("no memory left")


def doubled(image: Image) -> Image:
    return 2 * image


def test_a_device_without_memory_is_left_for_good(image: Image) -> None:
    calls: Iterator[int] = iter(range(9))

    def first(_image: Image) -> Image:
        next(calls)
        raise DeviceExhausted("no memory left")

    falling = Falling(first=first, make_second=lambda: doubled)
    assert np.array_equal(falling(image), 2 * image)
    assert np.array_equal(falling(image), 2 * image)
    assert next(calls) == 1


def test_where_the_second_has_no_memory_either_it_is_told(image: Image) -> None:
    with pytest.raises(DeviceExhausted):
        Falling(first=exhausted, make_second=lambda: exhausted)(image)
