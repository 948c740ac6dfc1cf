"""The content store of received objects: one file per SOP Instance UID, as it came. Talks to: disk.

    <root>/incoming/<n>.part                     being received; swept away at the next start
    <root>/objects/<study>/<series>/<sop>.dcm    whole
    <root>/quarantine/<sop>.<sha256>.dcm         came under a UID that was already here with other bytes

A path is made of checked UIDs only. Nothing whole is ever overwritten. Directories are durable before a name is put
into them; the file and its name are once both are fsynced, which is left to who answers for them (durable_intake).
"""

import errno
import hashlib
import itertools
import mmap
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dicom_io.durable import DurableDirectories, write_all
from dicom_io.errors import InvalidInstance, SpoolFull
from dicom_io.identity import Identity, identify
from dicom_io.part10 import LONGEST_HEAD, dataset_start, file_preface
from dicom_io.received import Arrival
from dicom_io.uids import checked_uid

_OUT_OF_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)


def free_bytes(path: Path) -> int:
    """Bytes that an ordinary user may still write where path lies."""
    space = os.statvfs(path)
    return space.f_bavail * space.f_frsize


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the C-STORE request says of the dataset that follows."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    source_ae: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An object that lies at path, not synced yet; sha256 and size are of the dataset's bytes."""

    path: Path
    arrival: Arrival
    identity: Identity
    sha256: str
    size: int


class Spool:
    """May be used from many threads at once."""

    def __init__(self, root: Path, *, watermark: int, free: Callable[[Path], int] = free_bytes) -> None:
        """watermark: bytes that stay free on the disk. free: bytes that are free where a path lies."""
        self._root = root
        self._watermark = watermark
        self._free = free
        self._numbers = itertools.count()
        self._directories = DurableDirectories(root)
        self._incoming = self._directories.durable("incoming")
        for left_over in self._incoming.iterdir():
            left_over.unlink()

    def require_space(self) -> None:
        """Raises SpoolFull."""
        if self._free(self._root) < self._watermark:
            raise SpoolFull("less free space than the watermark")

    def begin(self, expected: Expected) -> "Draft":
        """A file for the dataset of a request. Raises SpoolFull, InvalidInstance if its UIDs are none."""
        self.require_space()
        preface = file_preface(
            sop_class_uid=checked_uid(expected.sop_class_uid, name="Affected SOP Class UID"),
            sop_instance_uid=checked_uid(expected.sop_instance_uid, name="Affected SOP Instance UID"),
            transfer_syntax_uid=expected.transfer_syntax_uid,
            source_ae=expected.source_ae,
        )
        return Draft(self._incoming / f"{next(self._numbers)}.part", preface, expected, self._directories)


class Draft:
    """A dataset on its way in: write() each fragment, then keep() or discard(). Used by one thread."""

    def __init__(self, path: Path, preface: bytes, expected: Expected, directories: DurableDirectories) -> None:
        self._path = path
        self._preface = preface
        self._expected = expected
        self._directories = directories
        self._digest = hashlib.sha256()
        self._size = 0
        with _full_disk_named():
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)

    def write(self, fragment: memoryview) -> None:
        """Raises SpoolFull."""
        with _full_disk_named():
            if self._size == 0:
                write_all(self._descriptor, memoryview(self._preface))
            write_all(self._descriptor, fragment)
        self._digest.update(fragment)
        self._size += len(fragment)

    def discard(self) -> None:
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)

    def keep(self) -> Kept:
        """Gives the object its own name, and says what came of it; the draft is used up in any case.

        Raises InvalidInstance for what is no object, or not the one that was announced, SpoolFull.
        """
        try:
            identity = self._identity()
            with _full_disk_named():
                path, arrival = self._place(identity)
        finally:
            self.discard()
        return Kept(path=path, arrival=arrival, identity=identity, sha256=self._digest.hexdigest(), size=self._size)

    def _identity(self) -> Identity:
        if self._size == 0:
            raise InvalidInstance("the dataset is empty")
        mapped = memoryview(mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ))
        identity = identify(mapped[len(self._preface) :], self._expected.transfer_syntax_uid)
        if identity.sop_instance_uid != self._expected.sop_instance_uid:
            raise InvalidInstance("the dataset's SOP Instance UID is not the request's")
        if identity.sop_class_uid != self._expected.sop_class_uid:
            raise InvalidInstance("the dataset's SOP Class UID is not the request's")
        return identity

    def _place(self, identity: Identity) -> tuple[Path, Arrival]:
        sha256 = self._digest.hexdigest()
        path = self._directories.durable("objects", identity.study_uid, identity.series_uid)
        path /= f"{identity.sop_instance_uid}.dcm"
        if self._link(path):
            return path, Arrival.NEW
        if is_intact(path, sha256):
            return path, Arrival.IDENTICAL
        if not self._is_whole(path):
            self._path.replace(path)
            return path, Arrival.NEW
        path = self._directories.durable("quarantine") / f"{identity.sop_instance_uid}.{sha256}.dcm"
        self._link(path)
        return path, Arrival.CONFLICT

    def _link(self, path: Path) -> bool:
        """Gives the draft this name; False if the name was there before."""
        try:
            os.link(self._path, path)
        except FileExistsError:
            return False
        return True

    def _is_whole(self, path: Path) -> bool:
        """Of a file that was received before: False if a power cut left a part of it."""
        file = path.read_bytes()
        try:
            start = dataset_start(file[:LONGEST_HEAD])
            identify(memoryview(file)[start:], self._expected.transfer_syntax_uid)
        except InvalidInstance:
            return False
        return True


def is_intact(path: Path, sha256: str) -> bool:
    """Whether the file at path holds the dataset with this sha256: after a power cut a row's file may not."""
    try:
        return dataset_sha256(path) == sha256
    except (FileNotFoundError, InvalidInstance):
        return False


def dataset_sha256(path: Path) -> str:
    """The sha256 of the dataset's bytes in a file, without preamble and file meta. Raises InvalidInstance."""
    with path.open("rb") as file:
        file.seek(dataset_start(file.read(LONGEST_HEAD)))
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(root: Path, *, before: float, known: Collection[Path]) -> int:
    """Deletes what arrived before that time (seconds since 1970) and is not among the known, and empty folders.

    What is in quarantine, and what no row tells of because its sender never had an answer. Returns how many files went.
    """
    files = [*(root / "objects").rglob("*.dcm"), *(root / "quarantine").glob("*.dcm")]
    left_over = [path for path in files if path not in known and path.stat().st_mtime < before]
    for path in left_over:
        path.unlink()
    folders = [path for path in (root / "objects").rglob("*") if path.is_dir()]
    for folder in sorted(folders, reverse=True):  # a series before its study
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(left_over)


@contextmanager
def _full_disk_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _OUT_OF_SPACE:
            raise SpoolFull("the disk is full") from error
        raise
