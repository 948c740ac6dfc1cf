"""The page: read only, for people and machines, without a patient; red when a person should look."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from config.settings import StatusPage as StatusPageSettings
from node.app import open_ledger
from node.health import Health, health
from node.ledger.rows import Choice, Overview, Refusal, StudyLine, Verdict
from node.lifecycle import StudyState
from node.status_page import StatusPage
from tests import running_node as house

EVIL = "<script>alert(1)</script>"
WELL = Health(
    faults=(),
    free_mib=5000,
    overview=Overview(
        studies=(
            StudyLine(
                study_uid="1.2.3",
                edition=1,
                state=StudyState.DELIVERED,
                calling_ae=EVIL,
                images=18,
                last_arrival=1.0,
                reason=f"{EVIL} reason",
                choices=(Choice(series_uid="1.2.3.4", method="m", verdict=Verdict.REFUSED, reason=f"{EVIL} choice"),),
                deliveries={f"{EVIL} peer": {"delivered": 2}},
                words=(f"{EVIL} words",),
            ),
        ),
        refusals=(Refusal(at=1.0, calling_ae=EVIL, address="127.0.0.1", reason=f"{EVIL} refusal", quarantined=True),),
        counts={"delivered": 1},
    ),
)
RED = replace(WELL, faults=("12 MiB free, less than the watermark of 2048 MiB",))


@pytest.fixture
def served() -> Iterator[Callable[[Health], str]]:
    """served(health) is the address of a page that shows it."""
    pages = []

    def serve(shown: Health) -> str:
        page = StatusPage(StatusPageSettings(port=0), observe=lambda: shown)
        page.start()
        pages.append(page)
        return f"http://127.0.0.1:{page.port}"

    yield serve
    for page in pages:
        page.stop()


def get(address: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(address, timeout=10, headers={"Connection": "close"})


def test_the_page_shows_states_and_reasons(served: Callable[[Health], str]) -> None:
    answer = get(f"{served(WELL)}/")
    assert answer.status_code == 200
    assert "1.2.3" in answer.text
    assert "delivered" in answer.text


def test_what_peers_wrote_is_text_and_never_markup(served: Callable[[Health], str]) -> None:
    text = get(f"{served(WELL)}/").text
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 7


def test_machines_get_the_same_as_json(served: Callable[[Health], str]) -> None:
    document = json.loads(get(f"{served(WELL)}/status.json").text)
    assert document["well"] is True
    assert document["overview"]["studies"][0]["study_uid"] == "1.2.3"


def test_health_is_ok_when_well_and_503_with_the_reason_when_red(served: Callable[[Health], str]) -> None:
    assert get(f"{served(WELL)}/health").status_code == 200
    red = get(f"{served(RED)}/health")
    assert red.status_code == 503
    assert "watermark" in red.text


def test_a_red_page_says_why(served: Callable[[Health], str]) -> None:
    assert "less than the watermark" in get(f"{served(RED)}/").text


def test_other_addresses_are_not_found(served: Callable[[Health], str]) -> None:
    assert get(f"{served(WELL)}/../etc/passwd").status_code == 404
    assert get(f"{served(WELL)}/admin").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed_through_it(method: str, served: Callable[[Health], str]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, f"{served(WELL)}/", timeout=10, headers={"Connection": "close"})
    assert answer.status_code == 501


def test_nobody_may_frame_it_or_run_a_script_in_it(served: Callable[[Health], str]) -> None:
    policy = get(f"{served(WELL)}/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_it_is_red_under_the_watermark_and_while_a_study_has_failed(tmp_path: Path) -> None:
    site = house.settings(tmp_path / "node", house.new_ports())
    full = site.model_copy(update={"receiver": site.receiver.model_copy(update={"free_space_watermark_mib": 2**40})})
    ledger = open_ledger(site)
    try:
        assert health(ledger, site).is_well
        assert "watermark" in health(ledger, full).faults[0]
    finally:
        ledger.close()


def test_a_running_node_serves_it_without_a_word_of_the_patient(tmp_path: Path) -> None:
    ports = house.new_ports()
    port = house.new_ports().node
    site = house.settings(tmp_path / "node", ports, status_page={"port": port})
    images = house.study(name="Secret^Patient")
    with house.archive(tmp_path / "archive", ports), house.running_node(site):
        house.send(ports, images)
        house.wait_for_state(site, images[0].StudyInstanceUID, StudyState.DELIVERED)
        pages = [get(f"http://127.0.0.1:{port}{path}").text for path in ("/", "/status.json", "/health")]
    assert images[0].StudyInstanceUID in pages[0]
    assert not [page for page in pages if "Secret" in page or str(images[0].PatientID) in page]
    assert "status-page" not in {thread.name for thread in threading.enumerate()}
