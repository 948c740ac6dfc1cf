"""What every test may ask for: the real MR beside the checkout, and real peer programs."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
OWN_PROGRAMS = Path(sys.executable).parent  # last: pynetdicom puts a storescu there that is not DCMTK's
SEARCH_PATH = os.pathsep.join(
    [
        *(folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder) != OWN_PROGRAMS),
        *("/usr/sbin", "/usr/local/sbin", str(OWN_PROGRAMS)),
    ]
)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that a test runs in this process starts its log on a stream that pytest closes after the test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
    for handler in [each for each in handlers if each not in root.handlers]:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real lumbar MR; a user's clone has none, and the test is skipped."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def peer_program() -> Callable[[str], Path]:
    """peer_program("storescu") is its path. A missing one skips the test, in CI it fails it."""

    def find(name: str) -> Path:
        found = shutil.which(name, path=SEARCH_PATH)
        if found is not None:
            return Path(found)
        reason = f"{name} is not installed (deploy/system-packages.sh)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

    return find
