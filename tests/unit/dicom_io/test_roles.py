"""Roles of series as Siemens, GE, Philips, Canon and United Imaging write their headers, and the real study."""
# ruff: noqa: E501 - a header table reads best with one series a line

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dicom_io.headers import Plane, SeriesTraits, read_header, series_traits
from dicom_io.read_instance import read_instance_header
from dicom_io.roles import Role, RoleDecision, assign_role
from tests import builders

ORIGINAL = ("ORIGINAL", "PRIMARY", "OTHER")
SAG, AX, COR, MIXED = Plane.SAGITTAL, Plane.AXIAL, Plane.CORONAL, Plane.MIXED


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a vendor's header table. Times in milliseconds."""

    says: str
    plane: Plane | None
    role: Role
    tr: float | None = None
    te: float | tuple[float, ...] | None = None
    ti: float | None = None
    sequence: str = ""
    scanning: tuple[str, ...] = ("SE",)
    options: tuple[str, ...] = ()
    image_type: tuple[str, ...] = ORIGINAL
    contrast: str | None = None
    body_part: str | None = "LSPINE"
    named_contrast: str | None = None
    modality: str = "MR"

    @property
    def echo_times(self) -> tuple[float, ...]:
        if self.te is None:
            return ()
        return self.te if isinstance(self.te, tuple) else (self.te,)


BLANK = series_traits([read_header(image) for image in builders.classic()])
M_ND = ("ORIGINAL", "PRIMARY", "M", "NORM", "DIS2D")

