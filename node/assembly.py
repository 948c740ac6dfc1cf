"""When a series is whole and when a study may go on. Talks to: disk, PACS."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from config.settings import Assembly
from dicom_io.errors import PeerError
from dicom_io.roles import Role
from node.inspection import Inspected, Unreadable, inspect_series
from node.ledger import Ledger
from node.ledger.rows import Series, Study
from node.lifecycle import SeriesState
from node.log import tell
from node.planning import Rulebook

LOG: Final = logging.getLogger(__name__)
_SHORTEST_WAIT: Final = 1.0


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


class Assembler:
    """Looks at what is being received whenever a time comes; `look` says when the next one is."""

    def __init__(self, ledger: Ledger, *, patience: Patience, rulebook: Rulebook, counters: Counters) -> None:
        """counters: by the AE title of the sender."""
        self._ledger = ledger
        self._patience = patience
        self._rulebook = rulebook
        self._counters = counters if patience.settings.query_sender else {}
        self._seen: dict[_Key, Inspected | Unreadable] = {}

    def look(self, now: float) -> float | None:
        """Closes what is whole; the time of the next look, None if nothing is being received."""
        for series in self._ledger.receiving.series(SeriesState.RECEIVING):
            if now >= self._patience.series_quiet_at(series):
                self._judge(series, now)
        studies = self._ledger.studies.receiving()
        for study in studies:
            self._judge_study(study, now)
        self._forget_all_but({study.edition.study_uid for study in studies})
        return self._next_look(now)

    def _judge(self, series: Series, now: float) -> None:
        seen = self._inspect(series)
        if isinstance(seen, Inspected):
            usable = self._usable_roles(series.study_uid, series.calling_ae, now)
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
        usable = {role.value for role in self._usable_roles(study.edition.study_uid, study.calling_ae, now)}
        whole = {one.role for one in series if one.state is SeriesState.COMPLETE}
        undecided = any(one.state is SeriesState.RECEIVING and one.matters for one in series)
        return bool(usable) and usable <= whole and not undecided

    def _usable_roles(self, study_uid: str, calling_ae: str, now: float) -> frozenset[Role]:
        """By the series that are no longer moving."""
        series = self._ledger.receiving.series_of(study_uid)
        still = [one for one in series if now >= self._patience.series_quiet_at(one)]
        seen = [self._inspect(one) for one in still]
        return self._rulebook.usable_roles(
            [one.traits for one in seen if isinstance(one, Inspected)], calling_ae=calling_ae
        )

    def _inspect(self, series: Series) -> Inspected | Unreadable:
        key = _Key(study_uid=series.study_uid, series_uid=series.series_uid, images=series.images)
        if key not in self._seen:
            self._seen[key] = inspect_series(self._ledger.receiving.paths(series.series_uid))
        return self._seen[key]

    def _forget_all_but(self, study_uids: set[str]) -> None:
        self._seen = {key: seen for key, seen in self._seen.items() if key.study_uid in study_uids}

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

    def _next_look(self, now: float) -> float | None:
        """Series that are quiet and not whole are looked at again: their sender may count them by then."""
        series = self._ledger.receiving.series(SeriesState.RECEIVING)
        again = now + max(self._patience.settings.quiet_seconds, _SHORTEST_WAIT)
        times = [
            *(max(self._patience.series_quiet_at(one), now) for one in series if not self._is_quiet(one, now)),
            *(again for one in series if self._is_quiet(one, now) and one.calling_ae in self._counters),
            *(max(self._patience.study_over_at(one), now) for one in self._ledger.studies.receiving()),
        ]
        return min(times, default=None)

    def _is_quiet(self, series: Series, now: float) -> bool:
        return now >= self._patience.series_quiet_at(series)
