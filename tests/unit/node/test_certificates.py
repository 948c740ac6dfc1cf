"""check-config, doctor and run tell what is wrong with a site's certificates, at its place."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.load import parse
from config.settings import Settings
from node.certificates import open_secrets, run_out
from node.cli import main
from node.commands.site import checked_settings, settings_to_run
from node.doctor import Finding, State, examine
from tests.certificates import Files, Hospital
from tests.orthanc import free_port

SITE = """
[site]
institution = "Loopback Hospital"
device_serial = "T-1"
storage = "{storage}"
[receiver]
host = "127.0.0.1"
port = {port}
allow_any_caller = true
[receiver.tls]
port = {tls_port}
certificate = "{certificate}"
key = "{key}"
certificate_authority = "{authority}"
[[rules]]
name = "all"
methods = []
destinations = []
"""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    return Hospital(tmp_path_factory.mktemp("hospital"))


def written(folder: Path, hospital: Hospital, files: Files, more: str = "") -> Path:
    values = {"storage": folder / "storage", "port": free_port(), "tls_port": free_port()}
    named = {"certificate": files.certificate, "key": files.key, "authority": hospital.authority}
    file = folder / "node.toml"
    file.write_text(SITE.format(**values, **named) + more)
    return file


@pytest.fixture
def file(tmp_path: Path, hospital: Hospital) -> Iterator[Path]:
    files = hospital.issue("node", days=20)
    files.key.chmod(0o600)
    yield written(tmp_path, hospital, files)


def findings(settings: Settings) -> dict[str, Finding]:
    return {one.subject: one for one in examine(settings)}


def test_a_good_site_has_no_fault_and_no_warning(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", "--config", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"faults": [], "warnings": [], "peers": []}


def test_every_fault_of_every_file_is_told_at_once_with_its_place(tmp_path: Path, hospital: Hospital) -> None:
    more = '[[peers]]\nkind = "stow"\nname = "web"\nurl = "https://127.0.0.1"\n'
    more += f'[peers.tls]\ncertificate_authority = "{hospital.root.key}"\n'
    mixed = Files(certificate=hospital.authority, key=hospital.issue("other").key)
    path = written(tmp_path, hospital, mixed, more.replace("[[rules]]", ""))
    with pytest.raises(ConfigError) as caught:
        settings_to_run(path)
    assert {fault.place: fault.words for fault in caught.value.faults} == {
        "receiver.tls.key": "does not match the certificate",
        "peers[0].tls.certificate_authority": "holds no certificate in PEM",
    }


def test_a_file_that_is_not_there_is_told_once(tmp_path: Path, hospital: Hospital) -> None:
    path = written(tmp_path, hospital, Files(certificate=hospital.authority, key=Path("/nowhere/key")))
    with pytest.raises(ConfigError) as caught:
        settings_to_run(path)
    assert [str(fault) for fault in caught.value.faults] == ["receiver.tls.key: no file at /nowhere/key"]


def test_looking_at_studies_needs_no_key(tmp_path: Path, hospital: Hospital) -> None:
    path = written(tmp_path, hospital, Files(certificate=hospital.authority, key=hospital.authority))
    assert checked_settings(path).receiver.tls is not None


def test_a_certificate_that_ran_out_is_a_fault_but_stops_no_start(
    tmp_path: Path, hospital: Hospital, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, hospital, hospital.issue("old", days=-3))
    assert main(["check-config", "--config", str(path), "--json"]) == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["place"] == "receiver.tls.certificate"
    assert "ran out on" in fault["words"]
    assert findings(settings_to_run(path))["receiver.tls.certificate"].state is State.FAULT


def test_a_certificate_of_tomorrow_does_not_hold_today(file: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    found = run_out(settings_to_run(file), now=yesterday)
    assert {fault.words.split(" before ")[0] for fault in found} == {"does not hold"}


def test_a_key_that_everybody_may_read_is_a_warning(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_to_run(file)
    assert settings.receiver.tls is not None
    settings.receiver.tls.key.chmod(0o644)
    assert [fault.place for fault in open_secrets(settings)] == ["receiver.tls.key"]
    assert main(["check-config", "--config", str(file)]) == 0
    assert "warning: receiver.tls.key: every user may read" in capsys.readouterr().out


def test_doctor_tells_days_and_warns_a_month_before_the_end(file: Path) -> None:
    found = findings(settings_to_run(file))
    assert found["receiver.tls.certificate"].state is State.WARNING
    assert found["receiver.tls.certificate"].words.startswith("holds 20 days, until ")
    assert found["receiver by TLS"].state is State.WELL


NO_AUTHORITY = '[receiver.tls]\ncertificate = "a"\nkey = "b"\n'
TLS = NO_AUTHORITY + "require_client_certificate = false\n"
PEER = '[[peers]]\nkind = "dimse"\nname = "p"\nae_title = "P"\nhost = "h"\nport = 2762\n'
WRONG = [
    (NO_AUTHORITY, "receiver.tls", "no certificate_authority says which"),
    (TLS + "port = 11112\n", "receiver", "cannot be both plain and TLS"),
    (PEER + '[peers.tls]\ncertificate = "a"\n', "peers[0].tls", "belong together"),
    ('[[peers]]\nkind = "stow"\nname = "p"\nurl = "http://h"\n[peers.tls]\n', "peers[0]", "does not begin with https"),
]


@pytest.mark.parametrize(("more", "place", "words"), WRONG)
def test_what_contradicts_itself_is_a_fault_at_its_place(more: str, place: str, words: str) -> None:
    site = '[site]\ninstitution = "H"\ndevice_serial = "1"\nstorage = "s"\n[receiver]\nallow_any_caller = true\n'
    with pytest.raises(ConfigError) as caught:
        parse(f"rules = []\n{site}{more}")
    (fault,) = caught.value.faults
    assert (fault.place, words in fault.words) == (place, True)
    assert fault.line is not None


def test_no_port_at_all_is_a_fault() -> None:
    site = '[site]\ninstitution = "H"\ndevice_serial = "1"\nstorage = "s"\n'
    with pytest.raises(ConfigError, match="nobody could call"):
        parse(f"rules = []\n{site}[receiver]\nport = 0\nallow_any_caller = true\n")
