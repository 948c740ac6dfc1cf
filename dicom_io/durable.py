"""Files and directories that outlive a power cut. Talks to: disk."""

import os
import threading
from pathlib import Path


def fsync_path(path: Path) -> None:
    """Of a file: its bytes; of a directory: the names in it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: memoryview) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


class DurableDirectories:
    """Directories under one root, made and fsynced when first asked for. May be used from many threads at once."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._durable: set[Path] = set()
        self._lock = threading.Lock()

    def durable(self, *parts: str) -> Path:
        """root/part/part..., once every name on the way is on the disk."""
        path = self._root.joinpath(*parts)
        if path not in self._durable or not path.is_dir():
            with self._lock:
                self._make(path)
        return path

    def _make(self, path: Path) -> None:
        if path != self._root:
            self._make(path.parent)
            path.mkdir(exist_ok=True)
            fsync_path(path.parent)
        self._durable.add(path)
