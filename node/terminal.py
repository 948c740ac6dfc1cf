"""What a person at the terminal sees: tables, progress, one-line faults. Talks to: terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from node.log import one_line


class Begin(Protocol):
    def __call__(self, words: str, /) -> None:
        """Tells what is done next."""
        ...


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table of plain texts."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Terminal:
    """out: what was asked for; err: everything said on the way, so that --json output stays clean."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._out = Console(highlight=False, soft_wrap=True)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet

    def say(self, words: str) -> None:
        self._out.print(Text(printable(words)))

    def raw(self, text: str) -> None:
        """For machines: nothing is wrapped or coloured."""
        self._out.out(text, highlight=False)

    def fault(self, words: str) -> None:
        self._err.print(Text(printable(words), style="red"))

    def table(self, grid: Grid) -> None:
        table = Table(title=grid.title or None, title_justify="left", header_style="bold")
        for heading in grid.headings:
            table.add_column(heading)
        for row in grid.rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._out.print(table)

    @contextmanager
    def progress(self, what: str, *, total: int | None = None) -> Iterator[Begin]:
        """A bar that moves while the block runs; it goes to standard error and vanishes. total: steps, where known."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(pulse_style="cyan"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._err, transient=True, disable=self._quiet) as progress:
            task, done = progress.add_task(what, total=total), count()
            yield lambda words: progress.update(task, description=f"{what}: {words}", completed=next(done))


def printable(text: str) -> str:
    """What a peer wrote cannot steer the terminal."""
    return "\n".join(one_line(line) for line in text.split("\n"))
