"""What David Clunie's validator says of an object, less what is known and harmless. Talks to: dciodvfy."""

import re
import subprocess
from pathlib import Path
from typing import Final

from sr_reports.errors import ValidatorUnusable
from sr_reports.vocabulary import PRIVATE_SCHEME, PRIVATE_SCHEME_UID

EXPECTED: Final = (
    # It knows no private scheme; ours is declared in every object.
    re.compile(rf"Unrecognized defined term = <{re.escape(PRIVATE_SCHEME)}>"),
    re.compile(rf"Unrecognized defined term = <{re.escape(PRIVATE_SCHEME_UID)}>"),
    # The build of Debian 12 is older than this term of image and frame types.
    re.compile("Type.*Unrecognized defined term = <QUANTITY>"),
    # A study without a time, or a patient without a number, has none in our objects either.
    re.compile("Missing attribute or value that would be needed to build DICOMDIR"),
)
_VERDICT: Final = re.compile(r"^(?:Error|Warning) - ")
_ERROR: Final = "Error - "
_VALUE: Final = re.compile(r"(?<!Module=)<(?!/)[^>]*>|'[^']*'")
_SECONDS: Final = 60.0


def dciodvfy_faults(file: Path, *, program: Path, source: Path | None = None) -> tuple[str, ...]:
    """What keeps an object back: the errors. A warning says what could be better, mostly of what came with the source.

    source: an object of the series that file was made from. What the validator holds against both, word for word, came
    with patient or study and is no reason to keep a result back.

    Raises ValidatorUnusable.
    """
    return tuple(line for line in dciodvfy_verdicts(file, program=program, source=source) if line.startswith(_ERROR))


def dciodvfy_verdicts(file: Path, *, program: Path, source: Path | None = None) -> tuple[str, ...]:
    """Errors and warnings that are not expected, values blanked: they may be names of patients."""
    inherited = set() if source is None else set(_verdicts(source, program=program))
    ours = [line for line in _verdicts(file, program=program) if line not in inherited]
    return tuple(dict.fromkeys(_VALUE.sub("<...>", line) for line in ours if not _is_expected(line)))


def _is_expected(line: str) -> bool:
    return any(pattern.search(line) for pattern in EXPECTED)


def _verdicts(file: Path, *, program: Path) -> list[str]:
    try:
        answer = subprocess.run([str(program), "-new", str(file)], capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise ValidatorUnusable("dciodvfy did not run to its end") from cause
    text = (answer.stderr + answer.stdout).decode("utf-8", "replace")
    if not text.strip():
        raise ValidatorUnusable("dciodvfy said nothing, not even what kind of object it saw")
    return [line for line in text.splitlines() if _VERDICT.match(line)]
