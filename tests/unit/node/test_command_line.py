"""The command line: what it explains, how it ends, and that no traceback reaches a person."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from node.cli import main
from tests.orthanc import free_port

COMMANDS = ("run", "analyze", "demo", "check-config", "status", "retry", "doctor")
ON_PATH = [sys.executable, "-c", "import sys; from node.cli import main; sys.exit(main())"]

SITE = """
[site]
institution = "Loopback Hospital"
device_serial = "T-1"
storage = "{storage}"
[receiver]
host = "127.0.0.1"
port = {port}
allowed_callers = [{{ ae_title = "MODALITY" }}]
free_space_watermark_mib = 0
[[peers]]
kind = "dimse"
name = "archive"
ae_title = "ARCHIVE"
host = "127.0.0.1"
port = {peer}
[[rules]]
name = "all"
methods = ["disc_quantification"]
destinations = ["archive"]
"""


def site_file(folder: Path, *, peer: int, more: str = "") -> Path:
    file = folder / "node.toml"
    file.write_text(SITE.format(storage=folder / "storage", port=free_port(), peer=peer) + more)
    return file


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[int]:
    """The port of an archive that answers."""
    address = PacsAddress(ae_title="ARCHIVE", host="127.0.0.1", port=free_port())
    with EmbeddedPacs(tmp_path / "archive", address):
        yield address.port


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    words = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"lumbar-node {command}" in words
    assert "exit codes: 0 done" in words


def test_the_list_of_commands_names_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    words = capsys.readouterr().out
    assert [command for command in COMMANDS if f"\n    {command}" not in words] == []


def test_an_unknown_command_is_a_fault_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dance"])
    assert ended.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "check-config", "status", "retry"])
def test_a_site_file_that_is_not_there_is_named_in_one_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.toml"
    study = ["1.2.3"] if command == "retry" else []
    assert main([command, *study, "--config", str(missing)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "missing.toml" in line
    assert "No such file" in line


def test_every_fault_of_a_site_file_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = site_file(tmp_path, peer=1)
    file.write_text(
        file.read_text().replace('"disc_quantification"', '"astrology"').replace('["archive"]', '["archive", "moon"]')
    )
    file.write_text(file.read_text() + "[retention]\ninputs_days = -1\n")
    assert main(["check-config", "--config", str(file), "--json"]) == 2
    places = {fault["place"] for fault in json.loads(capsys.readouterr().out)["faults"]}
    assert places == {"rules[0].destinations", "retention.inputs_days"}


def test_a_method_that_there_is_none_of_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = site_file(tmp_path, peer=1)
    file.write_text(file.read_text().replace('"disc_quantification"', '"astrology"'))
    assert main(["run", "--config", str(file)]) == 2
    assert "rules[0].methods: 'astrology' is no method" in capsys.readouterr().err


def test_peers_that_answer_are_told_in_their_words(
    tmp_path: Path, archive: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-config", "--config", str(site_file(tmp_path, peer=archive)), "--json"]) == 0
    (peer,) = json.loads(capsys.readouterr().out)["peers"]
    assert (peer["name"], peer["is_there"]) == ("archive", True)


def test_a_peer_that_does_not_answer_is_no_fault_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-config", "--config", str(site_file(tmp_path, peer=free_port())), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["faults"] == []
    assert document["peers"][0]["is_there"] is False


def test_status_before_the_first_run_says_so_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--config", str(site_file(tmp_path, peer=1))]) == 0
    assert "no node has run" in capsys.readouterr().out
    assert not (tmp_path / "storage").exists()


def test_a_retry_of_nothing_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retry", "1.2.3", "--config", str(site_file(tmp_path, peer=1)), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"1.2.3": False}


def test_a_path_that_is_not_there_is_one_line_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert error.splitlines() == [f"lumbar-node: {tmp_path / 'nothing'}: no such file or folder"]


def test_a_demo_does_not_empty_a_folder_of_somebody_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    treasure = tmp_path / "treasure.txt"
    treasure.write_text("mine")
    assert main(["demo", "--folder", str(tmp_path)]) == 1
    assert "not from an earlier demo" in capsys.readouterr().err
    assert treasure.read_text() == "mine"


def test_a_reader_that_goes_away_early_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run([*ON_PATH, "doctor", "--json"], stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert ended.stderr == b""
    assert ended.returncode == 1


def test_what_a_peer_wrote_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\\u001b[2Jcleared"
    file = site_file(tmp_path, peer=free_port(), more="")
    file.write_text(
        file.read_text().replace('name = "archive"', f'name = "{evil}"').replace('["archive"]', f'["{evil}"]')
    )
    assert main(["check-config", "--config", str(file)]) == 1
    assert "\x1b" not in capsys.readouterr().out
