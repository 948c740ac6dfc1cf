"""What one series is weighted for: by its times where they decide, by its words where they do not. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dicom_io.scan import Scan
from dicom_io.series_words import Word, words_of


class Weighting(StrEnum):
    T1 = "T1-weighted"
    T2 = "T2-weighted"
    STIR = "STIR"
    OTHER = "neither T1 nor T2"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class WeightingDecision:
    weighting: Weighting
    reasons: tuple[str, ...]


_CONTRAST_CODE: Final = {  # PS3.3 C.8.13.3.1.2
    "T1": Weighting.T1,
    "T2": Weighting.T2,
    "STIR": Weighting.STIR,
    "PROTON_DENSITY": Weighting.OTHER,
    "T2_STAR": Weighting.OTHER,
    "DIFFUSION": Weighting.OTHER,
    "PERFUSION": Weighting.OTHER,
    "FLUID_ATTENUATED": Weighting.OTHER,
}
_NEITHER: Final = (Word.T2_STAR, Word.DARK_FLUID, Word.STEADY_STATE, Word.DIFFUSION, Word.ANGIO_OR_MYELO)
# Milliseconds. Fat is nulled at about 0.69 T1 of fat: 90 at 0.2 T, 160 at 1.5 T, 220 at 3 T.
_FAT_NULLED: Final = (75.0, 280.0)
_T1_FLAIR: Final = (300.0, 1400.0)
_T1_ECHO: Final = 40.0
_T1_REPETITION: Final = 1300.0
_T2_ECHO: Final = (60.0, 400.0)  # longer is a myelogram: nothing but fluid
_T2_REPETITION: Final = 1000.0  # SPACE, CUBE and VISTA go down to this
_LONG_REPETITION: Final = 1800.0


def weighting_of(scan: Scan, *, echo_times: tuple[float, ...]) -> WeightingDecision:
    """Times first, then the contrast an enhanced object names, then the description."""
    words = words_of(scan)
    neither = next((word for word in _NEITHER if word in words), None)
    if neither is not None:
        return WeightingDecision(weighting=Weighting.OTHER, reasons=(f"the description says {neither}",))
    told = _by_words(words)
    timed = _by_times(scan, echo_times=echo_times, words=words)
    if timed.weighting is not Weighting.UNKNOWN:
        return _with_witness(timed, told)
    code = _CONTRAST_CODE.get(scan.acquisition_contrast or "")
    if code is not None:
        return WeightingDecision(
            weighting=code, reasons=(*timed.reasons, f"the header names the contrast {scan.acquisition_contrast}")
        )
    return WeightingDecision(weighting=told.weighting, reasons=(*timed.reasons, *told.reasons))


def _with_witness(timed: WeightingDecision, told: WeightingDecision) -> WeightingDecision:
    if told.weighting in (timed.weighting, Weighting.UNKNOWN):
        return timed
    doubt = f"the description says {told.weighting}, but the times decide"
    return WeightingDecision(weighting=timed.weighting, reasons=(*timed.reasons, doubt))


def _by_times(scan: Scan, *, echo_times: tuple[float, ...], words: frozenset[Word]) -> WeightingDecision:
    repetition, inversion = scan.repetition_time, scan.inversion_time
    echo = min(echo_times, default=None)
    if repetition is None and echo is None:
        return WeightingDecision(weighting=Weighting.UNKNOWN, reasons=("TR and TE are not in the header",))
    shown = ", ".join(
        f"{name} {value:g} ms" for name, value in (("TR", repetition), ("TE", echo), ("TI", inversion)) if value
    )
    if set(scan.scanning_sequence) & {"GR", "EP"} and "SE" not in scan.scanning_sequence:
        return WeightingDecision(weighting=Weighting.UNKNOWN, reasons=(f"{shown} of a gradient echo do not decide",))
    inverted = inversion is not None and (
        "IR" in scan.scanning_sequence or Word.STIR in words or _within(inversion, _FAT_NULLED)
    )
    weighting = _inversion_recovery(inversion, echo) if inverted and inversion else _spin_echo(repetition, echo)
    verdict = "do not decide" if weighting is Weighting.UNKNOWN else f"make it {weighting}"
    return WeightingDecision(weighting=weighting, reasons=(f"{shown} {verdict}",))


def _inversion_recovery(inversion: float, echo: float | None) -> Weighting:
    if _within(inversion, _FAT_NULLED):
        return Weighting.STIR
    if _within(inversion, _T1_FLAIR) and echo is not None and echo < _T1_ECHO:
        return Weighting.T1
    return Weighting.OTHER


def _spin_echo(repetition: float | None, echo: float | None) -> Weighting:
    if echo is None:
        return Weighting.UNKNOWN
    if echo > _T2_ECHO[1]:
        return Weighting.OTHER
    if echo >= _T2_ECHO[0] and (repetition is None or repetition >= _T2_REPETITION):
        return Weighting.T2
    if repetition is None or echo > _T1_ECHO:
        return Weighting.UNKNOWN
    if repetition <= _T1_REPETITION:
        return Weighting.T1
    return Weighting.OTHER if repetition >= _LONG_REPETITION else Weighting.UNKNOWN


def _by_words(words: frozenset[Word]) -> WeightingDecision:
    if Word.STIR in words:
        return WeightingDecision(weighting=Weighting.STIR, reasons=("the description says STIR",))
    if {Word.T1, Word.T2} <= words:
        return WeightingDecision(weighting=Weighting.UNKNOWN, reasons=("the description says T1 and T2",))
    named = {Word.T1: Weighting.T1, Word.T2: Weighting.T2, Word.PROTON_DENSITY: Weighting.OTHER}
    for word, weighting in named.items():
        if word in words:
            return WeightingDecision(weighting=weighting, reasons=(f"the description says {word}",))
    return WeightingDecision(weighting=Weighting.UNKNOWN, reasons=("the description names no weighting",))


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
