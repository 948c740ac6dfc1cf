"""How images were taken, and of whom as far as reference ranges need it; classic and enhanced in one language. Pure."""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from dicom_io.attributes import Attributes, age_in_years, date_of


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What the header says, None or "" where it says nothing. Times in milliseconds, field strength in tesla.

    Enhanced attributes are told in the words of classic MR: SPIN becomes SE, selective fat suppression FS, and so on.
    acquisition_contrast is the one thing only enhanced objects say: T1, T2, STIR, DIFFUSION, ... (PS3.3 C.8.13.3.1).
    """

    body_part: str | None
    manufacturer: str | None
    model: str | None
    field_strength: float | None
    description: str
    protocol: str
    sequence_name: str
    image_type: tuple[str, ...]
    scanning_sequence: tuple[str, ...]
    sequence_variant: tuple[str, ...]
    scan_options: tuple[str, ...]
    acquisition_type: str | None
    contrast_agent: str | None
    repetition_time: float | None
    inversion_time: float | None
    flip_angle: float | None
    echo_train_length: int | None
    patient_sex: str | None
    patient_age_years: float | None
    acquisition_contrast: str | None = None
    study_description: str = ""
    institution: str | None = None
    series_number: int | None = None


_ECHO: Final = {"SPIN": ("SE",), "GRADIENT": ("GR",), "BOTH": ("SE", "GR")}
_SUPPRESSED_FAT: Final = ("FAT", "FAT_AND_WATER")


def read_scan(top: Attributes, first_frame: Attributes) -> Scan:
    """top: the object; first_frame: its first frame, groups included."""
    frame = first_frame
    return Scan(
        body_part=frame.text("BodyPartExamined").upper() or _anatomic_region(frame),
        manufacturer=frame.text("Manufacturer") or None,
        model=frame.text("ManufacturerModelName") or None,
        field_strength=_tesla(frame.number("MagneticFieldStrength")),
        description=top.text("SeriesDescription"),
        protocol=frame.text("ProtocolName"),
        sequence_name=frame.text("SequenceName") or frame.text("PulseSequenceName"),
        image_type=_upper(frame.texts("FrameType") or frame.texts("ImageType")),
        scanning_sequence=_upper(frame.texts("ScanningSequence")) or _scanning_sequence(frame),
        sequence_variant=_upper(frame.texts("SequenceVariant")) or _sequence_variant(frame),
        scan_options=_upper(frame.texts("ScanOptions")) or _scan_options(frame),
        acquisition_type=frame.text("MRAcquisitionType").upper() or None,
        contrast_agent=_contrast_agent(frame),
        repetition_time=positive(frame.number("RepetitionTime")),
        inversion_time=inversion_time(frame),
        flip_angle=frame.number("FlipAngle"),
        echo_train_length=frame.integer("EchoTrainLength") or frame.integer("RFEchoTrainLength"),
        patient_sex=top.text("PatientSex").upper() or None,
        patient_age_years=_age(top),
        acquisition_contrast=frame.text("AcquisitionContrast").upper() or None,
        study_description=top.text("StudyDescription"),
        institution=top.text("InstitutionName") or None,
        series_number=top.integer("SeriesNumber"),
    )


def echo_time(frame: Attributes) -> float | None:
    return positive(frame.number("EchoTime")) or positive(frame.number("EffectiveEchoTime"))


def inversion_time(frame: Attributes) -> float | None:
    return positive(frame.number("InversionTime")) or positive(frame.number("InversionTimes"))


def positive(number: float | None) -> float | None:
    """A time or a length; vendors write 0 for "does not apply"."""
    return number if number is not None and number > 0 else None


def _anatomic_region(frame: Attributes) -> str | None:
    """Enhanced objects may name the region by code only."""
    region = next((item for item in frame.values("AnatomicRegionSequence") if isinstance(item, Dataset)), Dataset())
    return Attributes(region).text("CodeMeaning").upper() or None


def _upper(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.upper() for text in texts)


def _tesla(strength: float | None) -> float | None:
    """Some systems write gauss: no lumbar spine was ever taken at 50 tesla."""
    known = positive(strength)
    return known / 10_000 if known is not None and known > 50 else known


def _scanning_sequence(frame: Attributes) -> tuple[str, ...]:
    echo_planar = ("EP",) if frame.flag("EchoPlanarPulseSequence") else ()
    inversion = ("IR",) if frame.flag("InversionRecovery") else ()
    return _ECHO.get(frame.text("EchoPulseSequence").upper(), ()) + inversion + echo_planar


def _sequence_variant(frame: Attributes) -> tuple[str, ...]:
    segmented = frame.text("SegmentedKSpaceTraversal").upper() in ("PARTIAL", "FULL")
    steady = frame.text("SteadyStatePulseSequence").upper() not in ("", "NONE")
    spoiled = frame.text("Spoiling").upper() not in ("", "NONE")
    told = {"SK": segmented, "SS": steady, "SP": spoiled}
    return tuple(variant for variant, holds in told.items() if holds)


def _scan_options(frame: Attributes) -> tuple[str, ...]:
    fat_suppressed = frame.text("SpectrallySelectedSuppression").upper() in _SUPPRESSED_FAT
    flow_compensated = frame.text("FlowCompensation").upper() not in ("", "NONE")
    told = {"FS": fat_suppressed, "FC": flow_compensated}
    return tuple(option for option, holds in told.items() if holds)


def _contrast_agent(frame: Attributes) -> str | None:
    agent = frame.text("ContrastBolusAgent")
    if not agent and frame.values("ContrastBolusAgentSequence"):
        return "named by code"
    return None if agent.upper() in ("", "NO", "NONE", "N", "0", "OHNE") else agent


def _age(top: Attributes) -> float | None:
    """As written; else from the dates of birth and study."""
    written = age_in_years(top.text("PatientAge").upper())
    if written is not None:
        return written
    born, studied = (date_of(top.text(keyword)) for keyword in ("PatientBirthDate", "StudyDate"))
    return (studied - born).days / 365.25 if born and studied and studied >= born else None
