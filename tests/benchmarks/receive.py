"""Images received per second, durably, beside DCMTK storescp and Orthanc: `python -m tests.benchmarks.receive`.

The sender is DCMTK storescu, one process per association, 131 kB MR images, TCP_NODELAY for all. Each receiver is
measured in turns, several times, on new images; the median counts. Ours answers after the file and its directories are
fsynced and the ledger's row is committed; Orthanc writes a database as it ships; storescp promises nothing.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import Receiver
from dicom_io.scp import StorageScp
from dicom_io.spool import Spool
from dicom_io.uids import derived_uid
from node.intake import LedgerIntake
from node.ledger import Ledger
from tests.conftest import SEARCH_PATH
from tests.orthanc import free_port, running_orthanc, wait_until
from tests.receiving import mr_object

ASSOCIATIONS = (1, 4)
ENVIRONMENT = {**os.environ, "TCP_NODELAY": "1", "PATH": SEARCH_PATH}


@dataclass(frozen=True, kw_only=True)
class Rate:
    receiver: str
    associations: int
    images_per_second: float


@contextmanager
def lumbar_node(folder: Path) -> Iterator[int]:
    """The node's receiver, spool and ledger; yields its port."""
    receiver = Receiver(host="127.0.0.1", port=free_port(), allow_any_caller=True, require_called_ae=False)
    ledger = Ledger(folder / "ledger.sqlite")
    spool = Spool(folder / "spool", watermark=receiver.free_space_watermark_mib << 20)
    try:
        with StorageScp(receiver, spool=spool, intake=LedgerIntake(ledger, arrived=lambda: None)):
            yield receiver.port
    finally:
        ledger.close()


@contextmanager
def storescp(folder: Path) -> Iterator[int]:
    """DCMTK's receiver, a process per association."""
    folder.mkdir(parents=True)
    port = free_port()
    process = subprocess.Popen(["storescp", "--fork", "-od", folder, str(port)], env=ENVIRONMENT)
    try:
        echo = ["echoscu", "127.0.0.1", str(port)]
        wait_until(lambda: subprocess.run(echo, env=ENVIRONMENT, check=False).returncode == 0)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def orthanc(folder: Path) -> Iterator[int]:
    program = shutil.which("Orthanc", path=SEARCH_PATH)
    if program is None:
        raise FileNotFoundError("Orthanc is not installed")
    with running_orthanc(Path(program), folder) as running:
        yield running.dicom_port


RECEIVERS: Mapping[str, Callable[[Path], AbstractContextManager[int]]] = {
    "lumbar-node": lumbar_node,
    "DCMTK storescp": storescp,
    "Orthanc": orthanc,
}


def write_images(folder: Path, *, associations: int, count: int) -> list[Path]:
    """count images of 131 kB, a series and a folder for each association."""
    folders = []
    for association in range(associations):
        series = derived_uid("benchmark", str(folder), str(association))
        part = folder / str(association)
        part.mkdir(parents=True)
        for number in range(1, count // associations + 1):
            image = mr_object(number, study=derived_uid("benchmark", str(folder)), series=series, rows=256)
            image.SOPInstanceUID = derived_uid(series, str(number))
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
            image.save_as(part / f"{number}.dcm", enforce_file_format=True)
        folders.append(part)
    return folders


def send(port: int, folders: Sequence[Path]) -> float:
    """Seconds until every sender is done, one sender per folder."""
    started = time.perf_counter()
    senders = [
        subprocess.Popen(["storescu", "+sd", "-aec", "ANY", "127.0.0.1", str(port), folder], env=ENVIRONMENT)
        for folder in folders
    ]
    failed = [sender for sender in senders if sender.wait()]
    if failed:
        raise RuntimeError("a sender failed")
    return time.perf_counter() - started


def measure(*, images: int, rounds: int, note: Callable[[str], None]) -> list[Rate]:
    """The median rate of each receiver with one and with four associations."""
    seconds: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="lumbar-bench-", dir=Path.cwd()) as name:
        root = Path(name)
        sources = {
            associations: write_images(root / f"send{associations}", associations=associations, count=images)
            for associations in ASSOCIATIONS
        }
        for number in range(rounds):
            for receiver, start in RECEIVERS.items():
                note(f"round {number + 1} of {rounds}: {receiver}")
                with start(root / f"{receiver}-{number}") as port:
                    for associations, folders in sources.items():
                        seconds.setdefault((receiver, associations), []).append(send(port, folders))
    return [
        Rate(receiver=receiver, associations=associations, images_per_second=images / statistics.median(taken))
        for (receiver, associations), taken in seconds.items()
    ]


def table(rates: Sequence[Rate]) -> str:
    """Images per second, and ours in relation to each peer."""
    found = {(rate.receiver, rate.associations): rate.images_per_second for rate in rates}
    lines = [f"{'images/s received':24}{'1 association':>16}{'4 associations':>16}"]
    for receiver in RECEIVERS:
        lines.append(f"{receiver:24}" + "".join(f"{found[receiver, count]:16.0f}" for count in ASSOCIATIONS))
    for peer in list(RECEIVERS)[1:]:
        ratios = [found["lumbar-node", count] / found[peer, count] for count in ASSOCIATIONS]
        lines.append(f"{f'  ours / {peer}':24}" + "".join(f"{ratio:16.2f}" for ratio in ratios))
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=800, help="per measurement")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    print(table(measure(images=chosen.images, rounds=chosen.rounds, note=lambda words: print(words, file=sys.stderr))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
