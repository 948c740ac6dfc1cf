"""The one import direction holds, and no import hides inside a function."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "dicom_io", "inference", "sr_reports", "node")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_every_import_goes_one_way() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_stands_inside_a_function(path: Path) -> None:
    hidden = [
        node.lineno
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.stat().st_size], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_module_says_what_it_is_and_what_it_touches(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    first_line = docstring.splitlines()[0] if docstring else ""
    assert "Pure." in docstring or "Talks to:" in docstring, first_line


def test_one_place_alone_catches_every_exception() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert [place.split(":")[0] for place in broad] in ([], ["node/worker.py"])


def test_serving_imports_no_torch() -> None:
    probe = (
        "import sys, node.app, node.cli; "
        "loaded = {'torch', 'monai', 'sklearn', 'pandas'} & set(sys.modules); sys.exit(', '.join(sorted(loaded)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
