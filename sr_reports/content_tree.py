"""A content tree read back: its items, their names, what they point at. Pure."""

from collections.abc import Iterator

from pydicom.dataset import Dataset


def walk(item: Dataset) -> Iterator[Dataset]:
    """item and everything below it, in document order."""
    yield item
    for child in item.get("ContentSequence", ()):
        yield from walk(child)


def name_of(item: Dataset) -> str:
    """The code value of the concept name; "" if the item has none."""
    names = item.get("ConceptNameCodeSequence")
    return str(names[0].get("CodeValue", "")) if names else ""


def children(item: Dataset, *, value_type: str | None = None, name: str | None = None) -> list[Dataset]:
    return [
        child
        for child in item.get("ContentSequence", ())
        if value_type in (None, child.get("ValueType")) and name in (None, name_of(child))
    ]


def measurement_groups_of(document: Dataset) -> list[Dataset]:
    return [item for item in walk(document) if item.get("ValueType") == "CONTAINER" and name_of(item) == "125007"]


def referenced_uids(item: Dataset) -> set[str]:
    """SOP Instance UIDs of the images and objects that this item, and all below it, point at."""
    return {
        str(reference.ReferencedSOPInstanceUID)
        for each in walk(item)
        for reference in each.get("ReferencedSOPSequence", ())
    }


def evidence_uids(document: Dataset) -> set[str]:
    sequences = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
    return {
        str(instance.ReferencedSOPInstanceUID)
        for keyword in sequences
        for study in document.get(keyword, ())
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }
