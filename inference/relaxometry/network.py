"""CFCM-34, coarse-to-fine context memory (Milletari 2018, as Iriondo 2020 used it). Pure. Needs torch.

A pre-activation ResNet-34 encodes; a convolutional LSTM per scale reads the outputs of its blocks from the deepest to
the shallowest and hands its memory up to the next finer scale. Shapes are (channels, rows, columns) at base 64 for an
image of 256 x 256; rows and columns divide by 16. `base` scales every width; 64 is the paper's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

PAPER_BASE = 64
BLOCKS = (3, 4, 6, 3)


class PreActivationBlock(nn.Module):
    """Batch norm, ReLU, 3 x 3, twice, beside the input; a 1 x 1 convolution where the width changes."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first_norm = nn.BatchNorm2d(inputs)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, source: Tensor) -> Tensor:
        active = functional.relu(self.first_norm(source))
        inner = self.second(functional.relu(self.second_norm(self.first(active))))
        return torch.as_tensor(inner + self.shortcut(source if source.shape[1] == inner.shape[1] else active))


class ContextMemory(nn.Module):
    """One convolutional LSTM cell: 3 x 3, ReLU in the place of tanh, forget bias + 1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gates = nn.Conv2d(2 * width, 4 * width, 3, padding=1)

    def forward(self, feature: Tensor, cell: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        inward, forget, outward, candidate = self.gates(torch.cat([feature, hidden], dim=1)).chunk(4, dim=1)
        kept = torch.sigmoid(forget + 1) * cell + torch.sigmoid(inward) * functional.relu(candidate)
        return kept, torch.sigmoid(outward) * functional.relu(kept)


class Cfcm(nn.Module):
    """Image (batch, 1, rows, columns) -> logits (batch, classes, rows, columns)."""

    def __init__(self, *, base: int = PAPER_BASE, blocks: Sequence[int] = BLOCKS, classes: int = 1) -> None:
        super().__init__()
        widths = [base * 2**scale for scale in range(len(blocks))]
        self.stem = nn.Conv2d(1, base, 7, padding=3, bias=False)
        self.stages = nn.ModuleList(
            nn.ModuleList(
                PreActivationBlock(base if scale == 0 else widths[scale - 1], widths[scale])
                if block == 0
                else PreActivationBlock(widths[scale], widths[scale])
                for block in range(count)
            )
            for scale, count in enumerate(blocks)
        )
        self.memories = nn.ModuleList(ContextMemory(width) for width in widths)
        self.rise = nn.ModuleList(nn.ConvTranspose2d(2 * width, width, 2, stride=2) for width in widths[1:])
        self.last_rise = nn.ConvTranspose2d(base, base, 2, stride=2)
        self.smooth = nn.Conv2d(base, base, 3, padding=1)
        self.classify = nn.Conv2d(base, classes, 3, padding=1)
        self.apply(_xavier)

    def forward(self, image: Tensor) -> Tensor:
        outputs = self._encode(image)
        cell = hidden = torch.zeros_like(outputs[-1][-1])  # 512, 16, 16
        for scale in reversed(range(len(outputs))):
            for feature in reversed(outputs[scale]):
                cell, hidden = self.memories[scale](feature, cell, hidden)
            if scale > 0:
                cell, hidden = self.rise[scale - 1](torch.cat([cell, hidden], dim=1)).chunk(2, dim=1)
        fine = functional.relu(self.smooth(self.last_rise(hidden)))  # 64, 256, 256
        return torch.as_tensor(self.classify(fine))  # classes, 256, 256

    def _encode(self, image: Tensor) -> list[list[Tensor]]:
        """The outputs of all blocks, by scale: 64, 128, 128 | 128, 64, 64 | 256, 32, 32 | 512, 16, 16."""
        current = self.stem(image)  # 64, 256, 256
        outputs: list[list[Tensor]] = []
        for stage in self.stages:
            current = functional.max_pool2d(current, 2)
            kept = []
            for block in stage:  # type: ignore[attr-defined]  # ModuleList of ModuleLists: torch's stub says Module
                current = block(current)
                kept.append(current)
            outputs.append(kept)
        return outputs


def _xavier(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
