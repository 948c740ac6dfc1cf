"""Tracking identifiers: one per structure of one patient, the same in SEG, SR and the next study. Pure."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.attributes import Attributes
from dicom_io.inherited import decoded
from dicom_io.sources import SourceImage
from dicom_io.uids import derived_uid
from inference.anatomy import Disc, Structure
from sr_reports.vocabulary import REGION


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """identifier is for people, uid for machines (PS3.3 C.8.20.2: Tracking ID and Tracking UID)."""

    identifier: str
    uid: str


@dataclass(frozen=True, kw_only=True)
class Followed:
    """Whose structures are tracked, and where. A patient is known by number and issuer."""

    patient: str
    issuer: str
    study_uid: str
    institution: str


def followed(header: Dataset, *, institution: str) -> Followed:
    inherited = decoded(header)
    return Followed(
        patient=str(inherited.get("PatientID") or "").strip(),
        issuer=str(inherited.get("IssuerOfPatientID") or "").strip(),
        study_uid=str(inherited.StudyInstanceUID),
        institution=institution,
    )


def tracking_of(structure: Structure, *, of: Followed, level_doubt: str | None) -> Tracking:
    """The same structure of the same patient at the same institution has the same UID in every study.

    The institution keeps equal patient numbers of two hospitals apart. Without a patient number, or where the
    numbering of the levels is in doubt, the UID holds for this study only: following "L4/L5" over time would then
    compare two patients, or two discs.
    """
    if of.patient and level_doubt is None:
        uid = derived_uid("tracking", of.institution, of.issuer, of.patient, structure.value)
    else:
        uid = derived_uid("tracking in one study", of.study_uid, structure.value)
    return Tracking(identifier=REGION[structure].label, uid=uid)


def axial_tracking(
    disc: Disc | None, *, nth: int, image: SourceImage, of: Followed, level_doubt: str | None
) -> Tracking:
    """Of what is seen of one level on one axial slice; nth counts the slices of the level, the most telling is 0.

    The same in every study, as in tracking_of; of an unknown or doubtful level it holds for this slice only.
    """
    number = image.frame or Attributes(image.header).integer("InstanceNumber")
    level = "Level unknown," if disc is None else disc.value
    if disc is not None and of.patient and level_doubt is None:
        uid = derived_uid("axial tracking", of.institution, of.issuer, of.patient, disc.value, str(nth))
    else:
        slice_uid = str(image.header.SOPInstanceUID)
        uid = derived_uid("axial tracking in one study", of.study_uid, slice_uid, str(image.frame), level)
    return Tracking(identifier=f"{level} axial #{number or nth + 1}", uid=uid)
