"""A whole study through a warm node on two cores: `python -m tests.benchmarks.study`.

The node is a process of its own, bound to two cores; a phantom study warms it, then the study that is measured comes by
C-STORE: the real one of the shared data where that is, else another phantom. Seconds are the ledger's own, from
completeness to the last delivery; memory is the node's peak.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread

from config.load import load
from config.settings import DimsePeer, Settings
from dicom_io.deliver.cstore import CStoreChannel
from dicom_io.dimse_peer import echo
from dicom_io.embedded_pacs import EmbeddedPacs, PacsAddress
from dicom_io.errors import PeerError
from node.app import open_ledger
from node.ledger.rows import StudyLine
from node.ledger.views import Happening
from node.phantom_study import phantom_study
from tests.builders import write
from tests.conftest import SHARED_DATA
from tests.orthanc import free_port, wait_until

CORES, LONGEST_SECONDS, MOST_MEBIBYTES = 2, 15.0, 3 * 1024
REAL_STUDY = SHARED_DATA / "rsna_study" / "restored"
PATIENCE = 300.0

CONFIGURATION = """
[site]
institution = "Benchmark"
device_serial = "BENCH-1"
storage = "{folder}/node"
[receiver]
host = "127.0.0.1"
port = {node}
allowed_callers = [{{ ae_title = "BENCH" }}]
free_space_watermark_mib = 64
[assembly]
quiet_seconds = 1
study_quiet_seconds = 20
[inference]
device = "cpu"
[status_page]
port = 0
[[peers]]
kind = "dimse"
name = "pacs"
ae_title = "PACS"
host = "127.0.0.1"
port = {pacs}
query = true
confirm = "query"
[[rules]]
name = "everything"
methods = ["disc_quantification"]
destinations = ["pacs"]
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """steps: seconds from completeness to each later state. peak: mebibytes of the node's process.

    processor: seconds of all cores that the study took from its first image on; load: of the machine at its end.
    """

    what: str
    images: int
    line: StudyLine
    steps: Mapping[str, float]
    peak: float
    processor: float
    load: float

    @property
    def seconds(self) -> float:
        return self.steps.get("delivered", float("inf"))


def measure() -> Measured:
    with tempfile.TemporaryDirectory(prefix="lumbar-bench-", dir=Path.cwd()) as name:
        folder = Path(name)
        ports = {"node": free_port(), "pacs": free_port()}
        configuration = folder / "node.toml"
        configuration.write_text(CONFIGURATION.format(folder=folder, **ports))
        settings = load(configuration)
        address = PacsAddress(ae_title="PACS", host="127.0.0.1", port=ports["pacs"])
        with EmbeddedPacs(folder / "pacs", address), running_node(configuration, settings) as process:
            walk(settings, write(phantom_study(seed=1).images, folder / "warm"))
            files = study_files(folder)
            before = processor_seconds(process.pid)
            line, timeline = walk(settings, files)
            return Measured(
                what="the real study" if REAL_STUDY.is_dir() else "a phantom study",
                images=len(files),
                line=line,
                steps=steps_of(timeline),
                peak=peak_mebibytes(process.pid),
                processor=processor_seconds(process.pid) - before,
                load=os.getloadavg()[0],
            )


def study_files(folder: Path) -> list[Path]:
    if REAL_STUDY.is_dir():
        return sorted(REAL_STUDY.rglob("*.dcm"))
    return write(phantom_study(seed=2).images, folder / "measured")


@contextmanager
def running_node(configuration: Path, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`lumbar-node run` on two cores, once it answers C-ECHO."""
    command = [sys.executable, "-c", "import sys; from node.cli import main; sys.exit(main())", "run", "--config"]
    with (configuration.parent / "node.log").open("wb") as log:
        process = subprocess.Popen([*command, configuration], stderr=log, stdout=log)
    os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:CORES])
    try:
        wait_until(lambda: is_there(settings, process), seconds=60, what="the node")
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def is_there(settings: Settings, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError("the node ended instead of starting")
    try:
        echo(receiver_of(settings), calling_ae="BENCH", timeout=5)
    except PeerError:
        return False
    return True


def receiver_of(settings: Settings) -> DimsePeer:
    receiver = settings.receiver
    return DimsePeer(kind="dimse", name="node", ae_title=receiver.ae_title, host=receiver.host, port=receiver.port)


def walk(settings: Settings, files: Sequence[Path]) -> tuple[StudyLine, Sequence[Happening]]:
    """The study at its end, and what happened to it."""
    study_uid = str(dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
    CStoreChannel(receiver_of(settings), calling_ae="BENCH", timeout=60).send(files)
    ledger = open_ledger(settings)
    try:

        def line() -> StudyLine | None:
            return next((one for one in ledger.views.overview().studies if one.study_uid == study_uid), None)

        def is_over() -> bool:
            found = line()
            return found is not None and found.state in ("delivered", "failed", "rejected", "held")

        wait_until(is_over, seconds=PATIENCE, what="the end of the study")
        found = line()
        assert found is not None
        return found, ledger.views.timeline(study_uid)
    finally:
        ledger.close()


def steps_of(timeline: Sequence[Happening]) -> dict[str, float]:
    """Seconds from `receiving -> complete` to each state that followed."""
    reached = {words.split(" -> ")[1].split(":")[0]: at for at, words in _study_steps(timeline)}
    return {state: at - reached["complete"] for state, at in reached.items() if state != "complete"}


def _study_steps(timeline: Sequence[Happening]) -> Iterator[tuple[float, str]]:
    """Lines of the study itself; those of a delivery begin with an object's UID."""
    for one in timeline:
        before = one.words.split(" -> ")[0]
        if " -> " in one.words and before.isalpha():
            yield one.at, one.words


def peak_mebibytes(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def processor_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def text(found: Measured) -> str:
    lines = [f"whole study on {CORES} cores, models warm: {found.what}, {found.images} images, {found.line.state}"]
    lines += [f"  complete to {state:12}{seconds:8.1f} s" for state, seconds in found.steps.items()]
    lines.append(f"  aim: under {LONGEST_SECONDS:.0f} s to delivered{'':14}{_verdict(found.seconds < LONGEST_SECONDS)}")
    lines.append(
        f"  peak memory of the node {found.peak:8.0f} MiB, aim: under {MOST_MEBIBYTES} MiB  "
        f"{_verdict(found.peak < MOST_MEBIBYTES)}"
    )
    busy = " (the machine was busy with other work)" if found.load > CORES + 0.5 else ""
    lines.append(f"  processor time {found.processor:17.1f} s; load of the machine {found.load:.1f}{busy}")
    return "\n".join(lines)


def _verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "MISSED"


def main() -> int:
    found = measure()
    print(text(found))
    return 0 if found.line.state == "delivered" else 1


if __name__ == "__main__":
    sys.exit(main())
