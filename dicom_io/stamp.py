"""Who made an object, when, and in which character set: the marks that SEG and SR share. Pure."""

from typing import Final

import highdicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.valuerep import DA, DT, TM

from dicom_io.equipment import Equipment
from dicom_io.inherited import decoded
from dicom_io.object_identity import ObjectIdentity
from dicom_io.repertoire import writable

_CONTRIBUTION: Final = "Automatic AI analysis; not reviewed; research use only"

_PUT_BACK: Final = ("SpecificCharacterSet", "PatientName")  # what dicom_io.inherited keeps from highdicom


def contributing_equipment(equipment: Equipment, *, header: Dataset) -> highdicom.ContributingEquipment:
    return highdicom.ContributingEquipment(
        manufacturer=equipment.manufacturer,
        manufacturer_model_name=equipment.model,
        software_versions=equipment.software_version,
        device_serial_number=equipment.serial,
        institution_name=writable(equipment.institution, header=header),
        station_name=writable(equipment.station, header=header),
        purpose_of_reference=codes.DCM.ProcessingEquipment,
        contribution_description=_CONTRIBUTION,
    )


def stamp(document: Dataset, *, header: Dataset, identity: ObjectIdentity) -> None:
    """Changes document: highdicom takes times from the clock, and the same job must give the same bytes."""
    equipment = identity.equipment
    day, time = DA(identity.created.date()), TM(identity.created.time().replace(microsecond=0))
    document.InstanceCreationDate = document.ContentDate = day
    document.InstanceCreationTime = document.ContentTime = time
    document.InstanceCreatorUID = equipment.device_uid
    document.InstitutionName = writable(equipment.institution, header=header)
    document.StationName = writable(equipment.station, header=header)
    for contribution in document.get("ContributingEquipmentSequence", ()):
        if contribution.get("ManufacturerModelName") == "highdicom":
            contribution.ContributionDateTime = DT(identity.created.replace(microsecond=0))
    inherited = decoded(header)
    for keyword in _PUT_BACK:
        if inherited.get(keyword):
            document[keyword] = inherited[keyword]
