"""Predicted and measured phases stand side by side."""

from dicom_io.roles import Role
from inference.anatomy import Disc
from inference.results import Grade, Scale
from inference.t1rho_phase.agreement import agreement


def grade(disc: Disc, scale: Scale, value: int) -> Grade:
    return Grade(
        role=Role.SAGITTAL_T1,
        disc=disc,
        scale=scale,
        value=value,
        probabilities=(),
        key_slice=3,
        level_doubt=None,
    )


def predicted(*values: int) -> list[Grade]:
    return [grade(disc, Scale.PREDICTED_T1RHO_PHASE, value) for disc, value in zip(Disc, values, strict=False)]


def measured(*values: int) -> list[Grade]:
    return [grade(disc, Scale.MEASURED_T1RHO_PHASE, value) for disc, value in zip(Disc, values, strict=False)]


def test_every_level_that_has_both_is_told() -> None:
    said = agreement(predicted(1, 2, 3, 3, 2), measured(1, 2, 1, 3))
    assert said is not None
    assert "L1/L2 1/1 agrees" in said
    assert "L3/L4 3/1 differs by 2" in said
    assert "L5/S1" not in said
    assert said.endswith("3 of 4 levels agree")


def test_nothing_is_said_without_a_measurement() -> None:
    assert agreement(predicted(1, 2, 3), []) is None
