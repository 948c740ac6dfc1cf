"""What is done with a study that is complete: plan it, then answer it with objects. Talks to: disk, GPU, clock."""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from config.settings import Delivery as Patience
from config.settings import ObjectKind, Relaxometry
from dicom_io.archive import Archive
from dicom_io.equipment import Equipment
from dicom_io.errors import InconsistentSeries
from dicom_io.read_instance import read_instance_header
from node.clock import Clock, at_site
from node.documents import EVERY_KIND, REPORT, SHEETS, Job
from node.errors import StudyMovedOn
from node.execution import Execution, ReadyMethod, execute, roles_of
from node.inspection import Inspected, inspect_series
from node.job_keys import Means, job_keys
from node.ledger import Ledger
from node.ledger.rows import Choice, ResultObject, Series, Study, Verdict
from node.lifecycle import SeriesState, StudyState
from node.log import tell, trace_of
from node.outcomes import Outcome, is_defect, next_wait, outcome_of
from node.plan_json import plan_from_json, plan_to_json
from node.planning import Candidate, Held, Plan, Rulebook, decide
from node.priors import look_up
from node.publishing import Publisher
from sr_reports.change import NO_PRIORS, Priors

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What studies are worked on with.

    kinds_for: which kinds of objects go to which peer. archives: where a rule has earlier reports looked for, by name.
    relaxometry: how series say their spin-lock times.
    """

    rulebook: Rulebook
    methods: Mapping[str, ReadyMethod]
    publisher: Publisher
    equipment: Equipment
    kinds_for: Mapping[str, frozenset[ObjectKind]] = field(default_factory=dict)
    archives: Mapping[str, Archive] = field(default_factory=dict)
    relaxometry: Relaxometry = field(default_factory=Relaxometry)

    def means(self, plan: Plan, *, priors: Priors = NO_PRIORS) -> Means:
        """Made is what a destination of the plan takes; where there is none, everything."""
        wanted = frozenset[ObjectKind]().union(*self.taken_by(plan).values())
        return Means(
            methods=self.methods,
            equipment=self.equipment,
            kinds=wanted or EVERY_KIND,
            priors=priors,
            relaxometry=self.relaxometry,
        )

    def taken_by(self, plan: Plan) -> Mapping[str, frozenset[ObjectKind]]:
        """A destination that the site no longer names takes everything, should it come back."""
        return {name: self.kinds_for.get(name, EVERY_KIND) for name in plan.destinations}


class StudyWork:
    """Takes the next study that waits."""

    def __init__(self, ledger: Ledger, workshop: Workshop, *, patience: Patience, clock: Clock) -> None:
        self._ledger = ledger
        self._workshop = workshop
        self._patience = patience
        self._clock = clock

    def take(self) -> "StudyJob | None":
        study = self._ledger.studies.lease_next()
        return None if study is None else StudyJob(self, study)

    def next_due(self) -> float | None:
        return self._ledger.studies.next_due()

    def do(self, study: Study) -> None:
        if study.state is StudyState.COMPLETE:
            self._plan(study)
        else:
            self._answer(study)

    def failed(self, study: Study, error: Exception) -> None:
        outcome = outcome_of(error)
        tell(
            LOG, f"work on a study: {outcome}", level=logging.WARNING, study=study.edition.study_uid, error=type(error)
        )
        with contextlib.suppress(StudyMovedOn):  # then there is nothing left to say about it
            self._write_down(study, error, outcome)

    def _write_down(self, study: Study, error: Exception, outcome: Outcome) -> None:
        """Raises StudyMovedOn."""
        if outcome is Outcome.DISCARD:
            return
        if outcome is Outcome.RETRY:
            wait = next_wait(study.attempts, first=self._patience.first_wait, longest=self._patience.longest_wait)
            self._ledger.studies.put_back(study, due=self._clock() + wait, reason=str(error))
        elif outcome is Outcome.REJECT:
            after = StudyState.REJECTED
            self._ledger.studies.set_aside(study.edition, before=study.state, after=after, reason=str(error))
        else:
            reason = f"a defect of the node: {type(error).__name__}" if is_defect(error) else str(error)
            self._ledger.studies.fail(study, reason=reason, trace=trace_of(error))

    def _plan(self, study: Study) -> None:
        series = self._ledger.receiving.series_of(study.edition.study_uid)
        candidates, unreadable = self._candidates(series)
        decision = decide(
            candidates,
            calling_ae=study.calling_ae,
            rulebook=self._workshop.rulebook,
            is_released=study.is_released,
        )
        choices = (*decision.choices, *unreadable)
        if isinstance(decision.what, Plan):
            self._ledger.studies.plan(study.edition, plan_to_json(decision.what), choices=choices)
        else:
            after = StudyState.HELD if isinstance(decision.what, Held) else StudyState.REJECTED
            self._ledger.studies.set_aside(
                study.edition, before=study.state, after=after, reason=decision.what.reason, choices=choices
            )
        tell(
            LOG,
            "planned",
            study=study.edition.study_uid,
            edition=study.edition.number,
            what=type(decision.what).__name__,
        )

    def _candidates(self, series: Sequence[Series]) -> tuple[list[Candidate], list[Choice]]:
        candidates: list[Candidate] = []
        unreadable: list[Choice] = []
        for one in series:
            seen = inspect_series(self._ledger.receiving.paths(one.series_uid))
            if isinstance(seen, Inspected):
                whole = one.state is SeriesState.COMPLETE
                candidates.append(
                    Candidate(traits=seen.traits, decision=seen.decision, whole=whole, evidence=one.reason)
                )
            else:
                refused = Verdict.REFUSED
                unreadable.append(Choice(series_uid=one.series_uid, method=None, verdict=refused, reason=seen.reason))
        return candidates, unreadable

    def _answer(self, study: Study) -> None:
        """Objects that an earlier edition got for the same work answer this one too, and are not sent again."""
        if study.plan is None or study.planned_at is None:
            raise LookupError("a planned study without its plan")
        plan = plan_from_json(study.plan)
        means = self._workshop.means(plan, priors=self._priors(plan))
        job = self._job(plan, study, means=means)
        had = {key: found for key in _wanted(job) if (found := self._ledger.studies.objects_of_job(key))}
        objects: list[ResultObject] = [one for found in had.values() for one in found]
        refusals: Sequence[Choice] = ()
        if len(had) < len(_wanted(job)):
            execution = self._execution(plan)
            refusals = execution.refusals
            objects += self._workshop.publisher.publish(
                execution.analysed,
                replace(job, made=frozenset(had)),
                files_of=self._files_of,
                report_refusals=plan.report_refusals,
            )
        self._keep(study, plan, objects, refusals=refusals)

    def _execution(self, plan: Plan) -> Execution:
        return execute(
            plan,
            methods=self._workshop.methods,
            files_of=self._files_of,
            relaxometry=self._workshop.relaxometry,
        )

    def _keep(self, study: Study, plan: Plan, objects: Sequence[ResultObject], *, refusals: Sequence[Choice]) -> None:
        """Raises StudyMovedOn."""
        if objects:
            peers = self._workshop.taken_by(plan)
            self._ledger.studies.encode(study.edition, objects, peers=peers, choices=refusals)
            tell(LOG, "encoded", study=study.edition.study_uid, objects=len(objects))
        else:
            reason = "; ".join(one.reason for one in refusals) or "nothing was found that a destination takes"
            self._ledger.studies.set_aside(
                study.edition, before=study.state, after=StudyState.REJECTED, reason=reason, choices=refusals
            )

    def _job(self, plan: Plan, study: Study, *, means: Means) -> Job:
        """created is the time of planning, so that doing it again gives the same bytes."""
        inputs = {series_uid: self._ledger.receiving.instances(series_uid) for series_uid in roles_of(plan)}
        keys = job_keys(plan, inputs=inputs, means=means)
        return Job(
            key=keys.study,
            series_keys=keys.series,
            created=at_site(study.planned_at or 0),
            equipment=self._workshop.equipment,
            kinds=means.kinds,
            supersedes=tuple(self._ledger.studies.superseded_by(study.edition, kind=REPORT)),
            priors=means.priors,
        )

    def _priors(self, plan: Plan) -> Priors:
        archive = self._workshop.archives.get(plan.rule)
        if archive is None:
            return NO_PRIORS
        first = next(iter(roles_of(plan)))
        return look_up(archive, read_instance_header(self._files_of(first)[0]))

    def _files_of(self, series_uid: str) -> Sequence[Path]:
        """Raises InconsistentSeries where retention has deleted one."""
        instances = self._ledger.receiving.instances(series_uid)
        paths = [one.path for one in instances if one.path is not None]
        if len(paths) < len(instances):
            raise InconsistentSeries("images were deleted after their time here; send the series again")
        return paths


def _wanted(job: Job) -> frozenset[str]:
    """Keys under which there will be objects."""
    sheets = {job.key} if job.kinds & SHEETS.keys() else set[str]()
    return frozenset({*job.series_keys.values(), *sheets})


class StudyJob:
    """One study in one state."""

    def __init__(self, work: StudyWork, study: Study) -> None:
        self._work = work
        self._study = study

    def do(self) -> None:
        self._work.do(self._study)

    def failed(self, error: Exception) -> None:
        self._work.failed(self._study, error)
