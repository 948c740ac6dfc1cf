"""YOLOv7, the figures of arXiv 2207.02696, written from the paper: ELAN, SPPCSPC, PAFPN, RepConv heads. Pure.

Needs torch. Shapes are (channels, rows, columns) at width 1.0 for an input of 640 x 640, whose sides divide by 32.
`width` scales every channel count; the default is the paper's size (36.5 M parameters for five classes, fused).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from inference.t1rho_phase.anchors import ANCHORS

PAPER_CLASSES = 5


def scaled(channels: int, width: float) -> int:
    """channels times width, at least 8 and a multiple of 8."""
    return max(8, round(channels * width / 8) * 8)


class Conv(nn.Module):
    """Convolution, batch norm, SiLU; keeps the size at stride 1."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, source: Tensor) -> Tensor:
        return functional.silu(self.norm(self.conv(source)), inplace=True)


class Elan(nn.Module):
    """Two 1 x 1 branches, one of them through four 3 x 3; both and every second step are joined."""

    def __init__(self, inputs: int, inner: int, outputs: int) -> None:
        super().__init__()
        self.beside = Conv(inputs, inner)
        self.through = Conv(inputs, inner)
        self.steps = nn.ModuleList(Conv(inner, inner, kernel=3) for _ in range(4))
        self.join = Conv(4 * inner, outputs)

    def forward(self, source: Tensor) -> Tensor:
        seen = [self.beside(source), self.through(source)]
        deep = seen[-1]
        for number, step in enumerate(self.steps):
            deep = step(deep)
            if number % 2:
                seen.append(deep)
        return torch.as_tensor(self.join(torch.cat(seen, dim=1)))


class WideElan(nn.Module):
    """The neck's variant: steps of half the branches' channels, every one of them joined."""

    def __init__(self, inputs: int, inner: int, outputs: int) -> None:
        super().__init__()
        half = inner // 2
        self.beside = Conv(inputs, inner)
        self.through = Conv(inputs, inner)
        self.steps = nn.ModuleList(Conv(half if number else inner, half, kernel=3) for number in range(4))
        self.join = Conv(2 * inner + 4 * half, outputs)

    def forward(self, source: Tensor) -> Tensor:
        seen = [self.beside(source), self.through(source)]
        for step in self.steps:
            seen.append(step(seen[-1]))
        return torch.as_tensor(self.join(torch.cat(seen, dim=1)))


class Halving(nn.Module):
    """MP: a pooled and a strided half of the channels side by side, at half the size."""

    def __init__(self, inputs: int, half: int) -> None:
        super().__init__()
        self.pooled = Conv(inputs, half)
        self.narrowed = Conv(inputs, half)
        self.strided = Conv(half, half, kernel=3, stride=2)

    def forward(self, source: Tensor) -> Tensor:
        pooled = self.pooled(functional.max_pool2d(source, 2, 2))
        return torch.cat([self.strided(self.narrowed(source)), pooled], dim=1)


class PyramidPooling(nn.Module):
    """SPPCSPC: maxima over 5, 9 and 13 pixels inside one of two branches."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.before = nn.Sequential(Conv(inputs, outputs), Conv(outputs, outputs, kernel=3), Conv(outputs, outputs))
        self.after = nn.Sequential(Conv(4 * outputs, outputs), Conv(outputs, outputs, kernel=3))
        self.beside = Conv(inputs, outputs)
        self.join = Conv(2 * outputs, outputs)

    def forward(self, source: Tensor) -> Tensor:
        deep = self.before(source)
        pooled = [functional.max_pool2d(deep, size, 1, size // 2) for size in (5, 9, 13)]
        deep = self.after(torch.cat([deep, *pooled], dim=1))
        return torch.as_tensor(self.join(torch.cat([deep, self.beside(source)], dim=1)))


class RepConv(nn.Module):
    """Planned re-parameterisation: 3 x 3 and 1 x 1 side by side in training, one 3 x 3 when served (fuse)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.wide = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)
        self.wide_norm = nn.BatchNorm2d(outputs)
        self.point = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.point_norm = nn.BatchNorm2d(outputs)

    def forward(self, source: Tensor) -> Tensor:
        return functional.silu(self.wide_norm(self.wide(source)) + self.point_norm(self.point(source)))

    def fuse(self) -> "FusedConv":
        """The same function of its input in evaluation, as one convolution."""
        wide, wide_bias = _folded(self.wide.weight, self.wide_norm)
        point, point_bias = _folded(self.point.weight, self.point_norm)
        fused = FusedConv(self.wide.in_channels, self.wide.out_channels)
        fused.conv.weight.data = wide + functional.pad(point, (1, 1, 1, 1))
        torch.as_tensor(fused.conv.bias).data = wide_bias + point_bias
        return fused


class FusedConv(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, 1, 1)

    def forward(self, source: Tensor) -> Tensor:
        return functional.silu(self.conv(source))


