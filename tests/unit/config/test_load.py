"""A site's file is read whole or refused whole, with every fault at its place."""

from pathlib import Path

import pytest

from config.errors import ConfigError, Fault
from config.load import load, missing_files, parse

EXAMPLE = (Path(__file__).parents[3] / "config" / "node.toml").read_text(encoding="utf-8")


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return caught.value.faults


def line_with(text: str, wanted: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if wanted in line)


def test_every_fault_is_told_at_once_with_its_line() -> None:
    text = (
        EXAMPLE.replace("port = 4242", "port = 99999")
        .replace('destinations = ["pacs"]', 'destinations = ["pax"]')
        .replace('"^QA phantom"', '"("')
    )
    found = {fault.place: fault.line for fault in faults_of(text)}
    assert found == {
        "peers[0].port": line_with(text, "port = 99999"),
        "rules[1].destinations": line_with(text, '["pax"]'),
        "rules[0].match.series_description": line_with(text, 'series_description = "("'),
    }


def test_an_unknown_setting_is_a_fault() -> None:
    (fault,) = faults_of(EXAMPLE.replace("quiet_seconds = 30\n", "quiet_second = 30\n", 1))
    assert fault.place == "assembly.quiet_second"
    assert "not permitted" in fault.words


def test_what_only_a_site_can_decide_has_no_default() -> None:
    (fault,) = faults_of(EXAMPLE.replace('storage = ".node"', ""))
    assert (fault.place, fault.words, fault.line) == (
        "site.storage",
        "Field required",
        EXAMPLE.splitlines().index("[site]") + 1,
    )


def test_a_receiver_that_nobody_may_call_is_a_fault() -> None:
    start, end = EXAMPLE.index("[[receiver.allowed_callers]]"), EXAMPLE.index("[assembly]")
    (fault,) = faults_of(EXAMPLE[:start] + EXAMPLE[end:])
    assert "nobody could store" in fault.words


def test_two_peers_of_one_name_are_a_fault() -> None:
    peer = '[[peers]]\nkind = "orthanc"\nname = "pacs"\nurl = "http://127.0.0.1:8042"\n'
    (fault,) = faults_of(EXAMPLE + peer)
    assert fault.place == "peers[1].name"


def test_a_text_that_is_no_toml_is_one_fault_with_its_line() -> None:
    (fault,) = faults_of("[site\n")
    assert "line 1" in fault.words


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), (b"\xff\xfe", "is no UTF-8 text")])
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "node.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load(path)


def test_a_password_file_that_is_not_there_is_told() -> None:
    peer = '[[peers]]\nkind = "stow"\nname = "web"\nurl = "http://127.0.0.1"\npassword_file = "/nowhere/word"\n'
    (fault,) = missing_files(parse(EXAMPLE + peer))
    assert (fault.place, fault.words) == ("peers[1].password_file", "no file at /nowhere/word")
