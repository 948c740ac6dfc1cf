"""What a page of ours has as a DICOM object, whatever holds it: patient, study, series, equipment, sources. Pure."""

from collections.abc import Iterable
from typing import Final

from highdicom.base import SOPClass
from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID, ExplicitVRLittleEndian

from dicom_io.errors import ObjectUnwritable
from dicom_io.inherited import inheritable
from dicom_io.object_identity import ObjectIdentity
from dicom_io.sources import SourceImage
from dicom_io.stamp import contributing_equipment, stamp

_PURPOSE: Final = codes.DCM.SourceImageForImageProcessingOperation


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


def instances(images: Iterable[SourceImage]) -> list[Dataset]:
    """One item per object, its frames left out."""
    return [_reference(*key) for key in _frames(images)]


def source_images(images: Iterable[SourceImage]) -> list[Dataset]:
    """One item per object, with its frames, where it has several, and what it was used for."""
    return [_image(*key, frames=sorted(set(frames))) for key, frames in _frames(images).items()]


def _frames(images: Iterable[SourceImage]) -> dict[tuple[str, str], list[int]]:
    """By SOP Class and Instance UID."""
    frames: dict[tuple[str, str], list[int]] = {}
    for image in images:
        key = (str(image.header.SOPClassUID), str(image.header.SOPInstanceUID))
        frames.setdefault(key, []).extend([] if image.frame is None else [image.frame])
    return frames


def _reference(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = sop_instance_uid
    return item


def _image(sop_class_uid: str, sop_instance_uid: str, *, frames: list[int]) -> Dataset:
    item = _reference(sop_class_uid, sop_instance_uid)
    if frames:
        item.ReferencedFrameNumber = frames
    item.PurposeOfReferenceCodeSequence = [CodedConcept(*_PURPOSE[:3])]
    return item
