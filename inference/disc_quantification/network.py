"""BianqueNet, the figure of Zheng 2022: ResNet at output stride 16, DFE, three ST-SC skips, FPN. Pure. Needs torch.

Shapes are (batch, channels, rows, columns) at width 1.0 for an input of 512 x 512. Rows and columns divide by 64.
`width` scales every channel count, `blocks` are the bottlenecks of the four ResNet layers; the defaults are the paper.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.layers import Bottleneck, ConvNormAct, SwinPair, adaptive_average, resize_like

PAPER_BLOCKS = (3, 4, 23, 3)
PAPER_CLASSES = 14


def scaled(channels: int, width: float) -> int:
    """channels times width, at least 4 and a multiple of 4."""
    return max(4, round(channels * width / 4) * 4)


class Backbone(nn.Module):
    """ResNet with layer4 dilated instead of strided; answers the taps stem, layer1, layer2, layer4."""

    def __init__(self, width: float, blocks: Sequence[int], image_channels: int) -> None:
        super().__init__()
        self.stem = ConvNormAct(image_channels, scaled(64, width), kernel=7, stride=2)
        stages = zip((64, 128, 256, 512), blocks, (1, 2, 2, 1), (1, 1, 1, 2), strict=True)
        inputs = scaled(64, width)
        layers = []
        for planes, count, stride, dilation in stages:
            inner, outer = scaled(planes, width), 4 * scaled(planes, width)
            first = Bottleneck(inputs, inner, stride=stride, dilation=1 if stride > 1 else dilation)
            rest = [Bottleneck(outer, inner, dilation=dilation) for _ in range(count - 1)]
            layers.append(nn.Sequential(first, *rest))
            inputs = outer
        self.layer1, self.layer2, self.layer3, self.layer4 = layers

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        stem = self.stem(image)  # 64, 256, 256
        layer1 = self.layer1(functional.max_pool2d(stem, 3, 2, 1))  # 256, 128, 128
        layer2 = self.layer2(layer1)  # 512, 64, 64
        layer4 = self.layer4(self.layer3(layer2))  # 2048, 32, 32
        return stem, layer1, layer2, layer4


class PyramidPooling(nn.Module):
    """The map beside its own averages over 1, 2, 3 and 6 bins a side."""

    bins = (1, 2, 3, 6)

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(ConvNormAct(channels, channels // 4, kernel=1) for _ in self.bins)

    def forward(self, deep: Tensor) -> Tensor:
        pooled = [
            resize_like(branch(adaptive_average(deep, count)), deep)
            for branch, count in zip(self.branches, self.bins, strict=True)
        ]
        return torch.cat([deep, *pooled], dim=1)  # 4096, 32, 32


class AtrousPyramid(nn.Module):
    """1 x 1, three dilated 3 x 3 and the image mean, joined and projected."""

    rates = (6, 12, 18)

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.point = ConvNormAct(channels, out, kernel=1)
        self.dilated = nn.ModuleList(ConvNormAct(channels, out, kernel=3, dilation=rate) for rate in self.rates)
        self.image = ConvNormAct(channels, out, kernel=1)
        self.project = ConvNormAct(5 * out, out, kernel=1)

    def forward(self, pyramid: Tensor) -> Tensor:
        image = resize_like(self.image(pyramid.mean(dim=(2, 3), keepdim=True)), pyramid)
        joined = [self.point(pyramid), *(branch(pyramid) for branch in self.dilated), image]
        projected: Tensor = self.project(torch.cat(joined, dim=1))
        return projected  # 256, 32, 32


class SwinSkip(nn.Module):
    """ST-SC: a tap by 1 x 1 convolution and by a Swin pair, both laid beside the deeper map brought to its size."""

    def __init__(self, tap: int, out: int, *, heads: int, head_channels: int) -> None:
        super().__init__()
        self.convolution = ConvNormAct(tap, out, kernel=1)
        self.swin = SwinPair(tap, out, window=8, heads=heads, head_channels=head_channels)

    def forward(self, tap: Tensor, deeper: Tensor) -> Tensor:
        return torch.cat([resize_like(deeper, tap), self.convolution(tap), self.swin(tap)], dim=1)


class BianqueNet(nn.Module):
    """Image (batch, image_channels, rows, columns) -> logits (batch, classes, rows, columns)."""

    def __init__(
        self,
        *,
        width: float = 1.0,
        blocks: Sequence[int] = PAPER_BLOCKS,
        classes: int = PAPER_CLASSES,
        image_channels: int = 1,
    ) -> None:
        super().__init__()
        taps = (4 * scaled(128, width), 4 * scaled(64, width), scaled(64, width))
        skips = [scaled(channels, width) for channels in (32, 16, 4)]
        deep = scaled(256, width)
        maps = [deep + 2 * sum(skips[:count]) for count in range(4)]
        self.backbone = Backbone(width, blocks, image_channels)
        bottom = 4 * scaled(512, width)
        self.pooling = PyramidPooling(bottom)
        self.atrous = AtrousPyramid(2 * bottom, deep)
        self.skips = nn.ModuleList(
            SwinSkip(tap, skip, heads=3, head_channels=scaled(32, width)) for tap, skip in zip(taps, skips, strict=True)
        )
        self.pyramid = nn.ModuleList(ConvNormAct(channels, channels, kernel=3) for channels in maps[1:])
        self.merge = ConvNormAct(sum(maps), deep, kernel=3)
        self.classify = nn.Conv2d(deep, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        stem, layer1, layer2, layer4 = self.backbone(image)
        deep = self.atrous(self.pooling(layer4))  # 256, 32, 32
        maps = [deep]
        for skip, tap in zip(self.skips, (layer2, layer1, stem), strict=True):
            maps.append(skip(tap, maps[-1]))  # 320, 64, 64 | 352, 128, 128 | 360, 256, 256
        finished = [deep, *(smooth(each) for smooth, each in zip(self.pyramid, maps[1:], strict=True))]
        merged = self.merge(torch.cat([resize_like(each, stem) for each in finished], dim=1))  # 1288 -> 256, 256, 256
        logits: Tensor = self.classify(merged)
        return resize_like(logits, image)  # classes, 512, 512
