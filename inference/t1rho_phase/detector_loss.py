"""What the detector learns from a batch: boxes assigned to cells by cost (SimOTA), CIoU, objectness, classes. Pure.

Needs torch. After arXiv 2207.02696 (the lead head guides itself) and arXiv 2107.08430 (dynamic k by overlap).
Targets are (n, 6): number of the image, class, x0, y0, x1, y1 in pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional

NEAREST_CELLS, WIDEST_RATIO, DYNAMIC_TOP = 0.85, 4.0, 10
BOX_GAIN, OBJECT_GAIN, CLASS_GAIN = 3.0, 1.0, 0.5


def boxes_of(logits: Tensor, grid: Tensor) -> Tensor:
    """(..., cells, 4) corners, as postprocess.decode."""
    middle = (logits[..., :2].sigmoid() * 2 - 0.5 + grid[:, :2]) * grid[:, 2:3]
    half = (logits[..., 2:4].sigmoid() * 2) ** 2 * grid[:, 3:5] / 2
    return torch.cat([middle - half, middle + half], dim=-1)


def overlap(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union; shapes broadcast."""
    low, high = torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:])
    both = (high - low).clamp(min=0).prod(dim=-1)
    areas = (one[..., 2:] - one[..., :2]).prod(dim=-1) + (other[..., 2:] - other[..., :2]).prod(dim=-1)
    return both / (areas - both).clamp(min=1e-6)


def complete_overlap(one: Tensor, other: Tensor) -> Tensor:
    """CIoU: less for middles apart and for other proportions."""
    low, high = torch.minimum(one[..., :2], other[..., :2]), torch.maximum(one[..., 2:], other[..., 2:])
    diagonal = (high - low).square().sum(dim=-1).clamp(min=1e-6)
    apart = (one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]).square().sum(dim=-1) / 4
    sizes = [(each[..., 2:] - each[..., :2]).clamp(min=1e-3) for each in (one, other)]
    slopes = [torch.atan(size[..., 0] / size[..., 1]) for size in sizes]
    skew = 4 / torch.pi**2 * (slopes[0] - slopes[1]).square()
    plain = overlap(one, other)
    with torch.no_grad():
        share = skew / (1 - plain + skew).clamp(min=1e-6)
    return plain - apart / diagonal - share * skew


def detection_loss(logits: Tensor, targets: Tensor, grid: Tensor) -> Tensor:
    """logits (batch, cells, 5 + classes)."""
    boxes = boxes_of(logits, grid)
    wanted = torch.zeros_like(logits[..., 4])
    box_loss, class_loss = logits.new_zeros(()), logits.new_zeros(())
    matched = 0
    for image in range(len(logits)):
        truth = targets[targets[:, 0] == image, 1:]
        if not len(truth):
            continue
        cells, owners = assign(logits[image].detach(), boxes[image].detach(), truth, grid)
        agreement = complete_overlap(boxes[image, cells], truth[owners, 1:])
        box_loss = box_loss + (1 - agreement).sum()
        classes = functional.one_hot(truth[owners, 0].long(), logits.shape[2] - 5).to(logits.dtype)
        class_loss = class_loss + _cross_entropy(logits[image, cells, 5:], classes)
        wanted[image, cells] = agreement.detach().clamp(min=0).to(wanted.dtype)
        matched += len(cells)
    count = max(matched, 1)
    object_loss = _cross_entropy(logits[..., 4], wanted)
    return (BOX_GAIN * box_loss + OBJECT_GAIN * object_loss + CLASS_GAIN * class_loss) / count


def _cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")


def assign(logits: Tensor, boxes: Tensor, truth: Tensor, grid: Tensor) -> tuple[Tensor, Tensor]:
    """Cells that answer for a box, and the box (row of truth) of each. Each box has at least one, each cell one box."""
    able = _able(truth, grid)
    together = overlap(truth[:, None, 1:], boxes[None])
    classes = functional.one_hot(truth[:, 0].long(), logits.shape[1] - 5).to(logits.dtype)
    doubt = functional.binary_cross_entropy_with_logits(
        (logits[None, :, 5:].sigmoid() * logits[None, :, 4:5].sigmoid())
        .sqrt()
        .logit(eps=1e-6)
        .expand(len(truth), -1, -1),
        classes[:, None].expand(-1, logits.shape[0], -1),
        reduction="none",
    ).sum(dim=-1)
    cost = doubt - 3 * together.clamp(min=1e-8).log() + 1e6 * (~able)
    chosen = torch.zeros_like(able)
    for number in range(len(truth)):
        likely = (together[number] * able[number]).topk(DYNAMIC_TOP).values.sum().int().clamp(min=1)
        chosen[number, cost[number].topk(int(likely), largest=False).indices] = True
    cost = cost.masked_fill(~chosen, float("inf"))
    cells = torch.nonzero(chosen.any(dim=0)).flatten()
    return cells, cost[:, cells].argmin(dim=0)


def _able(truth: Tensor, grid: Tensor) -> Tensor:
    """(boxes, cells): the cell lies near the middle of the box, and its anchor has about its size."""
    middle = (truth[:, None, 1:3] + truth[:, None, 3:5]) / 2
    place = (grid[None, :, :2] + 0.5) * grid[None, :, 2:3]
    near = ((middle - place).abs() <= NEAREST_CELLS * grid[None, :, 2:3]).all(dim=-1)
    ratio = (truth[:, None, 3:5] - truth[:, None, 1:3]) / grid[None, :, 3:5]
    return near & (torch.maximum(ratio, 1 / ratio).amax(dim=-1) < WIDEST_RATIO)
