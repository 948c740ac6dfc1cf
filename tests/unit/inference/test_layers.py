"""Building blocks do what the ready-made ones they replace do."""

import pytest

torch = pytest.importorskip("torch", reason="training and the torch backend need the train extra")

from inference.layers import WindowAttention, adaptive_average  # noqa: E402 - after the skip


@pytest.mark.parametrize("bins", [1, 2, 3, 6])
@pytest.mark.parametrize("size", [(20, 28), (7, 9), (6, 6)])
def test_adaptive_average_is_torchs_adaptive_pooling(bins: int, size: tuple[int, int]) -> None:
    source = torch.randn(2, 3, *size)
    wanted = torch.nn.functional.adaptive_avg_pool2d(source, bins)
    assert torch.allclose(adaptive_average(source, bins), wanted, atol=1e-5)


def influence(*, shifted: bool, at: tuple[int, int]) -> set[tuple[int, int]]:
    """Tokens of a 16 x 16 map that the token at `at` can see."""
    torch.manual_seed(0)
    layer = WindowAttention(4, window=8, heads=1, head_channels=4, shifted=shifted)
    tokens = torch.randn(1, 16, 16, 4, requires_grad=True)
    layer(tokens)[0, at[0], at[1]].sum().backward()
    assert tokens.grad is not None
    return {(int(r), int(c)) for r, c in torch.nonzero(tokens.grad[0].abs().sum(-1) > 1e-12)}


def test_a_token_sees_its_own_window_only() -> None:
    assert influence(shifted=False, at=(0, 0)) == {(r, c) for r in range(8) for c in range(8)}


def test_shifted_windows_reach_over_the_border_of_the_regular_ones() -> None:
    assert influence(shifted=True, at=(8, 8)) == {(r, c) for r in range(4, 12) for c in range(4, 12)}


def test_shifted_windows_do_not_reach_round_the_edge_of_the_image() -> None:
    assert influence(shifted=True, at=(0, 0)) == {(r, c) for r in range(4) for c in range(4)}
