"""A tracking UID follows a disc of a patient, and nothing else."""

from dicom_io.uids import is_valid_uid
from inference.anatomy import Structure
from sr_reports.tracking import followed, tracking_of
from tests.lumbar import header

DISC = Structure.L4_L5


def uid(*, structure: Structure = DISC, institution: str = "A", doubt: str | None = None, **changes: object) -> str:
    of = followed(header(0, **changes), institution=institution)
    return tracking_of(structure, of=of, level_doubt=doubt).uid


def test_the_same_disc_is_followed_from_study_to_study() -> None:
    assert uid(StudyInstanceUID="1.2.3") == uid(StudyInstanceUID="1.2.4")
    assert is_valid_uid(uid())


def test_padding_of_a_patient_number_makes_no_other_patient() -> None:
    assert uid(PatientID="T-1") == uid(PatientID="T-1 ")


def test_another_disc_patient_issuer_or_institution_is_another_uid() -> None:
    others = [uid(structure=Structure.L5_S1), uid(PatientID="T-2"), uid(IssuerOfPatientID="B"), uid(institution="B")]
    assert len({uid(), *others}) == 5


def test_without_a_patient_number_nothing_is_followed_beyond_the_study() -> None:
    assert uid(PatientID="", StudyInstanceUID="1.2.3") != uid(PatientID="", StudyInstanceUID="1.2.4")
    assert uid(PatientID=None, StudyInstanceUID="1.2.3") == uid(PatientID=None, StudyInstanceUID="1.2.3")


def test_a_disc_whose_level_is_in_doubt_is_not_followed_beyond_the_study() -> None:
    doubtful = [uid(doubt="six lumbar vertebrae", StudyInstanceUID=study) for study in ("1.2.3", "1.2.4")]
    assert len({*doubtful, uid()}) == 3


def test_the_header_keeps_its_bytes() -> None:
    read = header(0)
    followed(read, institution="A")
    assert read.get_item("PatientID").value == b"T-1 "
