"""The one import direction holds, and no import hides inside a function."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "dicom_io", "inference", "sr_reports", "node")
TREES = {path: ast.parse(path.read_text()) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}


def test_every_import_goes_one_way() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_no_import_stands_inside_a_function() -> None:
    hidden = {
        place(path, node)
        for path, tree in TREES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not hidden


def test_every_module_says_what_it_is_and_what_it_touches() -> None:
    docstrings = {path: ast.get_docstring(tree) or "" for path, tree in TREES.items() if path.stat().st_size}
    silent = [path for path, words in docstrings.items() if "Pure." not in words and "Talks to:" not in words]
    assert not silent


def place(path: Path, node: ast.stmt | ast.ExceptHandler) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def test_one_place_alone_catches_every_exception() -> None:
    broad = [
        place(path, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert [each.split(":")[0] for each in broad] in ([], ["node/worker.py"])


def test_serving_imports_no_torch() -> None:
    probe = (
        "import sys, node.app, node.cli; "
        "loaded = {'torch', 'monai', 'sklearn', 'pandas'} & set(sys.modules); sys.exit(', '.join(sorted(loaded)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
