"""A page as an Encapsulated PDF. Pure."""

from collections.abc import Sequence
from typing import Final

from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from dicom_io.object_identity import ObjectIdentity
from dicom_io.page import instances, page
from dicom_io.sources import SourceImage

_MEDIA_TYPE: Final = "application/pdf"


def encapsulated_pdf(  # noqa: PLR0913 - what an object is made of; each is one thing already
    content: bytes,
    *,
    header: Dataset,
    images: Sequence[SourceImage],
    identity: ObjectIdentity,
    title: CodedConcept,
    description: str,
) -> Dataset:
    """content: the PDF. header: of the study. images: those that the page shows. title: what kind of document it is.

    `dicom_io.written.part10` turns the object into the bytes that may leave. Raises ObjectUnwritable.
    """
    document = page(EncapsulatedPDFStorage, header=header, identity=identity, modality="DOC", description=description)
    document.ConversionType = "WSD"
    document.AcquisitionDateTime = None
    document.DocumentTitle = description
    document.ConceptNameCodeSequence = [title]
    document.VerificationFlag = "UNVERIFIED"
    document.MIMETypeOfEncapsulatedDocument = _MEDIA_TYPE
    document.EncapsulatedDocumentLength = len(content)
    document.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    if images:
        document.SourceInstanceSequence = instances(images)
    return document


def pdf_content(document: Dataset) -> bytes:
    """The PDF that an object holds, without the byte that makes it even."""
    return bytes(document.EncapsulatedDocument)[: document.EncapsulatedDocumentLength]
