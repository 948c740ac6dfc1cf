"""What tells one piece of work from every other: a digest of it, for each series and for the whole study. Pure.

What is said of a series depends on the steps that take it and on those whose results these take over, on nothing else:
after a series that came late the others have the keys they had, and so their objects (deploy/decisions/0016).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from config.settings import ObjectKind, Relaxometry
from dicom_io.equipment import Equipment
from dicom_io.roles import ECHO_ROLES
from node.execution import ReadyMethod, roles_of
from node.ledger.rows import Instance
from node.plan_json import plan_to_json
from node.planning import Plan, Step
from sr_reports.change import NO_PRIORS, Priors

_WHOLE: Final = "whole study"


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a plan is carried out with, as far as its results depend on it. kinds: of objects, that are to be made."""

    methods: Mapping[str, ReadyMethod]
    equipment: Equipment
    kinds: frozenset[ObjectKind]
    priors: Priors = NO_PRIORS
    relaxometry: Relaxometry = field(default_factory=Relaxometry)


@dataclass(frozen=True, kw_only=True)
class JobKeys:
    """study: of what tells of all series together. series: of what tells of one, by its UID; two that are worked on
    together, such as the times of a spin-lock, share one."""

    study: str
    series: Mapping[str, str]


def job_keys(plan: Plan, *, inputs: Mapping[str, Sequence[Instance]], means: Means) -> JobKeys:
    """Equal for equal work, whenever and wherever it is done. inputs: of every series that the plan names."""
    parts = {series_uid: _part(plan, series_uid, means) for series_uid in roles_of(plan)}
    return JobKeys(
        study=_key(_WHOLE, plan, inputs=inputs, means=means),
        series={series_uid: _key("", part, inputs=inputs, means=means) for series_uid, part in parts.items()},
    )


def _part(plan: Plan, series_uid: str, means: Means) -> Plan:
    """As much of the plan as the results of one series depend on."""
    taking = [step for step in plan.steps if any(one.series_uid == series_uid for one in step.inputs)]
    kept = {each.method for step in taking for each in _with_earlier(step, plan, means)}
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.method in kept),
        unfit=tuple(one for one in plan.unfit if one.input.series_uid == series_uid),
    )


def _with_earlier(step: Step, plan: Plan, means: Means) -> Iterator[Step]:
    yield step
    after = means.methods[step.method].method.card.after
    for earlier in plan.steps[: plan.steps.index(step)]:
        if earlier.method in after:
            yield from _with_earlier(earlier, plan, means)


def _key(what: str, plan: Plan, *, inputs: Mapping[str, Sequence[Instance]], means: Means) -> str:
    digest = hashlib.sha256(f"{what}{plan_to_json(plan)}".encode())
    images = (image for series_uid in roles_of(plan) for image in inputs[series_uid])
    for one in sorted(images, key=lambda instance: instance.sop_instance_uid):
        digest.update(f"{one.sop_instance_uid}={one.sha256};".encode())
    for step in plan.steps:
        digest.update(repr(means.methods[step.method].used).encode())
    digest.update(repr(means.equipment).encode())
    digest.update(repr(sorted(means.kinds)).encode())
    if any(one.role in ECHO_ROLES for step in plan.steps for one in step.inputs):
        digest.update(repr(means.relaxometry).encode())
    if means.priors != NO_PRIORS:
        digest.update(repr([one.sop_instance_uid for one in means.priors.reports]).encode())
        digest.update(repr(means.priors.trouble).encode())
    return digest.hexdigest()
