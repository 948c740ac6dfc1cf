"""JPEG Extended with 12 bits, which pydicom gives to no free decoder although GDCM decodes it. Pure."""

import gdcm
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.uid import JPEGExtended12Bit


def needs_gdcm(dataset: Dataset) -> bool:
    return bool(dataset.file_meta.TransferSyntaxUID == JPEGExtended12Bit and dataset.BitsStored > 8)


def decoded_by_gdcm(dataset: Dataset, *, index: int) -> NDArray[np.uint16]:
    """One frame, (row, column). Raises ValueError where the bytes do not fill it."""
    number_of_frames = int(dataset.get("NumberOfFrames") or 1)
    encoded = get_frame(dataset.PixelData, index, number_of_frames=number_of_frames)
    image = _image(encoded, rows=int(dataset.Rows), columns=int(dataset.Columns), bits=int(dataset.BitsStored))
    decoded = image.GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(decoded, dtype="<u2").reshape(dataset.Rows, dataset.Columns)


def _image(encoded: bytes, *, rows: int, columns: int, bits: int) -> gdcm.Image:
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(encoded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    grey = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
    syntax = gdcm.TransferSyntax.GetTSType(str(JPEGExtended12Bit))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, 0))
    return image
