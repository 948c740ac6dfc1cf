"""Networks that are served: found by name, known by sha256, run by ONNX Runtime. Talks to: disk, GPU.

A second backend (inference.torch_backend) is loaded by name where a site asks for it: an install that serves
without torch never imports it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from config.settings import Inference
from inference.errors import DeviceExhausted, InputUnsuitable, WeightsUnusable

Image = NDArray[np.float32]
BACKEND_MODULES = {"torch": "inference.torch_backend"}
PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "cpu": ("CPUExecutionProvider",),
    "cuda": ("CUDAExecutionProvider", "CPUExecutionProvider"),
    "openvino": ("OpenVINOExecutionProvider", "CPUExecutionProvider"),
    "auto": ("CUDAExecutionProvider", "OpenVINOExecutionProvider", "CPUExecutionProvider"),
}
_MEMORY_WORDS = ("out of memory", "allocate memory", "bad_alloc", "bfcarena", "cuda_error_out_of_memory")


class Network(Protocol):
    """float32 (batch, channels, rows, columns) in, logits (batch, classes, rows, columns) out."""

    def __call__(self, image: Image) -> Image: ...


class Backend(Protocol):
    """Opens a network on a device of PROVIDERS."""

    def __call__(self, weights: "Weights", *, device: str, threads: int) -> Network: ...


@dataclass(frozen=True, kw_only=True)
class Weights:
    """One ONNX file and the sha256 that index.json beside it gives."""

    name: str
    path: Path
    sha256: str


def find_weights(folder: Path, name: str) -> Weights:
    """Raises WeightsUnusable if the file is not there or is not listed."""
    try:
        known: dict[str, str] = json.loads((folder / "index.json").read_text())
    except FileNotFoundError as cause:
        raise WeightsUnusable(f"{name}: no index.json beside the weights") from cause
    if name not in known or not (folder / name).is_file():
        raise WeightsUnusable(f"{name}: no such weights file, or index.json does not list it")
    return Weights(name=name, path=folder / name, sha256=known[name])


def verified(weights: Weights) -> bytes:
    """The file's bytes. Raises WeightsUnusable if their sha256 is another."""
    content = weights.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        raise WeightsUnusable(f"{weights.name}: sha256 differs from index.json")
    return content


def open_network(weights: Weights, settings: Inference) -> Network:
    """Ready to run; a network that runs out of memory on another device goes on on the CPU."""
    backend = _backend(settings.backend)

    def on(device: str) -> Network:
        return backend(weights, device=device, threads=settings.threads)

    if settings.device == "cpu":
        return on("cpu")
    return Falling(first=on(settings.device), make_second=lambda: on("cpu"))


def _backend(name: str) -> Backend:
    if name == "onnxruntime":
        return OnnxNetwork
    return cast(Backend, import_module(BACKEND_MODULES[name]).TorchNetwork)


def available_devices() -> tuple[str, ...]:
    """Devices of settings.inference.device for which ONNX Runtime has a provider here."""
    here = set(onnxruntime.get_available_providers())
    return tuple(device for device, wanted in PROVIDERS.items() if device != "auto" and wanted[0] in here)


class OnnxNetwork:
    """ONNX Runtime. threads 0: as many as the process may use. One input, one result, bit for bit on one device."""

    def __init__(self, weights: Weights, *, device: str, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or len(os.sched_getaffinity(0))
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._name = weights.name
        self._session = onnxruntime.InferenceSession(verified(weights), options, providers=_providers(device))

    @property
    def input_shape(self) -> Sequence[int | str | None]:
        """(batch, channels, rows, columns); a word or None where the file leaves a side open."""
        shape: Sequence[int | str | None] = self._session.get_inputs()[0].shape
        return shape

    def __call__(self, image: Image) -> Image:
        try:
            (logits,) = self._session.run(["logits"], {"image": image})
        except RuntimeError as cause:
            raise _told(self._name, cause) from cause
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument as cause:
            raise InputUnsuitable(f"{self._name} does not take an image of shape {image.shape}") from cause
        return np.asarray(logits, np.float32)


def _providers(device: str) -> Sequence[str]:
    """Those wanted that are installed; a site that names a device which is not there is told."""
    here = onnxruntime.get_available_providers()
    found = [provider for provider in PROVIDERS[device] if provider in here]
    if device != "auto" and PROVIDERS[device][0] not in found:
        raise WeightsUnusable(f"inference.device is {device!r}, but this ONNX Runtime has no {PROVIDERS[device][0]}")
    return found


def _told(name: str, cause: RuntimeError) -> Exception:
    if any(word in str(cause).lower() for word in _MEMORY_WORDS):
        return DeviceExhausted(f"{name}: the device has no memory left")
    return cause


class Falling:
    """The first network until its device is exhausted, then for good the second."""

    def __init__(self, *, first: Network, make_second: Callable[[], Network]) -> None:
        self._network, self._make_second = first, make_second
        self._fallen = False

    def __call__(self, image: Image) -> Image:
        try:
            return self._network(image)
        except DeviceExhausted:
            if self._fallen:
                raise
            self._network, self._fallen = self._make_second(), True
            return self._network(image)
