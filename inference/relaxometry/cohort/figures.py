"""Pictures of an answer: group means, effect and p on the outlines of the atlas's discs. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.relaxometry.cohort.answers import Answer
from inference.relaxometry.cohort.questions import Comparison
from inference.relaxometry.cohort.space import VoxelSpace

_DPI: Final = 130
_PANEL_INCHES: Final = (2.5, 6.4)
_HIGHEST_P: Final = 0.05
_LINES: Final = {"FDR": "black", "max-T": "magenta", "cluster": "deepskyblue"}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Panel:
    title: str
    values: NDArray[np.float64]
    colours: str
    scale: Normalize
    bar: str
    lines: tuple["_Line", ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Line:
    """Around the pixels of mask, (row, column)."""

    mask: NDArray[np.bool_]
    colour: str


def draw(answer: Answer, space: VoxelSpace, *, alpha: float) -> bytes:
    """PNG. Lines around what is significant at alpha by FDR, max-T and cluster permutation."""
    lines = tuple(_lines(answer, space, alpha))
    panels = [*_mean_panels(answer), _effect_panel(answer, lines), _p_panel(answer, lines)]
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(width * len(panels), height + 0.9), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(figure, axis, panel, space)
    count = len(answer.question.rows)
    figure.suptitle(f"{answer.question.name}\n{answer.question.test.value}, {count} subjects", fontsize=10)
    handles = [
        Line2D([], [], color=_LINES[name], label=f"{name}, p < {alpha:g}")
        for name, p in _corrected(answer).items()
        if np.isfinite(p).any()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8, frameon=False)
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def _mean_panels(answer: Answer) -> list[_Panel]:
    shown = np.concatenate([mean[np.isfinite(mean)] for mean in answer.means.values()])
    if not shown.size:
        return []
    low, high = np.percentile(shown, [1, 99])
    is_change = bool(answer.question.baseline)
    reach = float(max(abs(low), abs(high)))
    scale = Normalize(-reach, reach) if is_change else Normalize(float(low), float(high))
    return [
        _Panel(
            title=f"mean, {name} ({_subjects(answer, name)})",
            values=mean,
            colours="RdBu_r" if is_change else "inferno",
            scale=scale,
            bar=f"{answer.question.kind.value} (ms)",
        )
        for name, mean in answer.means.items()
    ]


def _subjects(answer: Answer, group: str) -> int:
    question = answer.question
    if not question.groups:
        return len(question.rows)
    return int((question.variable[:, 0] == question.groups.index(group)).sum())


def _effect_panel(answer: Answer, lines: tuple[_Line, ...]) -> _Panel:
    if answer.question.test in {Comparison.GROUPS, Comparison.CHANGE}:
        shown = np.abs(answer.voxels.effect[np.isfinite(answer.voxels.effect)])
        reach = float(np.percentile(shown, 99)) if shown.size else 1.0
        title, bar = "difference", "ms"
    else:
        reach, title, bar = 1.0, "r", "r"
    return _Panel(
        title=title,
        values=answer.voxels.effect,
        colours="RdBu_r",
        scale=Normalize(-reach, reach),
        bar=bar,
        lines=lines,
    )


def _p_panel(answer: Answer, lines: tuple[_Line, ...]) -> _Panel:
    values = np.where(answer.voxels.p < _HIGHEST_P, answer.voxels.p, np.nan)
    return _Panel(
        title="p, uncorrected",
        values=values,
        colours="viridis_r",
        scale=Normalize(0, _HIGHEST_P),
        bar="p (blank: not below .05)",
        lines=lines,
    )


def _draw_panel(figure: Figure, axis: Axes, panel: _Panel, space: VoxelSpace) -> None:
    seen = axis.imshow(space.picture(panel.values), cmap=panel.colours, norm=panel.scale, interpolation="nearest")
    for disc in Disc:
        mask = space.atlas.mask(disc)
        axis.contour(mask, levels=[0.5], colors="grey", linewidths=0.6)
        rows, columns = np.nonzero(mask)
        axis.text(float(columns.max()) + 3, float(rows.mean()), disc.value, fontsize=6, va="center", color="grey")
    for line in panel.lines:
        axis.contour(line.mask, levels=[0.5], colors=line.colour, linewidths=1.0)
    axis.set_title(panel.title, fontsize=9)
    axis.set_axis_off()
    bar = figure.colorbar(seen, ax=axis, location="bottom", fraction=0.04, pad=0.02)
    bar.set_label(panel.bar, fontsize=7)
    bar.ax.tick_params(labelsize=6)


def _lines(answer: Answer, space: VoxelSpace, alpha: float) -> Iterator[_Line]:
    for name, p in _corrected(answer).items():
        mask = space.mask_of(np.nan_to_num(p, nan=1.0) < alpha)
        if mask.any():
            yield _Line(mask=mask, colour=_LINES[name])


def _corrected(answer: Answer) -> dict[str, NDArray[np.float64]]:
    return {"FDR": answer.fdr, "max-T": answer.family_wise.max_t, "cluster": answer.family_wise.cluster}
