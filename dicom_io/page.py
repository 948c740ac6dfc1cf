"""What a page of ours has as a DICOM object, whatever holds it: patient, study, series, equipment, sources. Pure."""

from collections.abc import Iterable

from highdicom.base import SOPClass
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, ExplicitVRLittleEndian

from dicom_io.errors import ObjectUnwritable
from dicom_io.inherited import inheritable
from dicom_io.object_identity import ObjectIdentity
from dicom_io.sources import SourceImage
from dicom_io.stamp import contributing_equipment, stamp

PURPOSE = codes.DCM.SourceImageForImageProcessingOperation


def page(sop_class: UID, *, header: Dataset, identity: ObjectIdentity, modality: str, description: str) -> Dataset:
    """A document without contents. header: of the study that the page is about.

    Raises ObjectUnwritable.
    """
    equipment = identity.equipment
    known = inheritable(header)
    try:
        document = SOPClass(
            study_instance_uid=str(known.StudyInstanceUID),
            series_instance_uid=identity.series_uid,
            series_number=identity.series_number,
            sop_instance_uid=identity.sop_instance_uid,
            sop_class_uid=sop_class,
            instance_number=1,
            modality=modality,
            manufacturer=equipment.manufacturer,
            manufacturer_model_name=equipment.model,
            device_serial_number=equipment.serial,
            software_versions=equipment.software_version,
            series_description=description,
            transfer_syntax_uid=ExplicitVRLittleEndian,
        )
        document.copy_patient_and_study_information(known)
    except (ValueError, TypeError, AttributeError, KeyError) as cause:
        raise ObjectUnwritable(f"no page can be made for this study: {type(cause).__name__}") from cause
    document.BurnedInAnnotation = "YES"
    document.DeviceUID = equipment.device_uid
    document.ContributingEquipmentSequence = [contributing_equipment(equipment, header=header)]
    stamp(document, header=header, identity=identity)
    return document


def references(images: Iterable[SourceImage], *, purpose: Code | None = None) -> list[Dataset]:
    """One item per object; its frames, where it has several."""
    frames: dict[tuple[str, str], list[int]] = {}
    for image in images:
        key = (str(image.header.SOPClassUID), str(image.header.SOPInstanceUID))
        frames.setdefault(key, []).extend([] if image.frame is None else [image.frame])
    return [_reference(*key, frames=sorted(set(seen)), purpose=purpose) for key, seen in frames.items()]


def _reference(sop_class_uid: str, sop_instance_uid: str, *, frames: list[int], purpose: Code | None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = sop_instance_uid
    if frames:
        item.ReferencedFrameNumber = frames
    if purpose is not None:
        named = Dataset()
        named.CodeValue, named.CodingSchemeDesignator, named.CodeMeaning = purpose[:3]
        item.PurposeOfReferenceCodeSequence = [named]
    return item
