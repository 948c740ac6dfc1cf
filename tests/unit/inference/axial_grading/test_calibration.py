"""Temperatures of the axial heads: overconfidence is cooled, what is unknown has no say, grades stay."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from inference.axial_grading.calibration import Answers, cooled, surprise, temperatures  # noqa: E402 - torch first
from inference.axial_grading.network import GRADES, HEADS, GradingNet  # noqa: E402 - torch first


def _overconfident() -> Answers:
    """Says grade 0 with all its might; right in three of four."""
    logits = np.zeros((40, HEADS, GRADES))
    logits[..., 0] = 12.0
    allowed = np.zeros(logits.shape, bool)
    allowed[:30, :, 0] = True
    allowed[30:, :, 1] = True
    return Answers(logits=logits, allowed=allowed)


def test_an_overconfident_head_is_cooled() -> None:
    found = _overconfident()
    for head, temperature in enumerate(temperatures(found)):
        assert temperature > 2
        assert surprise(found, head, temperature) < surprise(found, head, 1.0)


def test_what_is_unknown_has_no_say() -> None:
    found = _overconfident()
    unknown = Answers(logits=found.logits, allowed=np.ones_like(found.allowed))
    assert surprise(unknown, 0, 1.0) == 0.0


def test_cooling_divides_the_logits_and_keeps_the_grades() -> None:
    torch.manual_seed(1)
    network = GradingNet(width=0.125).eval()
    image = torch.randn(2, 1, 64, 64)
    with torch.no_grad():
        before = network(image).view(2, HEADS, GRADES)
        after = cooled(network, (2.0, 1.0, 0.5, 4.0))(image).view(2, HEADS, GRADES)
    divided = before / torch.tensor([2.0, 1.0, 0.5, 4.0])[None, :, None]
    assert torch.allclose(after, divided, atol=1e-5)
    assert torch.equal(after.argmax(-1), before.argmax(-1))
