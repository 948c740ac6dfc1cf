"""Whether a network answers on another device as it does on the CPU. Talks to: disk, GPU."""

from collections.abc import Sequence

import numpy as np

from inference.runtime import Image, Network, OnnxNetwork, Weights

FREE_SIDE = 256  # rows and columns of a network that takes any
LARGEST_SHARE = 1e-3  # of the largest logit: what rounding in another order explains
_SEED = 1


def difference_from_cpu(weights: Weights, device: str) -> float:
    """Largest difference of any logit from the CPU's, as a share of the CPU's largest, for one image of noise.

    Raises WeightsUnusable where the file is not what it should be or ONNX Runtime has no such device,
    DeviceExhausted where the device has no room.
    """
    reference = OnnxNetwork(weights, device="cpu", threads=0)
    other = OnnxNetwork(weights, device=device, threads=0)
    return largest_difference(reference, other, _noise(reference.input_shape))


def largest_difference(reference: Network, other: Network, image: Image) -> float:
    """As a share of the reference's largest logit."""
    wanted, found = reference(image), other(image)
    return float(np.abs(found - wanted).max() / max(float(np.abs(wanted).max()), 1e-6))


def _noise(shape: Sequence[int | str | None]) -> Image:
    """What a file leaves open: one image, sides that every network's stride divides."""
    batch, *rest = shape
    sides = [side if isinstance(side, int) else FREE_SIDE for side in rest]
    count = batch if isinstance(batch, int) else 1
    return np.random.default_rng(_SEED).normal(size=(count, *sides)).astype(np.float32)
