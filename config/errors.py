"""What may be wrong with a site's file. Pure.

ConfigError   every fault at once, each with its place
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fault:
    """place: such as "rules[0].destinations"; line: in the file, None if the setting is nowhere there."""

    place: str
    words: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}, {self.place}" if self.line is not None else self.place
        return f"{where}: {self.words}"


class ConfigError(Exception):
    """The site's file is wrong: exit before any port opens."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)
