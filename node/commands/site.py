"""The site's file, with everything checked that can be without a network. Talks to: disk."""

from collections.abc import Sequence
from pathlib import Path

from config.errors import ConfigError, Fault
from config.load import load, missing_files
from config.settings import Settings
from node.certificates import unusable_certificates
from node.methods import unknown_methods


def checked_settings(path: Path) -> Settings:
    """For commands that look at a node's work; whoever gives them need not be allowed to read its keys.

    Raises ConfigError.
    """
    settings = load(path)
    _require_none([*unknown_methods(settings.rules), *missing_files(settings)])
    return settings


def settings_to_run(path: Path) -> Settings:
    """For commands that talk to peers. Raises ConfigError."""
    settings = load(path)
    _require_none([*unknown_methods(settings.rules), *missing_files(settings), *unusable_certificates(settings)])
    return settings


def _require_none(faults: Sequence[Fault]) -> None:
    if faults:
        raise ConfigError(faults)
