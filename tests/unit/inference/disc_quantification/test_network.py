"""The network is the paper's figure at width 1, and small as shipped."""

import pytest

torch = pytest.importorskip("torch", reason="training and the torch backend need the train extra")

from inference.disc_quantification.network import BianqueNet  # noqa: E402 - after the skip
from inference.disc_quantification.recipe import compact_network  # noqa: E402 - after the skip


def parameters(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def test_at_width_one_it_has_the_papers_parameters() -> None:
    with torch.device("meta"):
        assert parameters(BianqueNet()) == pytest.approx(83.7e6, rel=1e-3)


def test_the_papers_maps_have_the_papers_shapes() -> None:
    with torch.device("meta"):
        network = BianqueNet()
        shapes: list[tuple[int, ...]] = []
        for each in (*network.skips, network.merge):
            each.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape[1:])))
        logits = network(torch.zeros(2, 1, 512, 512))
    assert tuple(logits.shape) == (2, 14, 512, 512)
    assert shapes == [(320, 64, 64), (352, 128, 128), (360, 256, 256), (256, 256, 256)]


def test_the_compact_variant_fits_fifteen_megabytes_of_float16() -> None:
    assert 2 * parameters(compact_network()) < 15e6


def test_any_image_whose_sides_divide_by_64_keeps_its_size() -> None:
    network = compact_network().eval()
    with torch.inference_mode():
        assert tuple(network(torch.zeros(1, 1, 128, 192)).shape) == (1, 9, 128, 192)
