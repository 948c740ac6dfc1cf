"""The networks are the paper's at width 1, and small as shipped."""

import pytest

torch = pytest.importorskip("torch", reason="training and the torch backend need the train extra")

from inference.degeneration_grade.network import AttentionVGG11, Committee, UNet  # noqa: E402 - after the skip
from inference.degeneration_grade.recipe import classifier, finder  # noqa: E402 - after the skip


def parameters(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def test_at_width_one_the_classifier_has_the_93_million_parameters_of_a_vgg11_with_its_head() -> None:
    with torch.device("meta"):
        assert parameters(AttentionVGG11()) == pytest.approx(93.2e6, rel=1e-2)


def test_at_width_one_the_unet_has_31_million_parameters_and_four_levels() -> None:
    with torch.device("meta"):
        network = UNet()
        shapes: list[tuple[int, ...]] = []
        for each in network.down:
            each.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape[1:])))
        logits = network(torch.zeros(2, 1, 512, 512))
    assert parameters(network) == pytest.approx(31.0e6, rel=1e-2)
    assert shapes == [(64, 512, 512), (128, 256, 256), (256, 128, 128), (512, 64, 64), (1024, 32, 32)]
    assert tuple(logits.shape) == (2, 2, 512, 512)


@pytest.mark.parametrize("image_channels", [2, 4])
def test_at_width_one_a_cut_of_one_or_three_slices_becomes_three_groups(image_channels: int) -> None:
    with torch.device("meta"):
        logits = AttentionVGG11(image_channels=image_channels)(torch.zeros(2, image_channels, 128, 256))
    assert tuple(logits.shape) == (2, 3)


def test_the_compact_variants_fit_fifteen_megabytes_of_float16() -> None:
    assert 2 * parameters(finder()) < 15e6
    assert 2 * parameters(classifier()) < 15e6


def test_the_compact_classifier_gives_five_grades() -> None:
    with torch.inference_mode():
        assert tuple(classifier().eval()(torch.zeros(1, 2, 128, 256)).shape) == (1, 5)


def test_attention_weighs_channels_and_leaves_the_map_where_it_is() -> None:
    network = AttentionVGG11(width=0.125, hidden=0)
    source = torch.rand(1, network.head.in_features, 8, 16)
    ratio = network.attention[0](source) / source
    assert torch.allclose(ratio, ratio.mean(dim=(2, 3), keepdim=True).expand_as(ratio), atol=1e-5)


def test_a_committee_says_the_mean_of_its_members() -> None:
    committee = Committee(members=2, width=0.0625, classes=5, hidden=0, shrink=2).eval()
    cut = torch.rand(3, 2, 128, 256)
    with torch.inference_mode():
        said = [member(cut) for member in committee.members]
        assert torch.allclose(committee(cut), (said[0] + said[1]) / 2)
