"""When a series is whole and when a study may go on. Talks to: disk, PACS."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from config.settings import Assembly
from dicom_io.errors import PeerError
from dicom_io.roles import ECHO_ROLES
from node.clock import Clock
from node.gathering import holds_times
from node.inspection import Inspected, Unreadable, inspect_series
from node.ledger import Ledger
from node.ledger.rows import Series, Study
from node.lifecycle import SeriesState, StudyState
from node.log import tell, trace_of
from node.outcomes import Outcome, outcome_of
from node.planning import Rulebook

LOG: Final = logging.getLogger(__name__)
_SHORTEST_WAIT: Final = 1.0
_NEVER: Final = float("inf")


class CountAtSender(Protocol):
    """How many objects the sender says a series has. Raises PeerError."""

    def __call__(self, *, study_uid: str, series_uid: str) -> int: ...


Counters = Mapping[str, CountAtSender]


@dataclass(frozen=True, kw_only=True)
class _Key:
    """A series as it was looked at."""

    study_uid: str
    series_uid: str
    images: int


@dataclass(frozen=True, kw_only=True)
class SeriesVerdict:
    """state None: wait."""

    state: SeriesState | None
    reason: str


def judge_series(series: Series, seen: Inspected | Unreadable, *, counted: int | None) -> SeriesVerdict:
    """Of a series that is quiet. counted: by its sender, None if that could not be asked."""
    if isinstance(seen, Unreadable):
        return SeriesVerdict(state=SeriesState.INCOMPLETE, reason=seen.reason)
    if counted is not None and counted > series.images:
        return SeriesVerdict(state=None, reason=f"{series.images} objects are here, the sender counts {counted}")
    if counted == series.images:
        return SeriesVerdict(state=SeriesState.COMPLETE, reason=f"the sender counts {counted} objects too")
    if series.interrupted:
        reason = "an association broke off while it was sent, and none has brought the rest"
        return SeriesVerdict(state=None, reason=reason)
    state = SeriesState.COMPLETE if seen.regularity.complete else None
    return SeriesVerdict(state=state, reason=seen.regularity.reason)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Waits of the site; started: when this node began to listen, so that a restart begins them anew."""

    settings: Assembly
    started: float

    def series_quiet_at(self, series: Series) -> float:
        return max(series.last_arrival, self.started) + self.settings.quiet_seconds

    def study_over_at(self, study: Study) -> float:
        return max(study.last_arrival, self.started) + self.settings.study_quiet_seconds


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """Series by UID, as they were looked at, and when."""

    series: Mapping[str, Series]
    at: float

    def knows(self, series: Series) -> bool:
        """Nothing came for it since, nor did an association that broke off find its end."""
        then = self.series.get(series.series_uid)
        return then is not None and (then.images, then.interrupted) == (series.images, series.interrupted)


