"""The DICOM files of folders, by study and series, as planning wants them. Talks to: disk."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dicom_io.errors import InvalidInstance
from dicom_io.headers import InstanceHeader, read_header
from dicom_io.read_instance import read_instance_header
from node.inspection import inspect_headers
from node.planning import Candidate
from sr_reports.results_json import RefusedFile


@dataclass(frozen=True, kw_only=True)
class Found:
    """A usable MR object."""

    path: Path
    header: InstanceHeader


@dataclass(kw_only=True)
class SortedFiles:
    """Objects by study and series, each SOP Instance UID once."""

    studies: dict[str, dict[str, list[Found]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    refused: list[RefusedFile] = field(default_factory=list)


def sorted_files(paths: Iterable[Path], *, begin: Callable[[str], None] = lambda _: None) -> SortedFiles:
    """begin: told the name of each file before it is read."""
    files = SortedFiles()
    seen: dict[str, Found] = {}
    for root, path in _files(paths):
        begin(f"reading {path.name}")
        try:
            found = Found(path=path, header=read_header(read_instance_header(path)))
            _demand_new(found, seen)
        except InvalidInstance as why:
            files.refused.append(RefusedFile(file=str(path.relative_to(root)), reason=str(why)))
            continue
        identity = found.header.identity
        if seen.setdefault(identity.sop_instance_uid, found) is found:
            files.studies[identity.study_uid][identity.series_uid].append(found)
    return files


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
    """Each file with the folder its name is told relative to."""
    for path in paths:
        if path.is_dir():
            yield from ((path, file) for file in sorted(path.rglob("*")) if file.is_file())
        else:
            yield path.parent, path


def _demand_new(found: Found, seen: Mapping[str, Found]) -> None:
    """The same object twice is no fault; another one under its UID is. Raises InvalidInstance."""
    earlier = seen.get(found.header.identity.sop_instance_uid)
    if earlier is not None and sha256_of(earlier.path) != sha256_of(found.path):
        raise InvalidInstance("another object with this SOP Instance UID was read before")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def candidate_of(found: Sequence[Found]) -> Candidate:
    """A single image is all that its owner has; of several, none may be missing."""
    seen = inspect_headers([one.header for one in found])
    whole = seen.regularity.complete or seen.traits.image_count == 1
    return Candidate(traits=seen.traits, decision=seen.decision, whole=whole, evidence=seen.regularity.reason)
