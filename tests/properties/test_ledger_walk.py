"""Whatever comes in whatever order, crashes included: the ledger loses no image and calls nothing done that is not."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import booleans, integers, sampled_from

from dicom_io.received import Arrival, AssociationEnd, Caller, Ending, ReceivedObject
from node.errors import StudyMovedOn
from node.ledger import Ledger
from node.ledger.deliveries import Step
from node.ledger.rows import Edition, ResultObject
from node.lifecycle import DeliveryState, SeriesState, StudyState

STUDY = "1.2"
ANSWERS = (DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.REFUSED, DeliveryState.GIVEN_UP)


class Walk(RuleBasedStateMachine):
    """One study of two series, one peer; time runs with every act."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = 1000.0
        self.answered: set[str] = set()
        self.edition = 0
        self.made = 0
        self.ledger = self._open()

    def _open(self) -> Ledger:
        return Ledger(self.folder / "ledger.sqlite3", clock=self._tick)

    def _tick(self) -> float:
        self.now += 1
        return self.now

    def _caller(self, association: int) -> Caller:
        return Caller(association_id=str(association), calling_ae="MR1", called_ae="AI", address="127.0.0.1")

    @rule(number=integers(1, 6), association=integers(1, 3))
    def an_image_comes(self, number: int, association: int) -> None:
        path = self.folder / f"{number}.dcm"
        received = ReceivedObject(
            path=path,
            arrival=Arrival.NEW,
            study_uid=STUDY,
            series_uid=f"1.2.{number % 2}",
            sop_instance_uid=f"9.{number}",
            sop_class_uid="1",
            transfer_syntax_uid="1",
            sha256="aa",
            size=1,
            caller=self._caller(association),
        )
        assert self.ledger.receiving.record([received]) == [True]
        self.answered.add(received.sop_instance_uid)

    @rule(association=integers(1, 3), ending=sampled_from(Ending), both=booleans())
    def an_association_ends(self, association: int, ending: Ending, both: bool) -> None:
        series = frozenset({"1.2.0", "1.2.1"} if both else {"1.2.0"}) & {
            one.series_uid for one in self.ledger.receiving.series_of(STUDY)
        }
        end = AssociationEnd(
            caller=self._caller(association), ending=ending, stored=1, refused=0, refusals=(), series_uids=series
        )
        self.ledger.receiving.end_association(end)

    @rule(state=sampled_from([SeriesState.COMPLETE, SeriesState.INCOMPLETE]))
    def a_series_is_closed(self, state: SeriesState) -> None:
        for series in self.ledger.receiving.series(SeriesState.RECEIVING)[:1]:
            assert self.ledger.receiving.close_series(series, after=state, reason="")

    @rule()
    def the_study_goes_on(self) -> None:
        for study in self.ledger.studies.moving():
            if study.state is StudyState.RECEIVING:
                images = {one.series_uid: one.images for one in self.ledger.receiving.series_of(STUDY)}
                assert self.ledger.receiving.complete_study(study.edition, images=images, reason="")

    @rule(is_same_work=booleans())
    def the_study_is_worked_on(self, is_same_work: bool) -> None:
        study = self.ledger.studies.lease_next()
        if study is None:
            return
        if study.state is StudyState.COMPLETE:
            self.ledger.studies.plan(study.edition, "{}", choices=())
            return
        self.made += 0 if is_same_work and self.made else 1
        result = ResultObject(
            sop_instance_uid=f"8.{self.made}",
            sop_class_uid="1",
            series_uid="8",
            study_uid=STUDY,
            kind="SR",
            job=str(self.made),
            path=self.folder / f"{self.made}.sr",
        )
        self.ledger.studies.encode(study.edition, [result], peers={"pacs": {"SR"}})

    @rule(after=sampled_from(ANSWERS), is_confirmed=booleans())
    def a_delivery_is_tried(self, after: DeliveryState, is_confirmed: bool) -> None:
        for one in self.ledger.deliveries.lease_next("pacs")[:1]:
            if one.state is DeliveryState.WAITING:
                self.ledger.deliveries.begin_sending([one])
            if one.state is not DeliveryState.SENT:
                self.ledger.deliveries.move([one], Step(before=DeliveryState.SENDING, after=after))
            if is_confirmed and (one.state is DeliveryState.SENT or after is DeliveryState.SENT):
                self.ledger.deliveries.move([one], Step(before=DeliveryState.SENT, after=DeliveryState.DELIVERED))

    @rule()
    def a_person_asks(self) -> None:
        self.ledger.studies.retry(STUDY)

    @rule()
    def work_on_an_older_edition_ends(self) -> None:
        if self.edition > 1:
            try:
                self.ledger.studies.plan(Edition(study_uid=STUDY, number=self.edition - 1), "{}", choices=())
            except StudyMovedOn:
                return
            raise AssertionError("work on an older edition was taken")

    @rule()
    def the_node_dies(self) -> None:
        """Rows of files that are not whole go; here no file was ever written, so those in flight go."""
        lost = {one.sop_instance_uid for one in self.ledger.receiving.in_flight()}
        self.ledger.close()
        self.ledger = self._open()
        self.ledger.recover()
        self.answered -= lost

    @invariant()
    def no_image_is_lost(self) -> None:
        series = self.ledger.receiving.series_of(STUDY)
        kept = {one.sop_instance_uid for each in series for one in self.ledger.receiving.instances(each.series_uid)}
        assert kept == self.answered
        assert sum(one.images for one in series) == len(kept)

    @invariant()
    def done_means_delivered(self) -> None:
        for line in self.ledger.views.overview().studies:
            assert line.edition >= self.edition
            self.edition = line.edition
            if line.state is StudyState.DELIVERED:
                assert line.deliveries == {"pacs": {"delivered": 1}}

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=30, stateful_step_count=40)
