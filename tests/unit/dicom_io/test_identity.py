"""Identity of encoded datasets, against pydicom as the writer, and against arbitrary bytes."""

import zlib
from io import BytesIO

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from dicom_io.errors import InvalidInstance
from dicom_io.identity import Identity, identify

IDENTITY = Identity(
    sop_class_uid="1.2.840.10008.5.1.4.1.1.4", sop_instance_uid="1.2.3.4", study_uid="1.2.3", series_uid="1.2.3.1"
)


def image(*, with_undefined_lengths: bool = False) -> Dataset:
    """With sequences before, between and after the UIDs that are wanted."""
    inner = Dataset()
    inner.SOPInstanceUID = "9.9.9"  # not ours: it lies in a sequence
    inner.StudyInstanceUID = "9.9.8"
    outer = Dataset()
    outer.ReferencedSOPSequence = [inner]
    outer.ReferencedSOPSequence.is_undefined_length = with_undefined_lengths
    outer.is_undefined_length_sequence_item = with_undefined_lengths
    made = Dataset()
    made.SOPClassUID = IDENTITY.sop_class_uid
    made.SOPInstanceUID = IDENTITY.sop_instance_uid
    made.ReferencedStudySequence = [outer, Dataset()]
    made.PatientName = "Kim^Test"
    made.StudyInstanceUID = IDENTITY.study_uid
    made.SeriesInstanceUID = IDENTITY.series_uid
    made.RequestAttributesSequence = [outer]
    for keyword in ("ReferencedStudySequence", "RequestAttributesSequence"):
        made[keyword].value.is_undefined_length = with_undefined_lengths
        made[keyword].is_undefined_length = with_undefined_lengths
    return made


def encode(made: Dataset, *, implicit: bool = False, little: bool = True) -> bytes:
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, made, implicit_vr=implicit, little_endian=little)
    return buffer.getvalue()


def deflate(dataset: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(dataset) + squeeze.flush()


@pytest.mark.parametrize("with_undefined_lengths", [True, False])
def test_every_encoding_tells_the_same(with_undefined_lengths: bool) -> None:
    made = image(with_undefined_lengths=with_undefined_lengths)
    assert identify(encode(made), ExplicitVRLittleEndian) == IDENTITY
    assert identify(encode(made, implicit=True), ImplicitVRLittleEndian) == IDENTITY
    assert identify(encode(made, little=False), ExplicitVRBigEndian) == IDENTITY
    assert identify(deflate(encode(made)), DeflatedExplicitVRLittleEndian) == IDENTITY


def test_encapsulated_pixels_are_walked_over() -> None:
    made = image()
    made.PixelData = encapsulate([b"ab" * 50, b"cd" * 51])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    whole = encode(made)
    assert identify(whole, RLELossless) == IDENTITY
    with pytest.raises(InvalidInstance, match="cut off inside a sequence"):
        identify(whole[:-8], RLELossless)


def test_a_sequence_of_unknown_representation_is_read_as_implicit() -> None:
    sequence = b"\x09\x00\x01\x10UN\x00\x00\xff\xff\xff\xff"
    sequence += b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + b"\x08\x00\x16\x00\x02\x00\x00\x001\x00"
    sequence += b"\xfe\xff\x0d\xe0\x00\x00\x00\x00" + b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    whole = encode(image())
    assert identify(sequence + whole, ExplicitVRLittleEndian) == IDENTITY


@pytest.mark.parametrize("cut", [1, 3, 7, 9, 13, 20])
def test_a_cut_is_noticed_wherever_it_falls(cut: int) -> None:
    whole = encode(image(with_undefined_lengths=True))
    with pytest.raises(InvalidInstance):
        identify(whole[:-cut], ExplicitVRLittleEndian)


def test_a_cut_deflated_dataset_is_noticed() -> None:
    with pytest.raises(InvalidInstance, match="cut off"):
        identify(deflate(encode(image()))[:-10], DeflatedExplicitVRLittleEndian)


def test_a_deflated_bomb_is_opened_only_at_its_head() -> None:
    made = image()
    made.PixelData = bytes(64 * 1024 * 1024)
    made["PixelData"].VR = "OW"
    assert identify(deflate(encode(made)), DeflatedExplicitVRLittleEndian) == IDENTITY


def test_sequences_without_end_are_refused() -> None:
    nested = b"\x08\x00\x10\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 2000
    with pytest.raises(InvalidInstance, match="too deeply"):
        identify(nested, ExplicitVRLittleEndian)


@given(st.binary(max_size=300), st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]))
def test_arbitrary_bytes_are_refused_and_nothing_else(content: bytes, syntax: str) -> None:
    with pytest.raises(InvalidInstance):
        identify(content, syntax)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_changed_byte_gives_an_identity_or_a_refusal(at: int, byte: int) -> None:
    whole = bytearray(encode(image(with_undefined_lengths=True)))
    whole[at % len(whole)] = byte
    try:
        identify(bytes(whole), ExplicitVRLittleEndian)
    except InvalidInstance:
        return
