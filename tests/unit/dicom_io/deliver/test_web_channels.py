"""STOW-RS and Orthanc REST against a server on loopback that answers as real ones were found answering."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from config.settings import OrthancPeer, StowPeer
from dicom_io.deliver.channel import Receipt, Verdict
from dicom_io.deliver.orthanc import OrthancChannel
from dicom_io.deliver.stow import StowChannel
from dicom_io.errors import PeerBusy, PeerRefused
from tests.receiving import mr_object

Answer = tuple[int, object]


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these answers one after the other, the last one for ever; its URL, and the bodies it got."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = answers[min(len(bodies), len(answers)) - 1]
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Objects 1.2.3.1.1 and 1.2.3.1.2."""
    for number in (1, 2):
        mr_object(number).save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
    return [tmp_path / "1.dcm", tmp_path / "2.dcm"]


def stow(url: str, files: list[Path]) -> list[Receipt]:
    return list(StowChannel(StowPeer(kind="stow", name="pacs", url=url), timeout=10).send(files))


def orthanc(url: str, files: list[Path]) -> list[Receipt]:
    return list(OrthancChannel(OrthancPeer(kind="orthanc", name="pacs", url=url), timeout=10).send(files))


def sequence(tag: str, uid: str, **attributes: int) -> dict[str, object]:
    item: dict[str, object] = {"00081155": {"vr": "UI", "Value": [uid]}}
    item |= {name.removeprefix("t"): {"vr": "US", "Value": [value]} for name, value in attributes.items()}
    return {tag: {"vr": "SQ", "Value": [item]}}


STORED = {number: sequence("00081199", f"1.2.3.1.{number}") for number in (1, 2)}


def test_stow_sends_the_file_as_it_is_between_its_boundaries(files: list[Path]) -> None:
    with answering((200, STORED[1])) as (url, bodies):
        stow(url, files[:1])
    head, _, rest = bodies[0].partition(b"\r\n\r\n")
    boundary = head.split(b"\r\n")[0]
    assert head == boundary + b"\r\nContent-Type: application/dicom"
    assert rest == files[0].read_bytes() + b"\r\n" + boundary + b"--\r\n"


@pytest.mark.parametrize(
    ("status", "content", "verdict"),
    [
        (200, STORED[1], Verdict.STORED),
        (202, sequence("00081199", "1.2.3.1.1", t00081196=0xB000), Verdict.STORED),
        (200, {}, Verdict.UNANSWERED),
        (200, STORED[2], Verdict.UNANSWERED),
        (200, {"00081199": {"vr": "SQ"}}, Verdict.UNANSWERED),
        (202, sequence("00081198", "1.2.3.1.1", t00081197=0xA700), Verdict.BUSY),
        (409, sequence("00081198", "1.2.3.1.1", t00081197=0x0122), Verdict.REFUSED),
        (409, sequence("00081198", "1.2.3.1.1"), Verdict.REFUSED),
        (413, b"too large", Verdict.REFUSED),
        (400, b"bad", Verdict.REFUSED),
    ],
)
def test_stow_counts_only_what_the_answer_names(
    files: list[Path], status: int, content: object, verdict: Verdict
) -> None:
    with answering((status, content)) as (url, _):
        (receipt,) = stow(url, files[:1])
    assert (receipt.verdict, receipt.status) == (verdict, f"HTTP {status}")


@pytest.mark.parametrize("send", [stow, orthanc])
@pytest.mark.parametrize(
    ("status", "error"), [(503, PeerBusy), (507, PeerBusy), (429, PeerBusy), (301, PeerRefused), (403, PeerRefused)]
)
def test_a_peer_that_answers_nothing_of_the_object_is_busy_or_refuses(
    files: list[Path], send: object, status: int, error: type[Exception]
) -> None:
    with answering((status, b"words of the peer")) as (url, _), pytest.raises(error, match=f"{status}.*words of the"):
        send(url, files)  # type: ignore[operator] # one of the two above


@pytest.mark.parametrize("send", [stow, orthanc])
def test_a_page_instead_of_json_is_no_peer_of_this_kind(files: list[Path], send: object) -> None:
    with answering((200, b"<html>login</html>")) as (url, _), pytest.raises(PeerRefused, match="no JSON: <html>"):
        send(url, files)  # type: ignore[operator] # one of the two above


def test_a_peer_that_fails_after_the_first_object_leaves_the_rest_unanswered(files: list[Path]) -> None:
    with answering((200, STORED[1]), (503, b"restarting")) as (url, bodies):
        receipts = stow(url, [*files, files[1]])
    assert [receipt.verdict for receipt in receipts] == [Verdict.STORED, Verdict.UNANSWERED, Verdict.UNANSWERED]
    assert len(bodies) == 2  # it was not asked a third time


def test_orthanc_refuses_one_object_and_takes_the_other(files: list[Path]) -> None:
    with answering((400, {"Message": "Bad file format"}), (200, {"Status": "Success", "ID": "x"})) as (url, _):
        first, second = orthanc(url, files)
    assert (first.verdict, first.status) == (Verdict.REFUSED, "HTTP 400")
    assert "Bad file format" in first.words
    assert (second.verdict, second.status) == (Verdict.STORED, "Success")
