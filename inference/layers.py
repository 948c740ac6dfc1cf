"""Building blocks that several networks share. Pure. Needs torch."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def resize_like(source: Tensor, target: Tensor) -> Tensor:
    """source brought to the rows and columns of target, bilinear, corners not aligned."""
    if source.shape[2:] == target.shape[2:]:
        return source
    return functional.interpolate(source, size=target.shape[2:], mode="bilinear", align_corners=False)


def adaptive_average(source: Tensor, bins: int) -> Tensor:
    """(batch, channels, bins, bins): means over bins that tile the map as adaptive_avg_pool2d does.

    Written as two products, because ONNX has no adaptive pooling for sizes not known at export.
    """
    rows = _bin_means(source.shape[2], bins, source)
    columns = _bin_means(source.shape[3], bins, source)
    return torch.matmul(torch.matmul(rows, source), columns.transpose(0, 1))


def _bin_means(length: int, bins: int, like: Tensor) -> Tensor:
    position = torch.arange(length, device=like.device)
    index = torch.arange(bins, device=like.device).unsqueeze(1)
    first = torch.div(index * length, bins, rounding_mode="floor")
    last = torch.div((index + 1) * length + bins - 1, bins, rounding_mode="floor")
    inside = ((position >= first) & (position < last)).to(like.dtype)
    return inside / inside.sum(dim=1, keepdim=True)


class ConvNormAct(nn.Module):
    """Convolution that keeps the size at stride 1, batch norm, ReLU (or none)."""

    def __init__(  # noqa: PLR0913 - a convolution is these numbers
        self, inputs: int, outputs: int, *, kernel: int, stride: int = 1, dilation: int = 1, act: bool = True
    ) -> None:
        super().__init__()
        pad = dilation * (kernel - 1) // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, pad, dilation, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = nn.ReLU(inplace=True) if act else nn.Identity()

    def forward(self, source: Tensor) -> Tensor:
        return torch.as_tensor(self.act(self.norm(self.conv(source))))


class Bottleneck(nn.Module):
    """ResNet's 1 x 1, 3 x 3, 1 x 1 with four times the inner channels out."""

    def __init__(self, inputs: int, inner: int, *, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        outputs = 4 * inner
        self.reduce = ConvNormAct(inputs, inner, kernel=1)
        self.spatial = ConvNormAct(inner, inner, kernel=3, stride=stride, dilation=dilation)
        self.expand = ConvNormAct(inner, outputs, kernel=1, act=False)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else ConvNormAct(inputs, outputs, kernel=1, stride=stride, act=False)

    def forward(self, source: Tensor) -> Tensor:
        return functional.relu(self.expand(self.spatial(self.reduce(source))) + self.shortcut(source))


class WindowAttention(nn.Module):
    """Self-attention inside windows of `window` x `window` tokens, shifted by half a window or not.

    Tokens are (batch, rows, columns, channels); rows and columns divide by the window.
    """

    offset: Tensor

    def __init__(self, channels: int, *, window: int, heads: int, head_channels: int, shifted: bool) -> None:
        super().__init__()
        self.window, self.heads, self.head_channels, self.shift = window, heads, head_channels, window // 2 * shifted
        self.qkv = nn.Linear(channels, 3 * heads * head_channels, bias=False)
        self.out = nn.Linear(heads * head_channels, channels)
        self.position = nn.Parameter(torch.zeros(2 * window - 1, 2 * window - 1))
        steps = torch.arange(window)
        cell = torch.stack(torch.meshgrid(steps, steps, indexing="ij"), dim=-1).reshape(-1, 2)
        self.register_buffer("offset", cell[None] - cell[:, None] + window - 1, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, rows, columns, _ = tokens.shape
        if self.shift:
            tokens = torch.roll(tokens, (-self.shift, -self.shift), (1, 2))
        size, down, across = self.window, rows // self.window, columns // self.window
        qkv = self.qkv(tokens).reshape(batch, down, size, across, size, 3, self.heads, self.head_channels)
        query, key, value = qkv.permute(5, 0, 1, 3, 6, 2, 4, 7).reshape(
            3, batch, down * across, self.heads, size * size, self.head_channels
        )  # each (batch, windows, heads, tokens, head channels)
        scores = query @ key.transpose(-2, -1) * self.head_channels**-0.5
        scores = scores + self.position[self.offset[..., 0], self.offset[..., 1]]
        if self.shift:
            scores = scores + self._wrapped(down, across, scores)
        mixed = scores.softmax(dim=-1) @ value
        mixed = mixed.reshape(batch, down, across, self.heads, size, size, self.head_channels)
        mixed = mixed.permute(0, 1, 4, 2, 5, 3, 6).reshape(batch, rows, columns, self.heads * self.head_channels)
        result = torch.as_tensor(self.out(mixed))
        return torch.roll(result, (self.shift, self.shift), (1, 2)) if self.shift else result

    def _wrapped(self, down: int, across: int, like: Tensor) -> Tensor:
        """-1e4 between tokens that only the roll has made neighbours; (windows, 1, tokens, tokens)."""
        turned = torch.arange(self.window, device=like.device) >= self.window - self.shift
        lower = turned & (torch.arange(down, device=like.device) == down - 1)[:, None]  # (down, window)
        right = turned & (torch.arange(across, device=like.device) == across - 1)[:, None]
        region = 2 * lower[:, None, :, None].to(like.dtype) + right[None, :, None, :].to(like.dtype)
        region = region.reshape(down * across, self.window * self.window)
        apart = region[:, :, None] != region[:, None, :]
        return (apart.to(like.dtype) * -1e4)[:, None]


class SwinBlock(nn.Module):
    def __init__(self, channels: int, *, window: int, heads: int, head_channels: int, shifted: bool) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(channels)
        self.attention = WindowAttention(
            channels, window=window, heads=heads, head_channels=head_channels, shifted=shifted
        )
        self.norm_mlp = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(nn.Linear(channels, 4 * channels), nn.GELU(), nn.Linear(4 * channels, channels))

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attention(self.norm_attention(tokens))
        return torch.as_tensor(tokens + self.mlp(self.norm_mlp(tokens)))


class SwinPair(nn.Module):
    """A linear embedding, then a regular and a shifted Swin block; (batch, channels, rows, columns) in and out."""

    def __init__(self, inputs: int, channels: int, *, window: int, heads: int, head_channels: int) -> None:
        super().__init__()
        self.embed = nn.Linear(inputs, channels)
        self.regular = SwinBlock(channels, window=window, heads=heads, head_channels=head_channels, shifted=False)
        self.shifted = SwinBlock(channels, window=window, heads=heads, head_channels=head_channels, shifted=True)

    def forward(self, source: Tensor) -> Tensor:
        tokens = self.embed(source.permute(0, 2, 3, 1))
        return torch.as_tensor(self.shifted(self.regular(tokens)).permute(0, 3, 1, 2))
