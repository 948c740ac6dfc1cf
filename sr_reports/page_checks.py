"""Checks of a page that a person reads: Secondary Capture and Encapsulated PDF. Pure."""

from collections.abc import Sequence

from pydicom.dataset import Dataset


def capture_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:  # noqa: ARG001 - every kind's check is called alike
    """A viewer shows the pixels as they are: their number must be what the header says. A slice has a size, a sheet has
    none."""
    rows, columns = document.get("Rows", 0), document.get("Columns", 0)
    length = rows * columns * 3
    faults = _slice_faults(document) if "PixelSpacing" in document else _page_faults(document)
    if (document.get("PhotometricInterpretation"), document.get("BitsAllocated")) != ("RGB", 8):
        faults.append("the page is not in 8-bit RGB")
    if not length or len(document.get("PixelData", b"")) != length + length % 2:
        faults.append("the page has not as many pixels as its header says")
    return faults


def pdf_faults(document: Dataset, *, sources: Sequence[Dataset]) -> list[str]:  # noqa: ARG001 - every kind's check is called alike
    content = bytes(document.get("EncapsulatedDocument", b""))[: document.get("EncapsulatedDocumentLength", 0)]
    faults = _page_faults(document)
    if not (content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")):
        faults.append("the document is no whole PDF")
    if document.get("MIMETypeOfEncapsulatedDocument") != "application/pdf":
        faults.append("the document does not say that it is a PDF")
    if document.get("VerificationFlag") != "UNVERIFIED":
        faults.append("the document does not say that nobody verified it")
    return faults


def _slice_faults(document: Dataset) -> list[str]:
    """Nothing is written into it that tells who the patient is."""
    return [] if document.get("BurnedInAnnotation") == "NO" else ["the slice does not say what is burned in"]


def _page_faults(document: Dataset) -> list[str]:
    """Name and number of the patient stand on the page: who takes them out of headers must know."""
    return [] if document.get("BurnedInAnnotation") == "YES" else ["the page does not say that annotation is burned in"]
