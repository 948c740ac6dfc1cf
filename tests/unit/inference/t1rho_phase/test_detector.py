"""YOLOv7 is the paper's figure at width 1, and one convolution per RepConv when it is served."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training and the torch backend need the train extra")

from inference.t1rho_phase.detector import FusedConv, RepConv, YoloV7  # noqa: E402 - after the skip
from inference.t1rho_phase.detector_loss import assign, boxes_of, detection_loss  # noqa: E402 - after the skip
from inference.t1rho_phase.detector_training import compact_detector  # noqa: E402 - after the skip
from inference.t1rho_phase.postprocess import grid_of  # noqa: E402 - after the skip


def parameters(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def test_at_width_one_it_has_the_papers_parameters() -> None:
    with torch.device("meta"):
        assert parameters(YoloV7(image_channels=3, fused=True)) == pytest.approx(36.5e6, rel=2e-3)


def test_the_papers_maps_have_the_papers_shapes() -> None:
    with torch.device("meta"):
        network = YoloV7(image_channels=3)
        shapes: list[tuple[int, ...]] = []
        for each in network.rep:
            each.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape[1:])))
        logits = network(torch.zeros(1, 3, 640, 640))
    assert shapes == [(256, 80, 80), (512, 40, 40), (1024, 20, 20)]
    assert tuple(logits.shape) == (1, 3 * (80**2 + 40**2 + 20**2), 10)


def test_the_compact_variant_fits_fifteen_megabytes_of_float16() -> None:
    assert 2 * parameters(compact_detector()) < 15e6


def test_a_fused_repconv_answers_as_before() -> None:
    torch.manual_seed(1)
    rep = RepConv(4, 6)
    for norm in (rep.wide_norm, rep.point_norm):
        torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
        torch.nn.init.normal_(norm.bias)
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)
    image = torch.randn(2, 4, 9, 7)
    with torch.inference_mode():
        assert torch.allclose(rep.eval()(image), rep.fuse()(image), atol=1e-5)


def test_a_fused_network_fills_one_that_is_built_for_serving() -> None:
    fused = compact_detector().fuse()
    assert all(isinstance(each, FusedConv) for each in fused.rep)
    YoloV7(width=0.25, classes=2, fused=True).load_state_dict(fused.state_dict())


def planted(side: int = 64) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A box and logits that say nothing yet."""
    grid = torch.from_numpy(grid_of(side).astype(np.float32))
    logits = torch.zeros(1, len(grid), 7)
    logits[..., 4] = -6.0
    return grid, logits, torch.tensor([[0.0, 1.0, 10.0, 22.0, 52.0, 40.0]])


def test_a_box_is_answered_for_by_cells_about_its_middle() -> None:
    grid, logits, targets = planted()
    cells, owners = assign(logits[0], boxes_of(logits, grid)[0], targets[:, 1:], grid)
    middles = (grid[cells, :2] + 0.5) * grid[cells, 2:3]
    assert len(cells) >= 1
    assert (owners == 0).all()
    assert ((middles - torch.tensor([31.0, 31.0])).abs() <= grid[cells, 2:3]).all()


def test_the_loss_falls_when_the_network_says_what_is_there() -> None:
    grid, logits, targets = planted()
    before = detection_loss(logits, targets, grid)
    cells, _ = assign(logits[0], boxes_of(logits, grid)[0], targets[:, 1:], grid)
    told = logits.clone()
    told[0, cells, 4] = 4.0
    told[0, cells, 5:] = torch.tensor([-4.0, 4.0])
    assert detection_loss(told, targets, grid) < before


def test_an_image_without_discs_has_a_loss_too() -> None:
    grid, logits, _ = planted()
    assert torch.isfinite(detection_loss(logits, torch.zeros(0, 6), grid))
