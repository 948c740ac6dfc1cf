"""Which compressed transfer syntaxes can be read here: a tiny image in each is decoded, as series are. Pure."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from dicom_io.errors import DicomError
from dicom_io.mr_image import SequenceCard, SeriesCard, StudyCard, classic_images
from dicom_io.read_volume import volume_of
from dicom_io.uids import derived_uid
from dicom_io.upper_layer.negotiation import TRANSFER_SYNTAXES
from dicom_io.volume import Volume

_STEP_DOWN, _STEP_ALONG = 11, 7  # between neighbours of the 8 x 8 image, in 8 bits; 12-bit samples are 32 times that
_TWELVE_BITS: Final = 32


@dataclass(frozen=True, kw_only=True)
class _Sample:
    """error: by how much a lossy one may differ."""

    codestream: bytes
    bits: int = 12
    error: int = 0


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """fault: None if the image came out as it was encoded."""

    transfer_syntax_uid: str
    name: str
    fault: str | None


def try_decoders() -> tuple[Decoded, ...]:
    """One answer per compressed transfer syntax that the receiver takes."""
    return tuple(
        Decoded(transfer_syntax_uid=uid, name=name, fault=_fault(uid, _SAMPLES[uid]))
        for uid, name in TRANSFER_SYNTAXES.items()
        if uid in _SAMPLES
    )


def _fault(uid: str, sample: _Sample) -> str | None:
    wanted = _image() * (_TWELVE_BITS if sample.bits > 8 else 1)
    (dataset,) = classic_images(_as_volume(wanted), _CARD)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = (
        16 if sample.bits > 8 else 8,
        sample.bits,
        sample.bits - 1,
    )
    dataset.PixelData = encapsulate([b64decode(sample.codestream)])
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    try:
        found = volume_of([dataset]).volume.voxels[0]
    except DicomError as error:
        return str(error)
    return None if np.abs(found - wanted).max() <= sample.error else "decoded, but to other pixels"


def _image() -> NDArray[np.float32]:
    """(row, column)"""
    return np.add.outer(np.arange(8) * _STEP_DOWN, np.arange(8) * _STEP_ALONG).astype(np.float32)


def _as_volume(image: NDArray[np.float32]) -> Volume:
    to_patient = np.array([[4.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    return Volume(voxels=image[None], to_patient=to_patient, frame_of_reference=derived_uid("decoders"))


_CARD: Final = SeriesCard(
    series_uid=derived_uid("decoders", "series"),
    series_number=1,
    study=StudyCard(study_uid=derived_uid("decoders", "study"), patient_name="Decoders^Test", patient_id="0"),
    sequence=SequenceCard(description="decoders", repetition_time=3000, echo_time=100, slice_thickness=4),
)
_RLE: Final = (
    b"AgAAAEAAAACIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8ABQECAwQFBgcBAgME"
    b"BAUGBwUCAwQFBgf/CAcEBQUGBwgJCgcFBgcICQkKCwcGBwgJCgsMDQcICQoKCwwNDgcJCgsMDQ4ODwcA4MCggGBAIAdgQCAA4MCggAfA"
    b"oIBgQCAA4AcgAODAoIBgQAeAYEAgAODAoAfgwKCAYEAgAAdAIADgwKCAYAeggGBAIADgwA=="
)
_JPEG_LOSSLESS: Final = (
    b"/9j/wwALEAAIAAgBAREA/8QAFgABAQEAAAAAAAAAAAAAAAAACAkQ/9oACAEBAAEAAM4HA4HA4HA4KwOBwOBwOBwOCsDgcDgcDgcDgrA4"
    b"HA4HA4HA4KwOBwOBwOBwOCsDgcDgcDgcDgrA4HA4HA4HA4KwOBwOBwOBwOD/2Q=="
)
_JPEG_BASELINE: Final = (
    b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUV"
    b"DA8XGBYUGBIUFRT/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EABkQAAEFAAAAAAAAAAAAAAAAAAcAIzNBUf/aAAgB"
    b"AQAAPwApD8NxsZS//9k="
)
_JPEG_EXTENDED: Final = (
    b"/9j/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wQALEAAI"
    b"AAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAADv/EABwQAAAGAwAAAAAAAAAAAAAAAAAMDSo5SFhmdv/aAAgBAQAAPwB+AEA1G8YVGsGP"
    b"9Nuf0wf/2QA="
)
_JPEG_LS: Final = (
    b"/9j/9wALDAAIAAgBAREA/9oACAEBAAAAAID+B/A/t63bctuACAAgN83jdNw2wCAACA2jZNg1zWNU3xvmoaZpGiaBnm8N4zjNMwyzKMk3"
    b"SumQY5jGKYhhm4VwwjBMAvy+L02ytl4XZdFyXBbm0P/ZAA=="
)
_JPEG_LS_NEAR: Final = (
    b"/9j/9wALDAAIAAgBAREA/9oACAEBAAIAAIGQZBc5V1lXAOA0dLCwsLANAHlZYVlZWVDomKisqKSopLRMUlJSUlBQWCYoKCcoJycsEpOT"
    b"kxMTExYJiUmJSUlJCwD/2Q=="
)
_JPEG_2000: Final = (
    b"/0//UQApAAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAABDwEB/1IADAAAAAEAAgQEAAH/XAAKQICIiJCIiJD/ZAAqAAFD"
    b"cmVhdGVkIGJ5IEdEQ00vT3BlbkpQRUcgdmVyc2lvbiAyLjMuMP+QAAoAAAAAAD0AAf+T3/iQSAeBV1jYaHhx2cAfmCQD9gQADPgNDAs6"
    b"Gh/AD8AWAPzBQCIYd8X3A3+7yvf/2Q=="
)
_HTJ2K: Final = (
    b"/0//UQApQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAABCwEB/1AACAACAAAAB/9SAAwAAgABAAEEBEAB/1wAByBwcHB4"
    b"/2QAFgABT3BlbkpQSCBWZXIgMC45LjAu/5AACgAAAAAASgAB/5PAAW8A/39Pf/z3P/72UDf80yV/caV/XOBeD/4IHRCABzcAwAFTAAVY"
    b"vr6+vqpxgnUAvvry5evAQgHstgD/2Q=="
)

_SAMPLES: Final[Mapping[str, _Sample]] = {
    "1.2.840.10008.1.2.5": _Sample(codestream=_RLE),
    "1.2.840.10008.1.2.4.70": _Sample(codestream=_JPEG_LOSSLESS),
    "1.2.840.10008.1.2.4.57": _Sample(codestream=_JPEG_LOSSLESS),
    "1.2.840.10008.1.2.4.80": _Sample(codestream=_JPEG_LS),
    "1.2.840.10008.1.2.4.90": _Sample(codestream=_JPEG_2000),
    "1.2.840.10008.1.2.4.92": _Sample(codestream=_JPEG_2000),
    "1.2.840.10008.1.2.4.201": _Sample(codestream=_HTJ2K),
    "1.2.840.10008.1.2.4.202": _Sample(codestream=_HTJ2K),
    "1.2.840.10008.1.2.4.50": _Sample(codestream=_JPEG_BASELINE, bits=8, error=4),
    "1.2.840.10008.1.2.4.51": _Sample(codestream=_JPEG_EXTENDED, error=64),
    "1.2.840.10008.1.2.4.81": _Sample(codestream=_JPEG_LS_NEAR, error=2),
    "1.2.840.10008.1.2.4.91": _Sample(codestream=_JPEG_2000),
    "1.2.840.10008.1.2.4.93": _Sample(codestream=_JPEG_2000),
    "1.2.840.10008.1.2.4.203": _Sample(codestream=_HTJ2K),
}
