"""`lumbar-node run` as a process: it answers, ends well when told to, and says why when it cannot start."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import DimsePeer
from dicom_io.dimse_peer import echo
from dicom_io.errors import PeerError
from node.cli import main
from tests.orthanc import free_port, wait_until

NODE = [sys.executable, "-c", "import sys; from node.cli import main; sys.exit(main())", "run", "--config"]


def site_file(folder: Path, port: int) -> Path:
    """A node that needs no weights."""
    file = folder / "node.toml"
    file.write_text(
        f'[site]\ninstitution = "H"\ndevice_serial = "1"\nstorage = "{folder / "storage"}"\n'
        f'[receiver]\nhost = "127.0.0.1"\nport = {port}\nallow_any_caller = true\nfree_space_watermark_mib = 0\n'
        "[status_page]\nport = 0\n"
        '[[rules]]\nname = "keep"\nmethods = []\ndestinations = []\n'
    )
    return file


def answers(port: int) -> bool:
    peer = DimsePeer(kind="dimse", name="node", ae_title="LUMBARAI", host="127.0.0.1", port=port)
    try:
        echo(peer, calling_ae="ANY", timeout=5)
    except PeerError:
        return False
    return True


@contextmanager
def started(file: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*NODE, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: process.poll() is not None or answers(port), seconds=150, what="an answer to C-ECHO")
        assert process.poll() is None, process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_node_that_is_told_to_stop_ends_well(told: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    with started(site_file(tmp_path, port), port) as process:
        process.send_signal(told)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in error


def test_a_second_node_in_the_same_folder_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    file = site_file(tmp_path, port)
    with started(file, port):
        ended = subprocess.run([*NODE, file], capture_output=True, text=True, check=False, timeout=150)
        assert main(["status", "--config", str(file)]) == 0
    assert ended.returncode == 1
    assert "another node works in this storage folder" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "a node is running" in capsys.readouterr().out


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    port = free_port()
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with started(site_file(first, port), port):
        ended = subprocess.run(
            [*NODE, site_file(second, port)], capture_output=True, text=True, check=False, timeout=150
        )
    assert ended.returncode == 1
    assert "Address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr
