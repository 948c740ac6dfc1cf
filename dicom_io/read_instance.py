"""A DICOM file as a dataset, or InvalidInstance. Talks to: disk."""

import zlib
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError

from dicom_io.attributes import UNREADABLE
from dicom_io.errors import InvalidInstance


def read_instance(path: Path) -> FileDataset:
    """The whole object, pixels undecoded. Raises InvalidInstance; a disk that fails is an OSError."""
    return _read(path, before_pixels=False)


def read_instance_header(path: Path) -> FileDataset:
    """The object up to its pixels. Raises InvalidInstance; a disk that fails is an OSError."""
    return _read(path, before_pixels=True)


def _read(path: Path, *, before_pixels: bool) -> FileDataset:
    if path.stat().st_size == 0:
        raise InvalidInstance("the file is empty")
    try:
        return dcmread(path, stop_before_pixels=before_pixels)
    except InvalidDicomError as cause:
        raise InvalidInstance("no DICOM file: it does not begin with a preamble and DICM (PS3.10 7.1)") from cause
    except (*UNREADABLE, zlib.error) as cause:
        if isinstance(cause, OSError) and cause.errno is not None:
            raise  # the disk; pydicom's own OSErrors have no number
        raise InvalidInstance("broken off or not encoded as its transfer syntax says") from cause
