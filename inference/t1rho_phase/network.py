"""The wide residual network of depth 22 (arXiv 1605.07146, as Li 2024 uses it) and the Gaussian SVM after it. Pure.

Needs torch. Shapes are (channels, rows, columns) for a disc cut of 64 x 128 at widening 8, which Li 2024 does not give
and the figures here assume. Depth is 6 n + 4 with n = 3 blocks in each of three groups.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS, PAPER_WIDENING, VALUES, PHASES = 3, 8, 3, 3


class WideBlock(nn.Module):
    """Batch norm and ReLU before each of two 3 x 3 convolutions, beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, *, stride: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        same = inputs == outputs and stride == 1
        self.shortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, source: Tensor) -> Tensor:
        ready = functional.relu(self.norm1(source))
        beside = source if self.shortcut is None else self.shortcut(ready)
        deep = self.conv2(functional.relu(self.norm2(self.conv1(ready))))
        return torch.as_tensor(deep + beside)


class WideResNet(nn.Module):
    """Disc cut (batch, 1, 64, 128) -> (batch, 3): T1rho minimum, maximum, mean, standardised (postprocess.in_ms).

    stem_stride 2 halves the cut first: the compact variant.
    """

    def __init__(self, *, widening: int = PAPER_WIDENING, stem_stride: int = 1, image_channels: int = 1) -> None:
        super().__init__()
        widths = [16 * widening, 32 * widening, 64 * widening]
        self.stem = nn.Conv2d(image_channels, 16, 3, stem_stride, 1, bias=False)
        self.groups = nn.ModuleList()
        inputs = 16
        for width, stride in zip(widths, (1, 2, 2), strict=True):
            first = WideBlock(inputs, width, stride=stride)
            rest = [WideBlock(width, width, stride=1) for _ in range(BLOCKS - 1)]
            self.groups.append(nn.Sequential(first, *rest))
            inputs = width
        self.norm = nn.BatchNorm2d(inputs)
        self.values = nn.Linear(inputs, VALUES)

    def forward(self, image: Tensor) -> Tensor:
        deep = self.stem(image)  # 16, 64, 128
        for group in self.groups:
            deep = group(deep)  # 128, 64, 128 | 256, 32, 64 | 512, 16, 32
        pooled = functional.relu(self.norm(deep)).mean(dim=(2, 3))  # 512
        return torch.as_tensor(self.values(pooled))


class GaussianSvm(nn.Module):
    """T1rho in ms (batch, 1, 1, 3) -> logits of the phases (batch, 3); filled from scikit-learn (phase_training).

    One decision value per pair of phases, exp(-gamma |x - s|^2) over the support vectors s of standardised x; a
    multinomial calibration makes log-probabilities of them.
    """

    def __init__(self, *, support: int) -> None:
        super().__init__()
        pairs = PHASES * (PHASES - 1) // 2
        self.mean, self.sd, self.gamma = _fixed(VALUES), _fixed(VALUES), _fixed(1)
        self.support, self.duals = _fixed(support, VALUES), _fixed(pairs, support)
        self.intercepts = _fixed(pairs)
        self.calibration, self.offsets = _fixed(PHASES, pairs), _fixed(PHASES)

    def forward(self, image: Tensor) -> Tensor:
        standard = (image.flatten(1) - self.mean) / self.sd
        distance = (standard[:, None] - self.support[None]).square().sum(dim=-1)
        decisions = torch.exp(-self.gamma * distance) @ self.duals.T + self.intercepts
        return torch.as_tensor(decisions @ self.calibration.T + self.offsets)


def _fixed(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(shape), requires_grad=False)
