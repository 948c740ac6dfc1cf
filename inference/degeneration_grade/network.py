"""The two networks of Ding 2024: U-Net for the discs, VGG11 with channel attention for their grade. Pure. Needs torch.

Shapes are (batch, channels, rows, columns) at width 1.0; `width` scales every channel count, the defaults are the
paper's.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.layers import ConvNormAct, resize_like

PAPER_GROUPS = 3
UNET_CHANNELS = (64, 128, 256, 512, 1024)
VGG11_STAGES = ((64,), (128,), (256, 256), (512, 512), (512, 512))
VGG11_HIDDEN = 4096
ATTENTION_REDUCTION = 16


def scaled(channels: int, width: float) -> int:
    """channels times width, at least 4 and a multiple of 4."""
    return max(4, round(channels * width / 4) * 4)


class DoubleConvolution(nn.Sequential):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(ConvNormAct(inputs, outputs, kernel=3), ConvNormAct(outputs, outputs, kernel=3))


class UNet(nn.Module):
    """Image (batch, image_channels, rows, columns) -> logits (batch, classes, rows, columns); sides divide by 16."""

    def __init__(self, *, width: float = 1.0, classes: int = 2, image_channels: int = 1) -> None:
        super().__init__()
        sizes = [scaled(channels, width) for channels in UNET_CHANNELS]
        self.down = nn.ModuleList(
            DoubleConvolution(inputs, outputs)
            for inputs, outputs in zip((image_channels, *sizes[:-1]), sizes, strict=True)
        )
        rising = list(zip(sizes[:0:-1], sizes[-2::-1], strict=True))
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(deep, high, 2, stride=2) for deep, high in rising)
        self.up = nn.ModuleList(DoubleConvolution(2 * high, high) for _, high in rising)
        self.classify = nn.Conv2d(sizes[0], classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        skips = [self.down[0](image)]  # 64, 512, 512
        for block in self.down[1:]:
            skips.append(block(functional.max_pool2d(skips[-1], 2)))  # 128, 256 | 256, 128 | 512, 64 | 1024, 32
        deep = skips.pop()
        for enlarge, block in zip(self.enlarge, self.up, strict=True):
            skip = skips.pop()
            deep = block(torch.cat([skip, resize_like(enlarge(deep), skip)], dim=1))  # 512, 64 | ... | 64, 512
        return torch.as_tensor(self.classify(deep))  # classes, 512, 512


class ChannelAttention(nn.Module):
    """Each channel weighted by what its mean and its maximum say, through one shared bottleneck."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(4, channels // ATTENTION_REDUCTION)
        self.squeeze = nn.Conv2d(channels, inner, 1)
        self.excite = nn.Conv2d(inner, channels, 1)

    def forward(self, source: Tensor) -> Tensor:
        mean = self.excite(functional.relu(self.squeeze(source.mean(dim=(2, 3), keepdim=True))))
        peak = self.excite(functional.relu(self.squeeze(source.amax(dim=(2, 3), keepdim=True))))
        return source * torch.sigmoid(mean + peak)


class AttentionVGG11(nn.Module):
    """The paper's "SpineNet": cut of a disc (batch, image_channels, 128, 256) -> logits (batch, classes).

    image_channels: 2 for one slice and its mask, 4 for a slice, its two neighbours and the mask. hidden: width of the
    two layers of the head; 0 averages over the map instead, which needs a tenth of the parameters. shrink: by how much
    the cut is averaged down before the first convolution.
    """

    def __init__(
        self,
        *,
        width: float = 1.0,
        classes: int = PAPER_GROUPS,
        image_channels: int = 2,
        hidden: int = VGG11_HIDDEN,
        shrink: int = 1,
    ) -> None:
        super().__init__()
        stages, inputs = [], image_channels
        for stage in VGG11_STAGES:
            convolutions = []
            for channels in stage:
                convolutions.append(ConvNormAct(inputs, scaled(channels, width), kernel=3))
                inputs = scaled(channels, width)
            stages.append(nn.Sequential(*convolutions))
        self.stages = nn.ModuleList(stages)
        self.attention = nn.ModuleList([ChannelAttention(inputs), ChannelAttention(inputs)])
        self.dropout = nn.Dropout(0.3 if not hidden else 0.5)
        self.head = _dense_head(inputs, hidden, classes) if hidden else nn.Linear(inputs, classes)
        self.pooled, self.shrink = not hidden, shrink

    def forward(self, cut: Tensor) -> Tensor:
        if self.shrink > 1:
            cut = functional.avg_pool2d(cut, self.shrink)
        for stage in self.stages[:3]:
            cut = functional.max_pool2d(stage(cut), 2)  # 64, 64, 128 | 128, 32, 64 | 256, 16, 32
        for stage, attention in zip(self.stages[3:], self.attention, strict=True):
            cut = functional.max_pool2d(attention(stage(cut)), 2)  # 512, 8, 16 | 512, 4, 8
        features = cut.mean(dim=(2, 3)) if self.pooled else cut.flatten(1)  # 512 | 16384
        return torch.as_tensor(self.head(self.dropout(features)))  # classes


class Committee(nn.Module):
    """Classifiers of one shape that learnt from different patients; the mean of their logits."""

    def __init__(self, *, members: int, width: float, classes: int, hidden: int, shrink: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(
            AttentionVGG11(width=width, classes=classes, hidden=hidden, shrink=shrink) for _ in range(members)
        )

    def forward(self, cut: Tensor) -> Tensor:
        return torch.stack([member(cut) for member in self.members]).mean(dim=0)  # classes


def _dense_head(inputs: int, hidden: int, classes: int) -> nn.Sequential:
    """VGG's two hidden layers over the 4 x 8 map."""
    return nn.Sequential(
        nn.Linear(inputs * 4 * 8, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.Linear(hidden, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.Linear(hidden, classes),
    )
