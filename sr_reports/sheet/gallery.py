"""The small pictures below the tables: detected discs on T1, one axial slice per level, relaxation maps. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dicom_io.sources import PlacedSlice, SourceSeries
from dicom_io.volume import Volume
from inference.anatomy import Disc
from inference.results import AxialGrade, DetectedDisc, LabelMap, MapKind, ScalarMap
from sr_reports.findings import structure_of
from sr_reports.scalar_maps import SHOWN_MS
from sr_reports.sheet.canvas import Canvas, Ink, Place
from sr_reports.sheet.lettering import SMALLEST
from sr_reports.sheet.pictures import MAP_COLOURS, around, bounds, draw_box, draw_directions, draw_map, letter, show
from sr_reports.sheet.study import SheetStudy, has_outlines
from sr_reports.vocabulary import REGION

MOST: Final = 9
_GAP: Final = 8.0
_CAPTION: Final = 14.0
_BOX_MARGIN: Final = 0.35  # of the box's height
_UNNAMED: Final = "#ffd43b"
_MAPS: Final = {MapKind.T1RHO: "T1ρ", MapKind.T2: "T2"}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """caption: one short line. span: of the colours, where they mean numbers (milliseconds)."""

    caption: str
    draw: Callable[[Canvas, Place], None]
    span: tuple[float, float] | None = None


def pictures(study: SheetStudy) -> tuple[Picture, ...]:
    """From left to right; at most MOST. First the slice that the page draws large, without its lines."""
    return (*_bare(study), *_detections(study), *_axial_slices(study), *_maps(study))[:MOST]


def draw_gallery(canvas: Canvas, shown: Sequence[Picture], place: Place) -> None:
    """Squares of the height of place, closer together where there are many."""
    side = min(place.height - _CAPTION, (place.width - _GAP * (len(shown) - 1)) / max(len(shown), 1))
    for index, picture in enumerate(shown):
        square = Place(left=place.left + index * (side + _GAP), top=place.top + _CAPTION, width=side, height=side)
        ink = Ink(colour=canvas.palette.faint, size=SMALLEST)
        canvas.write(picture.caption, at=(square.left, square.top - 4), ink=ink, room=side)
        picture.draw(canvas, square)
        if picture.span is not None:
            _draw_scale(canvas, picture.span, square)


def _bare(study: SheetStudy) -> Iterator[Picture]:
    """The outlined slice as it was received: outlines hide what they lie on."""
    if study.outlined is not None:
        label_map, volume = study.outlined
        caption = f"{label_map.role.value.removeprefix('sagittal ')}, slice {label_map.key_slice + 1}"
        yield Picture(caption=caption, draw=_bare_drawer(label_map, volume))


def _bare_drawer(label_map: LabelMap, volume: Volume) -> Callable[[Canvas, Place], None]:
    def draw(canvas: Canvas, place: Place) -> None:
        view = around(label_map.labels[label_map.key_slice] > 0, volume)
        show(canvas, volume, label_map.key_slice, place, view=view)

    return draw


def _detections(study: SheetStudy) -> Iterator[Picture]:
    """The slice that most of the detected discs of a series lie on."""
    by_series: dict[int, list[tuple[DetectedDisc, Volume]]] = {}
    for found, source in study.with_source(DetectedDisc):
        if source.volume is not None:
            by_series.setdefault(id(source), []).append((found, source.volume))
    for pairs in by_series.values():
        index = _most_frequent([found.key_slice for found, _ in pairs])
        seen = [found for found, _ in pairs if found.key_slice == index]
        yield Picture(caption="discs found on T1w", draw=_detection_drawer(seen, pairs[0][1]))


def _detection_drawer(seen: Sequence[DetectedDisc], volume: Volume) -> Callable[[Canvas, Place], None]:
    def draw(canvas: Canvas, place: Place) -> None:
        margin = max(found.box.bottom - found.box.top for found in seen)
        view = bounds([found.box for found in seen], margin=margin)
        shown = show(canvas, volume, seen[0].key_slice, place, view=view)
        for found in seen:
            colour = REGION[structure_of(found.disc)].colour
            draw_box(shown, found.box, colour=colour)
            middle = (found.box.top + found.box.bottom) / 2
            at = (found.box.left - 4 * shown.scale, middle)
            letter(shown, found.disc.value, at=at, colour=colour, align="right")

    return draw


def _axial_slices(study: SheetStudy) -> Iterator[Picture]:
    """Of each level the slice with its worst grade; cranial to caudal, slices of unknown level last."""
    best: dict[Disc | None, tuple[AxialGrade, SourceSeries]] = {}
    for grade, source in study.with_source(AxialGrade):
        if grade.disc not in best or grade.value > best[grade.disc][0].value:
            best[grade.disc] = (grade, source)
    for level in (*Disc, None):
        if level in best:
            grade, source = best[level]
            placed = source.placed(grade.slice_index)
            number = source.images[grade.slice_index].header.get("InstanceNumber") or grade.slice_index + 1
            if placed is not None:
                caption = f"{study.level_name(level)}, image {number}"
                yield Picture(caption=caption, draw=_axial_drawer(grade, placed))


def _axial_drawer(grade: AxialGrade, placed: PlacedSlice) -> Callable[[Canvas, Place], None]:
    def draw(canvas: Canvas, place: Place) -> None:
        margin = _BOX_MARGIN * (grade.box.bottom - grade.box.top)
        view = bounds([grade.box], margin=margin)
        shown = show(canvas, placed.volume, placed.index, place, view=view)
        colour = _UNNAMED if grade.disc is None else REGION[structure_of(grade.disc)].colour
        draw_box(shown, grade.box, colour=colour)
        draw_directions(canvas, shown)

    return draw


def _maps(study: SheetStudy) -> Iterator[Picture]:
    """Around the discs on the slice that they were outlined on; without outlines all of the fullest slice."""
    for found, source in study.with_source(ScalarMap):
        if found.kind in _MAPS and source.volume is not None and np.isfinite(found.values).any():
            outlined = [
                drawn for drawn, series in study.with_source(LabelMap) if series is source and has_outlines(drawn)
            ]
            draw = _map_drawer(found, source.volume, _seen(found, outlined))
            yield Picture(caption=f"{_MAPS[found.kind]} map, ms", draw=draw, span=SHOWN_MS)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen:
    """A slice of a map, and what of it the picture is centred on. mask: (row, column)."""

    index: int
    mask: NDArray[np.bool_]


def _seen(found: ScalarMap, outlined: Sequence[LabelMap]) -> _Seen:
    if outlined:
        index = outlined[0].key_slice
        return _Seen(index=index, mask=outlined[0].labels[index] > 0)
    has_value = np.isfinite(found.values)
    index = int(has_value.sum(axis=(1, 2)).argmax())
    return _Seen(index=index, mask=has_value[index])


def _map_drawer(found: ScalarMap, volume: Volume, seen: _Seen) -> Callable[[Canvas, Place], None]:
    def draw(canvas: Canvas, place: Place) -> None:
        shown = show(canvas, volume, seen.index, place, view=around(seen.mask, volume))
        draw_map(shown, found.values[seen.index], span=SHOWN_MS)

    return draw


def _draw_scale(canvas: Canvas, span: tuple[float, float], place: Place) -> None:
    """Which colour is how many milliseconds, along the lower edge."""
    bar = Place(left=place.left + 26, top=place.bottom - 10, width=place.width - 56, height=5)
    canvas.fill(Place(left=place.left, top=place.bottom - 15, width=place.width, height=15), "#000000", strength=0.6)
    canvas.panel(bar).imshow(np.linspace(0, 1, 64)[None], cmap=MAP_COLOURS, aspect="auto")
    ink = Ink(colour="#ffffff", size=SMALLEST)
    canvas.write(f"{span[0]:.0f}", at=(bar.left - 4, place.bottom - 4), ink=ink, align="right")
    canvas.write(f"{span[1]:.0f}", at=(bar.right + 4, place.bottom - 4), ink=ink)


def _most_frequent(numbers: Sequence[int]) -> int:
    return max(sorted(set(numbers)), key=numbers.count)
