"""One line per event, key=value, without patient data. Talks to: standard error, clock.

Our modules write no value of a header; what other libraries say may quote one, so only its place is told.
"""

import logging
import time
import traceback
import warnings
from collections.abc import Mapping
from typing import Final, TextIO

_OURS: Final = ("config", "dicom_io", "inference", "node", "sr_reports")


def start_logging(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Once, by the command that runs."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    handler.addFilter(lambda record: _is_ours(record) or record.levelno >= logging.WARNING)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    warnings.simplefilter("ignore")  # pydicom warns with the value that it dislikes


def tell(logger: logging.Logger, words: str, /, *, level: int = logging.INFO, **fields: object) -> None:
    """words: always the same for the same event; fields: UIDs, counts, names of the site's own file."""
    logger.log(level, words, extra={"fields": fields})


class LineFormatter(logging.Formatter):
    """2026-01-31T12:00:00Z INFO node.assembly series is whole series=1.2.3"""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        head = f"{when} {record.levelname} {record.name}"
        if not _is_ours(record):
            return f"{head} {record.module}:{record.lineno}"
        line = f"{head} {one_line(record.getMessage())}{_written(getattr(record, 'fields', {}))}"
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line} {one_line(trace_of(error))}"


def trace_of(error: BaseException) -> str:
    """Where it came up, without its words: those may quote a header."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    cause = error.__cause__ or error.__context__
    before = f"{trace_of(cause)}\nthen\n" if cause is not None else ""
    return before + "\n".join([*places, f"{type(error).__module__}.{type(error).__qualname__}"])


def one_line(text: str) -> str:
    """What a peer wrote cannot begin a line of its own."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.split(".")[0] in _OURS


def _written(fields: Mapping[str, object]) -> str:
    return "".join(f" {name}={one_line(str(value))}" for name, value in fields.items())
