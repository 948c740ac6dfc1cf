"""A DICOM file on its way out: what its channel must know of it. Talks to: disk."""

from dataclasses import dataclass
from pathlib import Path

from pydicom.filereader import read_file_meta_info

from dicom_io.errors import InvalidInstance
from dicom_io.identity import Identity, identify
from dicom_io.part10 import LONGEST_HEAD, dataset_start


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    path: Path
    transfer_syntax_uid: str
    identity: Identity

    @property
    def uid(self) -> str:
        return self.identity.sop_instance_uid


def outgoing(path: Path) -> Outgoing:
    """Raises InvalidInstance if the file is no whole DICOM object."""
    transfer_syntax_uid = str(read_file_meta_info(path).get("TransferSyntaxUID", ""))
    if not transfer_syntax_uid:
        raise InvalidInstance("a file without a transfer syntax")
    return Outgoing(
        path=path,
        transfer_syntax_uid=transfer_syntax_uid,
        identity=identify(dataset_bytes(path.read_bytes()), transfer_syntax_uid),
    )


def dataset_bytes(file: bytes) -> memoryview:
    """What follows the file meta information. Raises InvalidInstance."""
    return memoryview(file)[dataset_start(file[:LONGEST_HEAD]) :]
