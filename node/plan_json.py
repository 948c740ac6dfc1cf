"""A plan as the text the ledger keeps, and back. Pure."""

import json
from dataclasses import asdict
from typing import Any

from dicom_io.roles import Role
from node.planning import Input, Plan, Step, Unfit


def plan_to_json(plan: Plan) -> str:
    return json.dumps(asdict(plan), sort_keys=True)


def plan_from_json(text: str) -> Plan:
    document = json.loads(text)
    return Plan(
        rule=document["rule"],
        steps=tuple(
            Step(method=step["method"], inputs=tuple(_input(one) for one in step["inputs"]))
            for step in document["steps"]
        ),
        unfit=tuple(
            Unfit(method=one["method"], input=_input(one["input"]), reason=one["reason"]) for one in document["unfit"]
        ),
        destinations=tuple(document["destinations"]),
        report_refusals=document["report_refusals"],
    )


def _input(document: dict[str, Any]) -> Input:
    return Input(role=Role(document["role"]), series_uid=document["series_uid"])
