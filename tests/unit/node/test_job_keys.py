"""Equal work has equal keys, so that its objects are found again; any difference gives others."""

from dataclasses import replace

from dicom_io.equipment import Equipment
from dicom_io.roles import Role
from inference.contract import Card, Case
from inference.results import Result
from node.documents import EVERY_KIND
from node.execution import ReadyMethod
from node.job_keys import JobKeys, Means, job_keys
from node.ledger.rows import Instance
from node.planning import Input, Plan, Step, Unfit
from sr_reports.findings import WeightsUsed, method_used

EQUIPMENT = Equipment(manufacturer="M", model="N", software_version="1", serial="2", institution="I", station="S")


class Named:
    """A method that is never run."""

    def __init__(self, name: str, *after: str) -> None:
        self.card = Card(name=name, version="1", paper="none", needs=(), after=after)

    def run(self, case: Case) -> list[Result]:
        raise NotImplementedError(case)


METHODS = (Named("discs"), Named("maps"), Named("phase", "maps"), Named("axial", "discs"))
T2, T1, AXIAL = (Input(role=role, series_uid=role.name) for role in (Role.SAGITTAL_T2, Role.SAGITTAL_T1, Role.AXIAL_T2))
SPIN_LOCKS = tuple(Input(role=Role.SPIN_LOCK, series_uid=name) for name in ("TSL 0", "TSL 40"))
DISCS, MAPS = Step(method="discs", inputs=(T2,)), Step(method="maps", inputs=SPIN_LOCKS)
PHASE, GRADES = Step(method="phase", inputs=(T1,)), Step(method="axial", inputs=(AXIAL,))


def plan(*steps: Step, unfit: tuple[Unfit, ...] = ()) -> Plan:
    return Plan(rule="all", steps=steps, unfit=unfit, destinations=("pacs",), report_refusals=True)


def keys(of: Plan, *, sha256: str = "aa", weights: str = "0", equipment: Equipment = EQUIPMENT) -> JobKeys:
    used = {one.card.name: method_used(one.card, weights=(WeightsUsed(name="w", sha256=weights),)) for one in METHODS}
    methods = {one.card.name: ReadyMethod(method=one, used=used[one.card.name]) for one in METHODS}
    named = [one for step in of.steps for one in step.inputs] + [one.input for one in of.unfit]
    inputs = {
        one.series_uid: [Instance(sop_instance_uid=f"{one.series_uid}.1", sha256=sha256, path=None)] for one in named
    }
    return job_keys(of, inputs=inputs, means=Means(methods=methods, equipment=equipment, kinds=EVERY_KIND))


def test_equal_work_has_one_key_and_any_difference_another() -> None:
    one = keys(plan(DISCS))
    others = [
        keys(plan(DISCS), sha256="bb"),
        keys(plan(DISCS), weights="1"),
        keys(plan(DISCS), equipment=replace(EQUIPMENT, serial="3")),
        keys(replace(plan(DISCS), report_refusals=False)),
    ]
    assert one == keys(plan(DISCS))
    assert len({each.study for each in (one, *others)}) == len(others) + 1
    assert len({each.series["SAGITTAL_T2"] for each in (one, *others)}) == len(others) + 1


def test_the_sheet_of_a_study_with_one_series_is_another_work_than_its_report() -> None:
    one = keys(plan(DISCS))
    assert one.study not in one.series.values()


def test_a_late_series_leaves_the_keys_of_those_that_it_does_not_touch() -> None:
    before, after = keys(plan(DISCS)), keys(plan(MAPS, DISCS))
    assert after.series["SAGITTAL_T2"] == before.series["SAGITTAL_T2"]
    assert after.study != before.study


def test_a_method_that_looks_at_a_late_ones_results_is_new_work() -> None:
    before, after = keys(plan(DISCS, PHASE, GRADES)), keys(plan(MAPS, DISCS, PHASE, GRADES))
    changed = {name for name in before.series if before.series[name] != after.series[name]}
    assert changed == {"SAGITTAL_T1"}


def test_an_earlier_step_that_changes_gives_new_keys_to_those_after_it() -> None:
    fewer = replace(DISCS, inputs=(replace(T2, series_uid="another T2"),))
    assert keys(plan(DISCS, GRADES)).series["AXIAL_T2"] != keys(plan(fewer, GRADES)).series["AXIAL_T2"]


def test_series_that_are_worked_on_together_share_a_key() -> None:
    found = keys(plan(MAPS)).series
    assert found["TSL 0"] == found["TSL 40"]


def test_a_refusal_concerns_its_own_series() -> None:
    refused = Unfit(method="maps", input=SPIN_LOCKS[0], reason="too few slices")
    before, after = keys(plan(DISCS)), keys(plan(DISCS, unfit=(refused,)))
    assert after.series["SAGITTAL_T2"] == before.series["SAGITTAL_T2"]
    reworded = keys(plan(DISCS, unfit=(replace(refused, reason="too coarse"),)))
    assert after.series["TSL 0"] != reworded.series["TSL 0"]
