"""Only the ledger writes to its tables, and only along the tables of node/lifecycle.py."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITES = re.compile(r"\b(?:UPDATE \w+ SET|INSERT INTO|DELETE FROM)\b")
OUTSIDE = [path for path in (ROOT / "node").rglob("*.py") if "ledger" not in path.parts]
CHAPTERS = sorted((ROOT / "node" / "ledger").glob("*.py"))


def test_no_module_outside_the_ledger_writes_to_it() -> None:
    assert [path.name for path in OUTSIDE if WRITES.search(path.read_text(encoding="utf-8"))] == []


def test_every_change_of_a_state_stands_beside_a_check_of_the_step() -> None:
    for path in CHAPTERS:
        text = path.read_text(encoding="utf-8")
        if re.search(r"UPDATE (?:studies|deliveries|series) SET state", text):
            assert "require_step" in text or "SUPERSEDED" in text, path.name
