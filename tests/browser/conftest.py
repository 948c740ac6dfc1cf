"""A real Orthanc that holds a phantom study with our results, the real OHIF before it, a real Chromium inside."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import Inference
from node.analysis import Request, analyse
from node.commands.analyze import EVERYTHING
from node.methods import open_methods
from node.phantom_study import PhantomStudy, phantom_study
from node.planning import Rulebook
from node.publishing import Gate, Publisher
from node.study_work import Workshop
from sr_reports.results_json import Analysis
from tests import builders, lumbar
from tests.browser.viewer import Ohif, browser, served
from tests.orthanc import Orthanc, running_orthanc

UNPACK = Path(__file__).parents[2] / "deploy" / "ohif.sh"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A study and what the node found in it, both in the Orthanc that OHIF reads."""

    study: PhantomStudy
    analysis: Analysis


@pytest.fixture(scope="session")
def ohif_dist() -> Path:
    """The unpacked viewer. Where it cannot be had the tests are skipped, in CI they fail."""
    unpacked = subprocess.run([UNPACK], capture_output=True, text=True, check=False)
    if unpacked.returncode == 0:
        return Path(unpacked.stdout.strip().splitlines()[-1])
    reason = "deploy/ohif.sh could not unpack OHIF (needs npm and its registry)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory, peer_program: Callable[[str], Path]) -> Iterator[Orthanc]:
    with running_orthanc(peer_program("Orthanc"), tmp_path_factory.mktemp("orthanc")) as running:
        yield running


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory, orthanc: Orthanc) -> Shown:
    folder = tmp_path_factory.mktemp("study")
    study = phantom_study()
    images = builders.write(study.images, folder / "in")
    analysis = analyse(Request(paths=[folder / "in"], folder=folder / "out", created=lumbar.CREATED), _workshop(folder))
    for path in [*images, *(folder / "out").rglob("*.dcm")]:
        orthanc.store(path.read_bytes())
    return Shown(study=study, analysis=analysis)


def _workshop(folder: Path) -> Workshop:
    methods = open_methods(EVERYTHING[0].methods, Inference(device="cpu"))
    return Workshop(
        rulebook=Rulebook(rules=EVERYTHING, cards={name: one.method.card for name, one in methods.items()}),
        methods=methods,
        publisher=Publisher(folder / "out", gate=Gate(dciodvfy=None)),
        equipment=lumbar.EQUIPMENT,
    )


@pytest.fixture
def ohif(
    request: pytest.FixtureRequest,
    ohif_dist: Path,
    orthanc: Orthanc,
    shown: Shown,
    peer_program: Callable[[str], Path],
) -> Iterator[Ohif]:
    """The viewer with the study open. Pictures go to .browser/, which CI may keep; the last one is of the end."""
    pictures = Path(__file__).parents[2] / ".browser"
    with served(ohif_dist, orthanc) as url, browser(peer_program("chromium"), url, pictures) as viewer:
        viewer.open_study(shown.study.study_uid)
        yield viewer
        viewer.picture(f"end of {request.node.name}")