SIEMENS = [
    Row(says="t2_tse_sag_p2", plane=SAG, tr=3500, te=103, sequence="*tse2d1_15", image_type=M_ND, role=Role.SAGITTAL_T2),
    Row(says="t1_tse_sag", plane=SAG, tr=560, te=9.6, sequence="*tse2d1_3", image_type=M_ND, role=Role.SAGITTAL_T1),
    Row(says="t2_tirm_sag", plane=SAG, tr=3800, te=62, ti=160, scanning=("SE", "IR"), sequence="*tir2d1_15", role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="t2_tse_sag_fs", plane=SAG, tr=3500, te=90, options=("PFP", "FS"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="t2_tse_dixon_sag_W", plane=SAG, tr=3400, te=93, image_type=("DERIVED", "PRIMARY", "DIXON", "WATER"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="t2_tse_dixon_sag_F", plane=SAG, tr=3400, te=93, image_type=("DERIVED", "PRIMARY", "DIXON", "FAT"), role=Role.UNKNOWN),
    Row(says="t2_tse_dixon_sag_opp", plane=SAG, tr=3400, te=93, image_type=("ORIGINAL", "PRIMARY", "DIXON", "OPP_PHASE"), role=Role.UNKNOWN),
    Row(says="t2_tse_dixon_sag_in", plane=SAG, tr=3400, te=93, image_type=("ORIGINAL", "PRIMARY", "DIXON", "IN_PHASE"), role=Role.SAGITTAL_T2),
    Row(says="t2_tse_tra_obl", plane=AX, tr=4100, te=98, sequence="*tse2d1_17", role=Role.AXIAL_T2),
    Row(says="t1_tse_tra", plane=AX, tr=620, te=11, role=Role.AXIAL_T1),
    Row(says="t1_tse_tra_fs_KM", plane=AX, tr=650, te=11, options=("FS",), contrast="Gadovist", role=Role.UNKNOWN),
    Row(says="t1_tse_sag nach KM", plane=SAG, tr=600, te=10, role=Role.UNKNOWN),
    Row(says="t2_spc_sag_iso", plane=SAG, tr=1500, te=132, sequence="*spcR_282ns", role=Role.SAGITTAL_T2),
    Row(says="localizer", plane=MIXED, tr=7, te=3.4, scanning=("GR",), sequence="*fl2d1", role=Role.LOCALIZER),
    Row(says="AAScout_LWS", plane=SAG, tr=3.2, te=1.4, scanning=("GR",), sequence="*fl3d1_ns", role=Role.LOCALIZER),
    Row(says="t2_spc_sag_iso_MPR_tra", plane=AX, tr=1500, te=132, image_type=("DERIVED", "SECONDARY", "MPR"), role=Role.DERIVED),
    Row(says="ep2d_diff_ADC", plane=SAG, tr=3000, te=70, scanning=("EP",), image_type=("DERIVED", "PRIMARY", "ADC"), role=Role.DERIVED),
    Row(says="ep2d_diff_b50_800", plane=SAG, tr=3000, te=70, scanning=("EP",), role=Role.UNKNOWN),
    Row(says="t2_me2d_tra (MEDIC)", plane=AX, tr=800, te=22, scanning=("GR",), role=Role.UNKNOWN),
    Row(says="T2_map_sag", plane=SAG, tr=1500, te=(13.8, 27.6, 41.4, 55.2, 69.0), sequence="*se2d5", role=Role.MULTI_ECHO),
    Row(says="T2_map_sag_Images", plane=SAG, tr=1500, te=13.8, image_type=("DERIVED", "PRIMARY", "M", "T2 MAP"), role=Role.DERIVED),
    Row(says="T1rho_sag_TSL40", plane=SAG, tr=2500, te=9, scanning=("GR",), role=Role.SPIN_LOCK),
    Row(says="t2_haste_myelo_cor", plane=COR, tr=8000, te=1200, sequence="*h2d1_256", role=Role.UNKNOWN),
    Row(says="t2_tse_cor", plane=COR, tr=3500, te=90, role=Role.UNKNOWN),
]  # fmt: skip
GE = [
    Row(says="Sag T2 FRFSE", plane=SAG, tr=3200, te=108, options=("FAST_GEMS", "NPW", "TRF_GEMS", "FILTERED_GEMS"), role=Role.SAGITTAL_T2),
    Row(says="SAG T1 FSE", plane=SAG, tr=520, te=10.2, options=("FAST_GEMS", "NPW"), role=Role.SAGITTAL_T1),
    Row(says="Sag T1 FLAIR", plane=SAG, tr=2250, te=24, ti=860, scanning=("SE", "IR"), role=Role.SAGITTAL_T1),
    Row(says="Sag STIR", plane=SAG, tr=4000, te=42, ti=150, scanning=("SE", "IR"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="Sag T2 FS", plane=SAG, tr=3400, te=85, options=("FAST_GEMS", "FS", "SAT_GEMS"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="WATER: Sag T2 FSE IDEAL", plane=SAG, tr=3400, te=85, image_type=("DERIVED", "PRIMARY", "DIXON", "WATER"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="FAT: Sag T2 FSE IDEAL", plane=SAG, tr=3400, te=85, role=Role.UNKNOWN),
    Row(says="OAx T2 FRFSE", plane=AX, tr=4200, te=105, role=Role.AXIAL_T2),
    Row(says="AX T1", plane=AX, tr=600, te=11, role=Role.AXIAL_T1),
    Row(says="AX T1 FS +C", plane=AX, tr=600, te=11, options=("FS",), role=Role.UNKNOWN),
    Row(says="Sag T1 +GAD", plane=SAG, tr=560, te=11, role=Role.UNKNOWN),
    Row(says="Ax T2* MERGE", plane=AX, tr=500, te=14, scanning=("GR",), role=Role.UNKNOWN),
    Row(says="3-plane Loc SSFSE", plane=MIXED, tr=1100, te=80, role=Role.LOCALIZER),
    Row(says="Sag CUBE T2", plane=SAG, tr=2000, te=110, role=Role.SAGITTAL_T2),
    Row(says="SAG T2 MAP CARTIGRAM", plane=SAG, tr=1000, te=(8.4, 16.8, 25.2, 33.6), role=Role.MULTI_ECHO),
    Row(says="SAG MAPSS T1RHO", plane=SAG, tr=5.2, te=2.9, scanning=("GR",), role=Role.SPIN_LOCK),
    Row(says="Processed Images", plane=SAG, image_type=("DERIVED", "SECONDARY", "SCREEN SAVE"), role=Role.DERIVED),
]  # fmt: skip
M_SE = ("ORIGINAL", "PRIMARY", "M_SE", "M", "SE")
PHILIPS = [
    Row(says="sT2W_TSE_SAG", plane=SAG, tr=3000, te=120, sequence="TSE", image_type=M_SE, role=Role.SAGITTAL_T2),
    Row(says="T1W_TSE_SAG", plane=SAG, tr=480, te=8, image_type=M_SE, role=Role.SAGITTAL_T1),
    Row(says="STIR_longTE_SAG", plane=SAG, tr=3500, te=80, ti=165, scanning=("IR",), image_type=("ORIGINAL", "PRIMARY", "M_IR", "M", "IR"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="T2W_SPAIR_SAG", plane=SAG, tr=3500, te=80, options=("FS",), image_type=M_SE, role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="T2W_mDIXON_SAG", plane=SAG, tr=3000, te=90, image_type=("DERIVED", "PRIMARY", "W", "W", "DERIVED"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="T2W_mDIXON_SAG", plane=SAG, tr=3000, te=90, image_type=("DERIVED", "PRIMARY", "F", "F", "DERIVED"), role=Role.UNKNOWN),
    Row(says="T2W_TSE_TRA", plane=AX, tr=3800, te=110, image_type=M_SE, role=Role.AXIAL_T2),
    Row(says="T1W_SE_TRA", plane=AX, tr=550, te=15, image_type=M_SE, role=Role.AXIAL_T1),
    Row(says="T1W_TSE_SAG GD", plane=SAG, tr=480, te=8, contrast="DOTAREM", image_type=M_SE, role=Role.UNKNOWN),
    Row(says="Survey", plane=MIXED, tr=11, te=4.6, scanning=("GR",), role=Role.LOCALIZER),
    Row(says="VW T2W_VISTA", plane=SAG, tr=1800, te=150, image_type=M_SE, role=Role.SAGITTAL_T2),
    Row(says="MYELO_3D", plane=COR, tr=8000, te=1000, image_type=M_SE, role=Role.UNKNOWN),
    Row(says="T2W_TSE_SAG", plane=SAG, named_contrast="T2", image_type=("ORIGINAL", "PRIMARY", "T2", "NONE"), role=Role.SAGITTAL_T2),
    Row(says="SAG", plane=SAG, named_contrast="STIR", role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="B0 map", plane=AX, tr=600, te=(4.6, 6.9), scanning=("GR",), image_type=("ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"), role=Role.UNKNOWN),
]  # fmt: skip
CANON = [
    Row(says="FSE T2 Sag", plane=SAG, tr=3500, te=100, sequence="FSE+9", role=Role.SAGITTAL_T2),
    Row(says="T1 Sag SE", plane=SAG, tr=500, te=12, sequence="SE+15", role=Role.SAGITTAL_T1),
    Row(says="Sag FASTIR", plane=SAG, tr=4000, te=60, ti=140, scanning=("SE", "IR"), sequence="FIR", role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="T2 FatSat Sag PASTA", plane=SAG, tr=3800, te=90, role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="FASE2D_T2_AX", plane=AX, tr=4000, te=100, sequence="FASE2D", role=Role.AXIAL_T2),
    Row(says="T1 Ax", plane=AX, tr=550, te=12, role=Role.AXIAL_T1),
    Row(says="Locator", plane=MIXED, tr=6, te=2, scanning=("GR",), role=Role.LOCALIZER),
    Row(says="MRM 3D FASE", plane=COR, tr=6000, te=250, role=Role.UNKNOWN),
]  # fmt: skip
UNITED = [
    Row(says="t2_fse_sag", plane=SAG, tr=3200, te=102, sequence="fse", role=Role.SAGITTAL_T2),
    Row(says="t1_fse_sag", plane=SAG, tr=560, te=9, sequence="fse", role=Role.SAGITTAL_T1),
    Row(says="矢状位 T2 压脂", plane=SAG, tr=3300, te=85, role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="t2_fse_sag_stir", plane=SAG, tr=3800, te=50, ti=150, scanning=("SE", "IR"), role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="t2_fse_tra", plane=AX, tr=3600, te=100, role=Role.AXIAL_T2),
    Row(says="t1_fse_tra 增强", plane=AX, tr=600, te=10, role=Role.UNKNOWN),
    Row(says="腰椎 T2 横断", plane=AX, role=Role.AXIAL_T2),
    Row(says="定位像", plane=MIXED, tr=5, te=2, scanning=("GR",), role=Role.LOCALIZER),
    Row(says="t2_fse_wfi_sag_W", plane=SAG, tr=3200, te=90, role=Role.SAGITTAL_T2_FAT_SATURATED),
]  # fmt: skip
WITHOUT_TIMES = [
    Row(says="T2", plane=SAG, role=Role.SAGITTAL_T2),
    Row(says="T1", plane=SAG, role=Role.SAGITTAL_T1),
    Row(says="T2", plane=AX, role=Role.AXIAL_T2),
    Row(says="SagT2 LWS", plane=SAG, role=Role.SAGITTAL_T2),
    Row(says="T2 sag fettgesättigt", plane=SAG, role=Role.SAGITTAL_T2_FAT_SATURATED),
    Row(says="Übersicht", plane=SAG, role=Role.LOCALIZER),
    Row(says="PD sag", plane=SAG, role=Role.UNKNOWN),
    Row(says="T1 and T2", plane=SAG, role=Role.UNKNOWN),
    Row(says="LWS sag", plane=SAG, role=Role.UNKNOWN),
    Row(says="", plane=SAG, role=Role.UNKNOWN),
    Row(says="T1 sag post-op", plane=SAG, role=Role.SAGITTAL_T1),
    Row(says="T1 tse SIJ", plane=SAG, role=Role.UNKNOWN),
    Row(says="T2 sag thoracolumbar", plane=SAG, role=Role.SAGITTAL_T2),
    Row(says="T2 sag", plane=None, role=Role.UNKNOWN),
    Row(says="T1 sag nativ ohne KM", plane=SAG, role=Role.SAGITTAL_T1),
    Row(says="T2 sag ohne FS", plane=SAG, role=Role.SAGITTAL_T2),
    Row(says="T2 tse sag HWS", plane=SAG, role=Role.UNKNOWN),
    Row(says="T2 sag", plane=SAG, body_part="KNEE", role=Role.UNKNOWN),
    Row(says="T2 sag L-spine", plane=SAG, body_part="CSPINE", role=Role.SAGITTAL_T2),
    Row(says="T2 sag", plane=SAG, modality="CT", role=Role.UNKNOWN),
]  # fmt: skip


def traits(row: Row) -> SeriesTraits:
    return replace(
        BLANK,
        description=row.says,
        plane=row.plane,
        repetition_time=row.tr,
        echo_times=row.echo_times,
        inversion_time=row.ti,
        sequence_name=row.sequence,
        scanning_sequence=row.scanning,
        scan_options=row.options,
        image_type=row.image_type,
        contrast_agent=row.contrast,
        body_part=row.body_part,
        acquisition_contrast=row.named_contrast,
        modality=row.modality,
    )


@pytest.mark.parametrize("row", [*SIEMENS, *GE, *PHILIPS, *CANON, *UNITED, *WITHOUT_TIMES], ids=lambda row: row.says)
def test_a_series_gets_its_role_from_the_header(row: Row) -> None:
    decision = assign_role(traits(row))
    assert decision.role is row.role, decision.reasons
    assert decision.reasons
    assert all(decision.reasons)


def test_the_times_win_over_a_wrong_description_and_say_so() -> None:
    decision = assign_role(traits(Row(says="t2_tse_sag", plane=SAG, tr=500, te=10, role=Role.SAGITTAL_T1)))
    assert decision == RoleDecision(
        role=Role.SAGITTAL_T1,
        reasons=(
            "sagittal by the normal of its slices",
            "TR 500 ms, TE 10 ms make it T1-weighted",
            "the description says T2-weighted, but the times decide",
        ),
    )


def test_the_plane_comes_from_the_slices_even_where_the_description_says_another() -> None:
    decision = assign_role(traits(Row(says="t2_tse_sag", plane=AX, tr=3500, te=100, role=Role.AXIAL_T2)))
    assert decision.role is Role.AXIAL_T2


def test_a_refused_series_says_what_it_lacks() -> None:
    decision = assign_role(traits(Row(says="LWS sag", plane=SAG, role=Role.UNKNOWN)))
    assert decision.reasons[1:] == (
        "TR and TE are not in the header",
        "the description names no weighting",
        "no role for this plane and weighting",
    )


def test_reasons_do_not_repeat_the_description() -> None:
    decision = assign_role(traits(Row(says="T2 sag Mustermann Erika", plane=SAG, role=Role.SAGITTAL_T2)))
    assert not any("Mustermann" in reason for reason in decision.reasons)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("series", "role"),
    [("1792451510", Role.SAGITTAL_T2), ("2092806862", Role.SAGITTAL_T1), ("1012284084", Role.AXIAL_T2)],
)
def test_the_real_study_gets_its_roles_although_its_times_are_empty(shared_data: Path, series: str, role: Role) -> None:
    folder = shared_data / "rsna_study" / "restored" / series
    headers = [read_header(read_instance_header(path)) for path in sorted(folder.glob("*.dcm"))]
    decision = assign_role(series_traits(headers))
    assert decision.role is role
    assert "TR and TE are not in the header" in decision.reasons
