"""A trained network as the one file that is served: ONNX, float16 initialisers, torch's names. Talks to: disk."""

import hashlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import nn

OPSET = 18
INDEX = "index.json"


def export(
    network: nn.Module, path: Path, *, facts: Mapping[str, str], example: tuple[int, int, int] = (1, 320, 256)
) -> str:
    """Writes path and enters its sha256 in index.json beside it; answers the sha256.

    facts go into the file's metadata: what the torch backend needs to build the same network.
    example: channels, rows, columns of an image. Batch may vary, and rows and columns too where the output has them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    _trace(network, draft, example=torch.zeros(1, *example))
    model = onnx.load(draft)
    draft.unlink()
    aliases = _aliases(model, network)
    halve(model)
    helper.set_model_props(model, {**facts, "aliases": json.dumps(aliases)})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return _enter(path)


def _trace(network: nn.Module, path: Path, *, example: torch.Tensor) -> None:
    with torch.no_grad():
        is_map = network.eval()(example).dim() == example.dim()
    axes = {0: "batch", 2: "rows", 3: "columns"} if is_map else {0: "batch"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter warns of itself and of each shape it follows
        torch.onnx.export(
            network,
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": axes, "logits": axes},
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
        )


def _aliases(model: ModelProto, network: nn.Module) -> dict[str, str]:
    """The exporter writes equal tensors once: which parameter names it dropped, and which name stands for each."""
    kept = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    values = {name: value.numpy() for name, value in network.state_dict().items() if value.dtype.is_floating_point}
    return {
        name: next(other for other, array in kept.items() if np.array_equal(array, value))
        for name, value in values.items()
        if name not in kept
    }


def halve(model: ModelProto) -> None:
    """Matrices and kernels become float16 with a Cast before their use; vectors stay float32."""
    casts: list[NodeProto] = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) < 2:
            continue
        name, wide = tensor.name, f"{tensor.name}::float32"
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [wide], to=TensorProto.FLOAT))
        for node in model.graph.node:
            for place, used in enumerate(node.input):
                if used == name:
                    node.input[place] = wide
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _enter(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    index = path.parent / INDEX
    known: dict[str, str] = json.loads(index.read_text()) if index.exists() else {}
    index.write_text(json.dumps(dict(sorted((known | {path.name: digest}).items())), indent=2) + "\n")
    return digest