class Assembler:
    """Takes the next study whose look is due."""

    def __init__(
        self, ledger: Ledger, *, patience: Patience, rulebook: Rulebook, counters: Counters, clock: Clock
    ) -> None:
        """counters: by the AE title of the sender."""
        self._ledger = ledger
        self._patience = patience
        self._rulebook = rulebook
        self._counters = counters if patience.settings.query_sender else {}
        self._clock = clock
        self._looked: dict[str, _Looked] = {}
        self._seen: dict[_Key, Inspected | Unreadable] = {}

    def take(self) -> "Look | None":
        now = self._clock()
        studies = self._ledger.studies.moving()
        self._forget_all_but({study.edition.study_uid for study in studies})
        return next((Look(self, study) for study in studies if self._due(study) <= now), None)

    def next_due(self) -> float | None:
        dues = [self._due(study) for study in self._ledger.studies.moving()]
        return min((due for due in dues if due < _NEVER), default=None)

    def look(self, study: Study) -> None:
        """Closes what is whole, and lets the study go on if it may."""
        now = self._clock()
        series = self._ledger.receiving.series_of(study.edition.study_uid)
        quiet = [one for one in series if now >= self._patience.series_quiet_at(one)]
        for one in quiet:
            if one.state is SeriesState.RECEIVING:
                self._judge(one, now)
        if study.state is StudyState.RECEIVING:
            self._judge_study(study, now)
        self._looked[study.edition.study_uid] = _Looked(series={one.series_uid: one for one in quiet}, at=now)

    def failed(self, study: Study, error: Exception) -> None:
        """A defect of ours: one study stands still, and the others go on."""
        tell(LOG, "a look failed", level=logging.ERROR, study=study.edition.study_uid, error=type(error).__name__)
        series = self._ledger.receiving.series_of(study.edition.study_uid)
        self._looked[study.edition.study_uid] = _Looked(
            series={one.series_uid: one for one in series}, at=self._clock()
        )
        if study.state is StudyState.RECEIVING and outcome_of(error) is not Outcome.DISCARD:
            self._ledger.studies.fail(
                study, reason=f"a defect of the node: {type(error).__name__}", trace=trace_of(error)
            )

    def _due(self, study: Study) -> float:
        """The next time at which a look at the study may change something."""
        series = self._ledger.receiving.series_of(study.edition.study_uid)
        times = [self._series_due(one) for one in series if one.state is SeriesState.RECEIVING]
        if study.state is StudyState.RECEIVING:
            times.append(self._patience.study_over_at(study))
            if not times[:-1] and study.edition.study_uid not in self._looked:
                return 0  # the node ended after the last series was closed, before the study was
        return min(times, default=_NEVER)

    def _series_due(self, series: Series) -> float:
        """One that is quiet and not whole is looked at again only where its sender may count it by then."""
        looked = self._looked.get(series.study_uid)
        if looked is None or not looked.knows(series):
            return self._patience.series_quiet_at(series)
        if series.calling_ae not in self._counters:
            return _NEVER
        return looked.at + max(self._patience.settings.quiet_seconds, _SHORTEST_WAIT)

    def _judge(self, series: Series, now: float) -> None:
        seen = self._inspect(series)
        if isinstance(seen, Inspected):
            still = [one.traits for one in self._still(series.study_uid, now)]
            usable = self._rulebook.usable_roles(still, calling_ae=series.calling_ae)
            role = seen.decision.role
            self._ledger.receiving.classify(series, role=role.value, matters=role in usable)
        verdict = judge_series(series, seen, counted=self._count(series))
        if verdict.state is not None:
            self._close(series, verdict.state, verdict.reason)
        elif verdict.reason != series.reason:
            self._ledger.receiving.explain(series, verdict.reason)

    def _judge_study(self, study: Study, now: float) -> None:
        series = self._ledger.receiving.series_of(study.edition.study_uid)
        images = {one.series_uid: one.images for one in series}
        if self._has_all(study, series, now):
            reason = "every series that a method can use is whole"
        elif now >= self._patience.study_over_at(study):
            reason = "no image came for as long as the site waits"
            for one in series:
                if one.state is SeriesState.RECEIVING:
                    why = judge_series(one, self._inspect(one), counted=None)
                    self._close(one, SeriesState.INCOMPLETE, why.reason)
        else:
            return
        if self._ledger.receiving.complete_study(study.edition, images=images, reason=reason):
            tell(LOG, "study may go on", study=study.edition.study_uid, edition=study.edition.number, because=reason)

    def _close(self, series: Series, after: SeriesState, reason: str) -> None:
        if self._ledger.receiving.close_series(series, after=after, reason=reason):
            tell(LOG, f"series is {after}", series=series.series_uid, because=reason)

    def _has_all(self, study: Study, series: Sequence[Series], now: float) -> bool:
        seen = self._still(study.edition.study_uid, now)
        awaited = {role.value for role in self._rulebook.awaited_roles(seen, calling_ae=study.calling_ae)}
        whole = {one.role for one in series if one.state is SeriesState.COMPLETE and not self._may_have_sisters(one)}
        undecided = any(one.state is SeriesState.RECEIVING and one.matters for one in series)
        return bool(awaited) and awaited <= whole and not undecided

    def _still(self, study_uid: str, now: float) -> list[Inspected]:
        """The series that are no longer moving."""
        series = self._ledger.receiving.series_of(study_uid)
        seen = [self._inspect(one) for one in series if now >= self._patience.series_quiet_at(one)]
        return [one for one in seen if isinstance(one, Inspected)]

    def _may_have_sisters(self, series: Series) -> bool:
        """One spin-lock or echo time only: a series for each time is to be expected, and nobody says how many."""
        seen = self._inspect(series)
        return isinstance(seen, Inspected) and seen.decision.role in ECHO_ROLES and not holds_times(seen.traits)

    def _inspect(self, series: Series) -> Inspected | Unreadable:
        key = _Key(study_uid=series.study_uid, series_uid=series.series_uid, images=series.images)
        if key not in self._seen:
            self._seen[key] = inspect_series(self._ledger.receiving.paths(series.series_uid))
        return self._seen[key]

    def _forget_all_but(self, study_uids: set[str]) -> None:
        self._seen = {key: seen for key, seen in self._seen.items() if key.study_uid in study_uids}
        self._looked = {uid: looked for uid, looked in self._looked.items() if uid in study_uids}

    def _count(self, series: Series) -> int | None:
        """None where nobody can be asked, or nobody answers: geometry decides then."""
        counter = self._counters.get(series.calling_ae)
        if counter is None:
            return None
        try:
            return counter(study_uid=series.study_uid, series_uid=series.series_uid)
        except PeerError as error:
            tell(LOG, "the sender did not count", series=series.series_uid, because=type(error).__name__)
            return None


class Look:
    """At one study."""

    def __init__(self, assembler: Assembler, study: Study) -> None:
        self._assembler = assembler
        self._study = study

    def do(self) -> None:
        self._assembler.look(self._study)

    def failed(self, error: Exception) -> None:
        self._assembler.failed(self._study, error)
