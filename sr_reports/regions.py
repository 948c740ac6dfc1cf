"""The label map of a series as a Segmentation with our codes, colours and tracking identifiers. Pure."""

from pydicom.dataset import Dataset

from dicom_io import segmentation
from dicom_io.object_identity import ObjectIdentity
from dicom_io.segmentation import Algorithm, Parameter, Segment
from dicom_io.sources import SourceSeries
from inference.anatomy import Structure
from sr_reports.errors import FindingsContradict
from sr_reports.findings import Findings, MethodUsed
from sr_reports.tracking import Followed, followed, tracking_of
from sr_reports.vocabulary import REGION, RESPONSIBLE_ORGANIZATION, coding_schemes


def region_segmentation(findings: Findings, *, source: SourceSeries, identity: ObjectIdentity) -> Dataset:
    """The SEG of findings that hold a label map. A disc has the tracking UID of its groups in the report.

    Raises FindingsContradict without a label map, ObjectUnwritable where none can be made of these images.
    """
    label_map = findings.label_map
    if label_map is None:
        raise FindingsContradict("a segmentation needs a label map")
    of = followed(source.first, institution=identity.equipment.institution)
    return segmentation.segmentation(
        label_map.labels,
        source=source,
        segments=[_segment(structure, of=of, level_doubt=findings.level_doubt) for structure in Structure],
        algorithm=_algorithm(findings.method),
        coding_schemes=coding_schemes(),
        identity=identity,
    )


def _segment(structure: Structure, *, of: Followed, level_doubt: str | None) -> Segment:
    region = REGION[structure]
    tracking = tracking_of(structure, of=of, level_doubt=level_doubt)
    return Segment(
        value=structure.channel,
        label=region.label,
        category=region.category,
        type=region.type,
        anatomic_region=region.anatomic_region,
        colour=region.colour,
        tracking_id=tracking.identifier,
        tracking_uid=tracking.uid,
    )


def _algorithm(method: MethodUsed) -> Algorithm:
    return Algorithm(
        name=method.name,
        version=method.version,
        source=RESPONSIBLE_ORGANIZATION,
        parameters=tuple(Parameter(name=f"sha256 of {used.name}", value=used.sha256) for used in method.weights),
    )
