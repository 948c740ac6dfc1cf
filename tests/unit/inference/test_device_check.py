"""A device is compared with the CPU before a site trusts it."""

import numpy as np
import pytest

from inference.device_check import difference_from_cpu, largest_difference
from inference.errors import WeightsUnusable
from inference.registry import CARDS, weights_of
from inference.runtime import Weights, available_devices

EVERY_NETWORK = [weights for card in CARDS.values() for weights in weights_of(card)]


@pytest.mark.parametrize("weights", EVERY_NETWORK, ids=lambda weights: weights.name)
def test_every_shipped_network_takes_the_image_that_it_is_compared_with(weights: Weights) -> None:
    assert difference_from_cpu(weights, "cpu") == 0


def test_the_difference_is_told_as_a_share_of_the_largest_logit() -> None:
    image = np.array([[1.0, -4.0]], np.float32)
    assert largest_difference(lambda each: each, lambda each: each + np.float32(0.2), image) == pytest.approx(0.05)


def test_a_device_that_is_not_here_is_named() -> None:
    missing = next(device for device in ("cuda", "openvino") if device not in available_devices())
    with pytest.raises(WeightsUnusable, match=missing):
        difference_from_cpu(EVERY_NETWORK[0], missing)
