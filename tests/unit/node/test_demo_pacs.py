"""The demo's Orthanc: it answers once it is there, and one that cannot start is told and does not linger."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dicom_io.deliver.opened import channel
from dicom_io.errors import PeerUnreachable
from node.demo_pacs import OrthancPorts, running_orthanc
from tests.orthanc import free_port


@pytest.mark.peer
def test_orthanc_answers_once_it_is_there(tmp_path: Path, peer_program: Callable[[str], Path]) -> None:
    ports = OrthancPorts(dicom=free_port(), http=free_port())
    with running_orthanc(peer_program("Orthanc"), tmp_path / "orthanc", ports) as peer:
        assert channel(peer, calling_ae="", timeout=10).check().startswith("Orthanc")


def test_a_program_that_ends_at_once_is_told(tmp_path: Path) -> None:
    ports = OrthancPorts(dicom=free_port(), http=free_port())
    with (
        pytest.raises(PeerUnreachable, match="instead of starting"),
        running_orthanc(Path("/bin/false"), tmp_path / "orthanc", ports),
    ):
        pytest.fail("it cannot have started")
