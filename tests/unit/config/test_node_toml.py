"""config/node.toml shows every setting, with its default and a reason, and runs as it stands."""

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from config.load import parse
from config.settings import (
    Assembly,
    Caller,
    Delivery,
    DimsePeer,
    Inference,
    Match,
    OrthancPeer,
    Receiver,
    RelaxationFit,
    Relaxometry,
    Retention,
    Rule,
    Settings,
    Site,
    StatusPage,
    StowPeer,
    TimeSource,
)
from config.tls import PeerTls, ReceiverTls

TEXT = (Path(__file__).parents[3] / "config" / "node.toml").read_text(encoding="utf-8")
EVERYTHING = re.sub(r"^#(\[|[a-z_]+ = )", r"\1", TEXT, flags=re.MULTILINE)


def section(*names: str) -> dict[str, object]:
    found: object = tomllib.loads(EVERYTHING)
    for name in names:
        found = found[name]  # type: ignore[index]  # a document of tables
        found = found[0] if isinstance(found, list) else found
    assert isinstance(found, dict)
    return found


def peer(kind: str) -> dict[str, object]:
    return next(entry for entry in tomllib.loads(EVERYTHING)["peers"] if entry["kind"] == kind)


SHARES_ITS_COMMENT = re.compile(r"#?(ae_title|host|name|kind|username|url|query|minimum_field_strength) = ")
SECTIONS: list[tuple[type[BaseModel], dict[str, object]]] = [
    (Settings, tomllib.loads(EVERYTHING)),
    (Site, section("site")),
    (Receiver, section("receiver")),
    (ReceiverTls, section("receiver", "tls")),
    (Caller, section("receiver", "allowed_callers")),
    (Assembly, section("assembly")),
    (Delivery, section("delivery")),
    (Inference, section("inference")),
    (Relaxometry, section("relaxometry")),
    (RelaxationFit, section("relaxometry", "fit")),
    (TimeSource, section("relaxometry", "spin_lock_time")),
    (Retention, section("retention")),
    (StatusPage, section("status_page")),
    (DimsePeer, peer("dimse")),
    (PeerTls, section("peers", "tls")),
    (StowPeer, peer("stow")),
    (OrthancPeer, peer("orthanc")),
    (Rule, section("rules")),
    (Match, section("rules", "match")),
]


@pytest.mark.parametrize(("model", "shown"), SECTIONS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_setting_is_shown_and_no_other(model: type[BaseModel], shown: dict[str, object]) -> None:
    assert set(shown) == set(model.model_fields)


def test_the_example_is_valid_as_it_stands_and_with_every_line_switched_on() -> None:
    assert parse(TEXT).peers
    assert len(parse(EVERYTHING).peers) == 3


def defaults() -> Iterator[tuple[str, object]]:
    for model, _ in SECTIONS[1:]:
        for name, field in model.model_fields.items():
            if field.default is not PydanticUndefined and isinstance(field.default, str | int | float):
                yield name, field.default


@pytest.mark.parametrize(("name", "default"), sorted(set(defaults()), key=str))
def test_every_default_is_told_above_the_setting(name: str, default: object) -> None:
    comments = re.findall(rf"((?:^# .*\n)+)(?:#?(?:ae_title|host) = .*\n)*#?{name} = ", TEXT, flags=re.MULTILINE)
    told = [re.search(rf"Default:? {re.escape(written(default))}", text.replace("\n# ", " ")) for text in comments]
    assert any(told)


def written(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, str):
        return f'"{default}"'
    return f"{default:.0f}" if isinstance(default, float) else str(default)


def test_every_setting_has_a_comment_above_it() -> None:
    lines = TEXT.splitlines()
    explained: set[str] = set()
    for above, line in pairwise(lines):
        key = re.match(r"#?([a-z_]+) = ", line)
        if key and (
            above.startswith("# ")
            or re.match(r"#?(ae_title|host|name|kind|username|url|query|minimum_field_strength) = ", above)
        ):
            explained.add(key.group(1))
    wanted = {name for model, _ in SECTIONS[1:] for name in model.model_fields}
    wanted -= {"allowed_callers", "match", "spin_lock_time", "fit", "tls"}
    assert wanted <= explained, wanted - explained


def test_the_example_names_the_sources_of_spin_lock_times_as_they_are_without_it() -> None:
    assert parse(TEXT).relaxometry == Relaxometry()
