"""ResNet-50 shared by the heads of Su 2022: herniation, canal, left root, right root. Pure. Needs torch.

Shapes are (batch, channels, rows, columns) at width 1.0 for an input of 192 x 192. The paper has three heads, ours
grades the roots of each side. `width` scales every channel count; 1.0 is the paper.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.layers import Bottleneck, ConvNormAct

HEADS, GRADES = 4, 4
BLOCKS = (3, 4, 6, 3)


def scaled(channels: int, width: float) -> int:
    """channels times width, at least 4 and a multiple of 4."""
    return max(4, round(channels * width / 4) * 4)


class GradingNet(nn.Module):
    """Image (batch, 1, rows, columns) -> logits (batch, HEADS * GRADES), head by head."""

    def __init__(self, *, width: float = 1.0, image_channels: int = 1) -> None:
        super().__init__()
        inputs = scaled(64, width)
        self.stem = ConvNormAct(image_channels, inputs, kernel=7, stride=2)
        layers = []
        for planes, count, stride in zip((64, 128, 256, 512), BLOCKS, (1, 2, 2, 2), strict=True):
            inner = scaled(planes, width)
            first = Bottleneck(inputs, inner, stride=stride)
            layers.append(nn.Sequential(first, *(Bottleneck(4 * inner, inner) for _ in range(count - 1))))
            inputs = 4 * inner
        self.layer1, self.layer2, self.layer3, self.layer4 = layers
        self.channels = inputs
        self.heads = nn.ModuleList(nn.Linear(inputs, GRADES) for _ in range(HEADS))

    def features(self, image: Tensor) -> Tensor:
        stem = functional.max_pool2d(self.stem(image), 3, 2, 1)  # 64, 48, 48
        layer2 = self.layer2(self.layer1(stem))  # 512, 24, 24
        layer4: Tensor = self.layer4(self.layer3(layer2))  # 2048, 6, 6
        return layer4.mean(dim=(2, 3))  # 2048

    def grade(self, features: Tensor) -> Tensor:
        return torch.cat([head(features) for head in self.heads], dim=1)  # 16

    def forward(self, image: Tensor) -> Tensor:
        return self.grade(self.features(image))
