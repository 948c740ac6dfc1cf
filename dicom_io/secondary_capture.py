"""Pages and slices as Secondary Captures: what a viewer shows that knows neither SEG, SR nor maps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage
from pydicom.valuerep import DA, TM

from dicom_io.object_identity import ObjectIdentity
from dicom_io.page import page, source_images
from dicom_io.sources import SourceImage

_DERIVATION: Final = "AI measurements drawn over MR images; not reviewed; research use only"


@dataclass(frozen=True, kw_only=True, eq=False)
class SlicePicture:
    """What was drawn over image. pixels: (row, column, 3), red, green, blue, square, of pixel_mm; nothing in them tells
    who the patient is. number: its place in the series, from 1."""

    pixels: NDArray[np.uint8]
    image: SourceImage
    number: int
    pixel_mm: float


def secondary_capture(
    pixels: NDArray[np.uint8],
    *,
    header: Dataset,
    images: Sequence[SourceImage],
    identity: ObjectIdentity,
    description: str,
) -> Dataset:
    """pixels: (row, column, 3), red, green, blue. header: of the study. images: those that the page shows.

    `dicom_io.written.part10` turns the object into the bytes that may leave. Raises ObjectUnwritable.
    """
    document = page(
        SecondaryCaptureImageStorage, header=header, identity=identity, modality="OT", description=description
    )
    document.BodyPartExamined = "LSPINE"
    document.ConversionType = "WSD"
    document.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
    document.PatientOrientation = None
    document.DateOfSecondaryCapture = DA(identity.created.date())
    document.TimeOfSecondaryCapture = TM(identity.created.time().replace(microsecond=0))
    document.DerivationDescription = _DERIVATION
    if images:
        document.SourceImageSequence = source_images(images)
    _put_pixels(document, pixels)
    return document


def slice_capture(picture: SlicePicture, *, identity: ObjectIdentity, description: str) -> Dataset:
    """One of a series that is scrolled through. Raises ObjectUnwritable."""
    image = picture.image
    document = secondary_capture(
        picture.pixels, header=image.header, images=[image], identity=identity, description=description
    )
    document.InstanceNumber = picture.number
    document.BurnedInAnnotation = "NO"  # none that tells who the patient is
    document.PixelSpacing = [f"{picture.pixel_mm:.6f}"] * 2
    return document


def _put_pixels(document: Dataset, pixels: NDArray[np.uint8]) -> None:
    document.SamplesPerPixel = 3
    document.PhotometricInterpretation = "RGB"
    document.PlanarConfiguration = 0
    document.Rows, document.Columns = pixels.shape[:2]
    document.BitsAllocated = document.BitsStored = 8
    document.HighBit = 7
    document.PixelRepresentation = 0
    content = pixels.tobytes()
    document.PixelData = content + b"\0" * (len(content) % 2)
    document["PixelData"].VR = "OB"
