"""Whether the pixels and slices of a series are fine enough, by its headers. Pure."""

import math

from dicom_io.headers import SeriesTraits


def too_coarse(traits: SeriesTraits, *, pixel_mm: float, slice_mm: float = math.inf) -> str | None:
    """Why not; None where both are fine enough, or not told. pixel_mm, slice_mm: the largest that will do."""
    if traits.pixel_spacing is not None and max(traits.pixel_spacing) > pixel_mm:
        return f"pixels of {max(traits.pixel_spacing):.2f} mm are coarser than {pixel_mm} mm"
    if traits.slice_thickness is not None and traits.slice_thickness > slice_mm:
        return f"slices of {traits.slice_thickness:.1f} mm are thicker than {slice_mm} mm"
    return None
