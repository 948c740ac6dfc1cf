"""Learning from labels that only narrow down what a pixel is. Pure. Needs torch.

Labels are uint16 (row, column): bit c is set where class c is possible. One bit: known. All bits: nothing known.
"""

from collections.abc import Sequence

import torch
from torch import Tensor


def possible(bits: Tensor, classes: int) -> Tensor:
    """(batch, classes, rows, columns) bool from (batch, rows, columns) integer bits."""
    place = torch.arange(classes, device=bits.device).view(1, -1, 1, 1)
    return ((bits.unsqueeze(1).to(torch.int32) >> place) & 1).bool()


def marginal_cross_entropy(logits: Tensor, allowed: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """Minus the log of the probability given to the possible classes, averaged over pixels that say anything."""
    inside = torch.logsumexp(logits.masked_fill(~allowed, -1e4), dim=1)
    loss = torch.logsumexp(logits, dim=1) - inside
    telling = (~allowed.all(dim=1)).to(loss.dtype)
    if weight is not None:
        telling = telling * weight
    return (loss * telling).sum() / telling.sum().clamp_min(1)


def marginal_dice(logits: Tensor, allowed: Tensor, class_weights: Sequence[float]) -> Tensor:
    """Weighted Dice loss over the pixels where membership of a class is known, for the classes that occur."""
    probability = logits.softmax(dim=1)
    single = allowed.sum(dim=1, keepdim=True) == 1
    member = allowed & single
    known = (member | ~allowed).to(probability.dtype)
    truth = member.to(probability.dtype)
    axes = (0, 2, 3)
    overlap = (probability * truth).sum(axes)
    total = (probability * known).sum(axes) + truth.sum(axes)
    occurs = (truth.sum(axes) > 0).to(probability.dtype)
    weights = torch.tensor(class_weights, device=logits.device, dtype=probability.dtype) * occurs
    loss = 1 - 2 * overlap / total.clamp_min(1)
    return (weights * loss).sum() / weights.sum().clamp_min(1e-6)
