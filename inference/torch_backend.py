"""The second backend: the same numbers, read from the same ONNX file, run by torch. Talks to: disk, GPU.

Imported by name only (inference.runtime), because a serving install has no torch.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper
from torch import nn

from inference.axial_grading.network import GradingNet
from inference.degeneration_grade.network import Committee, UNet
from inference.disc_quantification.network import BianqueNet
from inference.errors import DeviceExhausted, WeightsUnusable
from inference.relaxometry.network import Cfcm
from inference.runtime import Weights, verified
from inference.t1rho_phase.detector import YoloV7
from inference.t1rho_phase.network import GaussianSvm, WideResNet

ARCHITECTURES: Mapping[str, Callable[..., nn.Module]] = {
    "BianqueNet": BianqueNet,
    "CFCM": Cfcm,
    "Committee": Committee,
    "GaussianSvm": GaussianSvm,
    "GradingNet": GradingNet,
    "UNet": UNet,
    "WideResNet": WideResNet,
    "YoloV7": YoloV7,
}


class TorchNetwork:
    """Built from the facts in the file's metadata, filled with its initialisers."""

    def __init__(self, weights: Weights, *, device: str, threads: int) -> None:
        network = restored(weights)
        self._name = weights.name
        self._device = torch.device("cuda" if device in {"cuda", "auto"} and torch.cuda.is_available() else "cpu")
        self._network = network.eval().to(self._device)
        if threads:
            torch.set_num_threads(threads)

    @torch.inference_mode()
    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            logits = self._network(torch.from_numpy(image).to(self._device))
        except torch.OutOfMemoryError as cause:
            raise DeviceExhausted(f"{self._name}: the device has no memory left") from cause
        return np.asarray(logits.float().cpu().numpy(), np.float32)


def restored(weights: Weights) -> nn.Module:
    """The network that the file holds, on the CPU. Raises WeightsUnusable."""
    model = onnx.load_from_string(verified(weights))
    network = _built(model, weights.name)
    network.load_state_dict(_state(model), strict=True)
    return network


def _facts(model: ModelProto) -> dict[str, str]:
    return {each.key: each.value for each in model.metadata_props}


def _built(model: ModelProto, name: str) -> nn.Module:
    facts = _facts(model)
    if facts.get("architecture") not in ARCHITECTURES:
        raise WeightsUnusable(f"{name}: its metadata name no architecture that the torch backend knows")
    arguments: dict[str, Any] = json.loads(facts["arguments"])
    return ARCHITECTURES[facts["architecture"]](**arguments)


def _state(model: ModelProto) -> dict[str, torch.Tensor]:
    """The exporter writes equal tensors once; `aliases` in the metadata says which names were dropped."""
    found = {each.name: numpy_helper.to_array(each).astype(np.float32) for each in model.graph.initializer}
    aliases: dict[str, str] = json.loads(_facts(model).get("aliases", "{}"))
    found |= {dropped: found[kept] for dropped, kept in aliases.items()}
    state = {name: torch.from_numpy(np.array(values)) for name, values in found.items()}
    counters = {f"{name.removesuffix('running_mean')}num_batches_tracked" for name in state if "running_mean" in name}
    return state | {name: torch.tensor(0) for name in counters}
