"""The last earlier study of the same patient that we reported on: asked for at a peer. Talks to: PACS, disk."""

from collections.abc import Iterable, Sequence

from pydicom.dataset import Dataset

from dicom_io.archive import Archive, ReportSeries
from dicom_io.errors import PeerError
from dicom_io.inherited import decoded
from sr_reports.change import Priors, prior_report


def look_up(archive: Archive, header: Dataset) -> Priors:
    """header: of an image of the study that is reported on. A peer that fails delays no report: the report says so."""
    image = decoded(header)
    patient = str(image.get("PatientID") or "").strip()
    try:
        series = of_latest_earlier_study(
            archive.reports_about(patient),
            study_uid=str(image.StudyInstanceUID),
            study_date=str(image.get("StudyDate") or ""),
        )
        documents = [document for one in series for document in archive.fetch(one)]
    except PeerError as failed:
        return Priors(trouble=f"whether there is an earlier report is not known: {failed}")
    same_patient = [one for one in documents if str(one.get("PatientID") or "").strip() == patient]
    return Priors(reports=tuple(prior_report(one) for one in not_superseded(same_patient)))


def of_latest_earlier_study(
    series: Iterable[ReportSeries], *, study_uid: str, study_date: str
) -> tuple[ReportSeries, ...]:
    """Reports of the study that was done last before this one's day; none where a date is missing.

    Dates are DICOM's YYYYMMDD, so their order is that of their texts.
    """
    earlier = [one for one in series if one.study_uid != study_uid and "" < one.study_date < study_date]
    if not earlier:
        return ()
    last = max(earlier, key=lambda one: (one.study_date, one.study_uid))
    return tuple(one for one in earlier if one.study_uid == last.study_uid)


def not_superseded(documents: Sequence[Dataset]) -> list[Dataset]:
    """Without those that another one names as its predecessor (PS3.3 C.17.2, Predecessor Documents Sequence)."""
    replaced = {
        str(instance.ReferencedSOPInstanceUID)
        for document in documents
        for study in document.get("PredecessorDocumentsSequence", ())
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }
    return [document for document in documents if str(document.SOPInstanceUID) not in replaced]
