"""The doctor looks for itself: at ports, disk, peers, weights, decoders."""

import json
import socket
from pathlib import Path

import pytest

from config.settings import Settings
from node.cli import main
from node.doctor import Finding, State, examine
from tests import running_node as house
from tests.orthanc import free_port


def findings(settings: Settings | None) -> dict[str, Finding]:
    return {one.subject: one for one in examine(settings)}


def with_watermark(site: Settings, mebibytes: int) -> Settings:
    receiver = site.receiver.model_copy(update={"free_space_watermark_mib": mebibytes})
    return site.model_copy(update={"receiver": receiver})


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return house.settings(tmp_path / "node", house.new_ports())


def test_everything_that_is_needed_is_here() -> None:
    assert [one for one in examine(None) if one.state is State.FAULT] == []


def test_the_weights_are_named_with_their_hash() -> None:
    assert "sha256" in findings(None)["weights of disc_quantification"].words


def test_without_a_site_file_no_port_and_no_peer_is_looked_at() -> None:
    assert "receiver" not in findings(None)
    assert "no --config" in findings(None)["site"].words


def test_a_free_port_is_well(site: Settings) -> None:
    assert findings(site)["receiver"].state is State.WELL


def test_a_port_that_another_program_holds_is_a_fault(site: Settings) -> None:
    with socket.create_server(("127.0.0.1", site.receiver.port)):
        found = findings(site)["receiver"]
    assert found.state is State.FAULT
    assert str(site.receiver.port) in found.words


def test_a_port_that_the_running_node_holds_is_well(site: Settings) -> None:
    with house.running_node(site):
        found = findings(site)["receiver"]
    assert found.state is State.WELL
    assert "running node" in found.words


def test_a_peer_that_is_away_is_a_fault(site: Settings) -> None:
    assert findings(site)["peer archive"].state is State.FAULT


def test_a_peer_that_answers_is_well(tmp_path: Path) -> None:
    ports = house.new_ports()
    with house.archive(tmp_path / "archive", ports):
        assert findings(house.settings(tmp_path / "node", ports))["peer archive"].state is State.WELL


def test_a_disk_under_the_watermark_is_a_fault(site: Settings) -> None:
    assert findings(site)["disk"].state is State.WELL
    assert findings(with_watermark(site, 2**40))["disk"].state is State.FAULT


def test_looking_makes_no_folder(site: Settings) -> None:
    list(examine(site))
    assert not site.site.storage.exists()


def test_the_command_ends_with_1_if_something_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "node.toml"
    file.write_text(
        '[site]\ninstitution = "H"\ndevice_serial = "1"\nstorage = "s"\n'
        f'[receiver]\nhost = "127.0.0.1"\nport = {free_port()}\nallow_any_caller = true\n'
        f'[[peers]]\nkind = "orthanc"\nname = "o"\nurl = "http://127.0.0.1:{free_port()}"\n'
        '[[rules]]\nname = "r"\nmethods = []\ndestinations = ["o"]\n'
    )
    assert main(["doctor", "--config", str(file), "--json"]) == 1
    found = {one["subject"]: one["state"] for one in json.loads(capsys.readouterr().out)["findings"]}
    assert found["peer o"] == "fault"
    assert found["decoders"] == "well"
