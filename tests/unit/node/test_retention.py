"""Files go when nothing needs them; rows stay."""

from pathlib import Path

from config.settings import Retention
from dicom_io.received import Turned
from node.app import open_ledger
from node.clock import system_clock
from node.ledger import Ledger
from node.lifecycle import StudyState
from node.retention import sweep, sweep_spool
from tests import running_node as house

DAY = 86400.0


def test_inputs_go_first_then_results_and_the_study_is_still_told(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
    ledger = open_ledger(site)
    settings = Retention(inputs_days=7, results_days=30)
    swept = [
        sweep(ledger, settings, clock=lambda days=days: system_clock() + days * DAY)  # type: ignore[misc]  # bound now
        for days in (1, 8, 8, 31)
    ]
    ledger.close()
    assert swept == [0, len(images), 0, 2]
    assert not list((tmp_path / "node").rglob("*.dcm"))
    assert house.lines(site)[images[0].StudyInstanceUID].images == len(images)


def test_a_file_that_no_row_tells_of_goes_after_the_days_of_inputs(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    stray = spool / "objects" / "1.2" / "1.3" / "1.4.dcm"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"came, was never recorded, never answered")
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    settings = Retention(inputs_days=7)
    assert sweep_spool(ledger, spool, settings, clock=lambda: system_clock() + 6 * DAY) == 0
    assert sweep_spool(ledger, spool, settings, clock=lambda: system_clock() + 8 * DAY) == 1
    ledger.close()
    assert not stray.exists()


def test_history_goes_after_its_days_and_states_stay(tmp_path: Path) -> None:
    ports = house.new_ports()
    site = house.settings(tmp_path / "node", ports)
    images = house.study()
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
    ledger = open_ledger(site)
    ledger.receiving.note_turned_away(Turned(calling_ae="X", address="192.0.2.1", reason="not known"))
    told = []
    for days in (1, 12):
        sweep(ledger, Retention(history_days=10), clock=lambda days=days: system_clock() + days * DAY)  # type: ignore[misc]  # bound now
        overview = ledger.views.overview()
        told.append((bool(ledger.views.timeline(images[0].StudyInstanceUID)), len(overview.refusals)))
    ledger.close()
    assert told == [(True, 1), (False, 0)]
    assert house.lines(site)[images[0].StudyInstanceUID].state is StudyState.DELIVERED