def _folded(weight: Tensor, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    mean, variance = torch.as_tensor(norm.running_mean), torch.as_tensor(norm.running_var)
    gain = norm.weight / (variance + norm.eps).sqrt()
    return (weight * gain[:, None, None, None]).detach(), (norm.bias - mean * gain).detach()


class Backbone(nn.Module):
    """Answers the maps at strides 8, 16 and 32."""

    def __init__(self, width: float, image_channels: int) -> None:
        super().__init__()
        c32, c64, c128, c256, c512, c1024 = (scaled(each, width) for each in (32, 64, 128, 256, 512, 1024))
        self.stem = nn.Sequential(
            Conv(image_channels, c32, kernel=3),
            Conv(c32, c64, kernel=3, stride=2),
            Conv(c64, c64, kernel=3),
            Conv(c64, c128, kernel=3, stride=2),
        )
        self.stage2 = Elan(c128, c64, c256)
        self.stage3 = nn.Sequential(Halving(c256, c128), Elan(2 * c128, c128, c512))
        self.stage4 = nn.Sequential(Halving(c512, c256), Elan(2 * c256, c256, c1024))
        self.stage5 = nn.Sequential(Halving(c1024, c512), Elan(2 * c512, c256, c1024))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        fine = self.stage3(self.stage2(self.stem(image)))  # 512, 80, 80
        middle = self.stage4(fine)  # 1024, 40, 40
        return fine, middle, self.stage5(middle)  # 1024, 20, 20


class Neck(nn.Module):
    """PAFPN: down from the deepest map and up again; answers three maps."""

    def __init__(self, width: float) -> None:
        super().__init__()
        c128, c256, c512, c1024 = (scaled(each, width) for each in (128, 256, 512, 1024))
        self.pooling = PyramidPooling(c1024, c512)
        self.deep_lateral, self.middle_lateral = Conv(c512, c256), Conv(c1024, c256)
        self.middle = WideElan(2 * c256, c256, c256)
        self.lower_lateral, self.fine_lateral = Conv(c256, c128), Conv(c512, c128)
        self.fine = WideElan(2 * c128, c128, c128)
        self.to_middle = Halving(c128, c128)
        self.middle_again = WideElan(2 * c128 + c256, c256, c256)
        self.to_deep = Halving(c256, c256)
        self.deep_again = WideElan(2 * c256 + c512, c512, c512)

    def forward(self, fine: Tensor, middle: Tensor, deep: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        deep = self.pooling(deep)  # 512, 20, 20
        middle = self.middle(torch.cat([self.middle_lateral(middle), _twice(self.deep_lateral(deep))], dim=1))
        fine = self.fine(torch.cat([self.fine_lateral(fine), _twice(self.lower_lateral(middle))], dim=1))
        middle = self.middle_again(torch.cat([self.to_middle(fine), middle], dim=1))
        deep = self.deep_again(torch.cat([self.to_deep(middle), deep], dim=1))
        return fine, middle, deep  # 128, 80, 80 | 256, 40, 40 | 512, 20, 20


def _twice(source: Tensor) -> Tensor:
    return functional.interpolate(source, scale_factor=2.0, mode="nearest")


class YoloV7(nn.Module):
    """Image (batch, image_channels, rows, columns) -> (batch, cells, 5 + classes) logits.

    Cells run over the strides 8, 16, 32, in each over its three anchors, rows and columns; columns of the answer are
    x, y, width, height, objectness and classes (postprocess.decode). fused: as served, after fuse.
    """

    def __init__(
        self, *, width: float = 1.0, classes: int = PAPER_CLASSES, image_channels: int = 1, fused: bool = False
    ) -> None:
        super().__init__()
        kind = FusedConv if fused else RepConv
        self.values = 5 + classes
        self.backbone = Backbone(width, image_channels)
        self.neck = Neck(width)
        inner = [scaled(each, width) for each in (128, 256, 512)]
        outer = [scaled(each, width) for each in (256, 512, 1024)]
        self.rep = nn.ModuleList(kind(one, other) for one, other in zip(inner, outer, strict=True))
        self.detect = nn.ModuleList(nn.Conv2d(each, len(ANCHORS[0]) * self.values, 1) for each in outer)

    def forward(self, image: Tensor) -> Tensor:
        maps = self.neck(*self.backbone(image))
        heads = [self._cells(detect(rep(each))) for each, rep, detect in zip(maps, self.rep, self.detect, strict=True)]
        return torch.cat(heads, dim=1)

    def _cells(self, head: Tensor) -> Tensor:
        batch, _, rows, columns = head.shape
        cells = head.reshape(batch, len(ANCHORS[0]), self.values, rows, columns).permute(0, 1, 3, 4, 2)
        return cells.reshape(batch, len(ANCHORS[0]) * rows * columns, self.values)

    def fuse(self) -> "YoloV7":
        """This network with every RepConv as one convolution, for serving."""
        self.eval()
        self.rep = nn.ModuleList(each.fuse() if isinstance(each, RepConv) else each for each in self.rep)
        return self
