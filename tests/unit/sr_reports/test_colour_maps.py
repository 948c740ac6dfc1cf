"""A map in colour: which slices, in which colours, how large."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from matplotlib import colormaps
from pydicom import dcmread
from pydicom.dataset import Dataset

from dicom_io.roles import Role
from dicom_io.sources import SourceSeries
from dicom_io.written import part10
from inference.anatomy import Disc
from inference.results import LabelMap, MapKind, ScalarMap, Unit
from sr_reports.colour_maps import coloured_capture, coloured_slices
from sr_reports.findings import Findings
from sr_reports.validate import faults
from tests import lumbar
from tests.every_finding import relaxation

SLICES = 5
FLAT_MS = 90.0


def flat(kind: MapKind = MapKind.T1RHO) -> ScalarMap:
    """One time everywhere."""
    values = np.full((SLICES, lumbar.ROWS, lumbar.COLUMNS), FLAT_MS, np.float32)
    return ScalarMap(role=Role.SPIN_LOCK, kind=kind, values=values, unit=Unit.MILLISECOND)


def captures(scalar_map: ScalarMap, findings: Findings, *, source: SourceSeries | None = None) -> list[Dataset]:
    source = source or lumbar.source(slices=SLICES)
    return [
        coloured_capture(one, scalar_map, source=source, identity=lumbar.identity("colour"))
        for one in coloured_slices(scalar_map, findings, source=source)
    ]


def drawn_on(findings: Findings, slices: Sequence[int]) -> Findings:
    """With discs on these slices alone."""
    labels = np.zeros((SLICES, lumbar.ROWS, lumbar.COLUMNS), np.uint8)
    labels[list(slices)] = lumbar.labels(SLICES)[SLICES // 2]
    results = [replace(one, labels=labels) if isinstance(one, LabelMap) else one for one in findings.results]
    return replace(findings, results=tuple(results))


def has_colour(document: Dataset, milliseconds: float) -> bool:
    """As many pixels as a few discs have."""
    wanted = np.array(colormaps["turbo"](milliseconds / 150)[:3]) * 255
    near = np.abs(document.pixel_array[60:, :740].astype(float) - wanted).max(axis=2) < 4
    return bool(near.sum() > 3000)


def test_slices_with_discs_are_shown_in_their_order() -> None:
    found = captures(flat(), drawn_on(relaxation(MapKind.T1RHO, slices=SLICES), [1, 3]))
    sources = lumbar.source(slices=SLICES).images
    assert [int(one.InstanceNumber) for one in found] == [1, 2]
    assert [one.SourceImageSequence[0].ReferencedSOPInstanceUID for one in found] == [
        sources[index].header.SOPInstanceUID for index in (1, 3)
    ]


def test_a_disc_has_the_colour_of_its_time_and_what_is_none_stays_grey() -> None:
    findings = drawn_on(relaxation(MapKind.T1RHO, slices=SLICES), [2])
    (one,) = captures(flat(), findings)
    assert has_colour(one, FLAT_MS)
    assert not has_colour(one, 30.0)
    picture = one.pixel_array[60:, 20:740].astype(int)
    assert (np.ptp(picture, axis=2) < 4).mean() > 0.6


def test_without_a_disc_the_whole_map_is_shown_where_it_has_values() -> None:
    findings = relaxation(MapKind.T1RHO, slices=SLICES)
    bare = replace(findings, results=tuple(one for one in findings.results if not isinstance(one, LabelMap)))
    one_slice = flat()
    one_slice.values[:4] = np.nan
    (shown,) = captures(one_slice, bare)
    assert (np.ptp(shown.pixel_array[60:, 20:740].astype(int), axis=2) > 20).mean() > 0.6


def test_a_residual_is_not_shown_in_colour() -> None:
    assert captures(flat(MapKind.T1RHO_RESIDUAL), relaxation(MapKind.T1RHO, slices=SLICES)) == []


def test_a_length_on_the_picture_is_that_in_the_patient() -> None:
    """The columns of the outermost coloured pixels of L3/L4, whose ellipse is 44 columns wide."""
    findings = drawn_on(relaxation(MapKind.T1RHO, slices=SLICES), [2])
    (one,) = captures(flat(), findings)
    wanted = np.array(colormaps["turbo"](FLAT_MS / 150)[:3]) * 255
    near = np.abs(one.pixel_array[:, :740].astype(float) - wanted).max(axis=2) < 4
    row_mm, column_mm = (float(each) for each in one.PixelSpacing)
    assert row_mm == column_mm
    widest = max(np.ptp(np.nonzero(row)[0]) + 1 for row in near if row.any())
    assert widest * column_mm == pytest.approx(45 * lumbar.COLUMN_MM, abs=1.5)


def test_the_gate_lets_it_pass_and_it_says_that_nobody_is_named_in_it() -> None:
    source = lumbar.source(slices=SLICES)
    for one in captures(flat(), relaxation(MapKind.T1RHO, slices=SLICES, without=(Disc.L5_S1,)), source=source):
        file = part10(one, source=source.first)
        assert faults(file, sources=source.headers) == ()
        read = dcmread(BytesIO(file))
        assert (read.BurnedInAnnotation, read.SeriesDescription) == ("NO", "AI T1rho in colour (research use only)")
        del read.BurnedInAnnotation
        into = BytesIO()
        read.save_as(into)
        assert faults(into.getvalue(), sources=source.headers) == ("the slice does not say what is burned in",)
