"""Tracking identifiers: one per structure of one patient, the same in SEG, SR and the next study. Pure."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.uids import derived_uid
from inference.anatomy import Structure
from sr_reports.vocabulary import REGION


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """identifier is for people, uid for machines (PS3.3 C.8.20.2: Tracking ID and Tracking UID)."""

    identifier: str
    uid: str


def tracking_of(structure: Structure, *, header: Dataset, institution: str, level_doubt: str | None) -> Tracking:
    """The same structure of the same patient at the same institution has the same UID in every study.

    A patient is known by number and issuer; the institution keeps equal numbers of two hospitals apart. Without a
    patient number, or where the numbering of the levels is in doubt, the UID holds for this study only: following
    "L4/L5" over time would then compare two patients, or two discs.
    """
    patient = str(header.get("PatientID") or "").strip()
    issuer = str(header.get("IssuerOfPatientID") or "").strip()
    if patient and level_doubt is None:
        uid = derived_uid("tracking", institution, issuer, patient, structure.value)
    else:
        uid = derived_uid("tracking in one study", str(header.StudyInstanceUID), structure.value)
    return Tracking(identifier=REGION[structure].label, uid=uid)
