"""The site's file, with everything checked that can be without a network. Talks to: disk."""

from pathlib import Path

from config.errors import ConfigError
from config.load import load, missing_files
from config.settings import Settings
from node.methods import unknown_methods


def checked_settings(path: Path) -> Settings:
    """Raises ConfigError."""
    settings = load(path)
    faults = [*unknown_methods(settings.rules), *missing_files(settings)]
    if faults:
        raise ConfigError(faults)
    return settings
