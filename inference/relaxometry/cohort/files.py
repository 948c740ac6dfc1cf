"""What a cohort leaves behind: NIfTI, CSV and JSON in one folder. Talks to: disk."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from inference.anatomy import Disc
from inference.errors import InputUnsuitable
from inference.relaxometry.cohort.answers import Answer
from inference.relaxometry.cohort.questions import Comparison
from inference.relaxometry.cohort.space import VoxelSpace
from inference.relaxometry.cohort.study import StudyInAtlas
from inference.relaxometry.cohort.table import slug_of
from inference.relaxometry.registration import Quality
from inference.results import MapKind

_SLICE_MM = 1.0  # the atlas has one slice, and a NIfTI file wants a thickness


def write_picture(picture: NDArray[np.floating | np.integer], path: Path, *, pixel_mm: float) -> None:
    """(row, column) of the atlas as a NIfTI volume of one sagittal slice: x, then y from front to back, z upwards."""
    affine = np.diag([_SLICE_MM, -pixel_mm, -pixel_mm, 1.0])
    image = nibabel.Nifti1Image(np.ascontiguousarray(picture.T[None]), affine)  # type: ignore[no-untyped-call] # nibabel's own
    nibabel.save(image, path)


def write_answer(answer: Answer, space: VoxelSpace, folder: Path) -> None:
    """One NIfTI file per map."""
    folder.mkdir(parents=True, exist_ok=True)
    maps = {
        effect_name(answer): answer.voxels.effect,
        "t": answer.voxels.t,
        "p": answer.voxels.p,
        "count": answer.voxels.count.astype(float),
        "p-fdr": answer.fdr,
        "p-bonferroni": answer.bonferroni,
        "p-max-t": answer.family_wise.max_t,
        "p-cluster": answer.family_wise.cluster,
        **{f"mean-{at}-{slug_of(name)}": mean for at, (name, mean) in enumerate(answer.means.items(), start=1)},
    }
    for name, values in maps.items():
        if np.isfinite(values).any():
            write_picture(space.picture(values), folder / f"{name}.nii.gz", pixel_mm=space.atlas.pixel_mm)


def effect_name(answer: Answer) -> str:
    return "difference-ms" if answer.question.test in {Comparison.GROUPS, Comparison.CHANGE} else "r"


def statistics_rows(answer: Answer, space: VoxelSpace, *, alpha: float) -> Iterable[Mapping[str, object]]:
    """One row per disc: how many voxels were tested and are significant, and the whole disc beside them."""
    for number, disc in enumerate(Disc):
        own = space.of(disc)
        tested = own & np.isfinite(answer.voxels.p)
        yield {
            "question": answer.question.name,
            "test": answer.question.test.value,
            "disc": disc.value,
            "subjects": len(answer.question.rows),
            "left out for an empty cell": answer.question.missing,
            "voxels tested": int(tested.sum()),
            **{
                f"voxels significant, {name}": _count(p[tested], alpha)
                for name, p in (
                    ("uncorrected", answer.voxels.p),
                    ("FDR", answer.fdr),
                    ("Bonferroni", answer.bonferroni),
                    ("max-T permutation", answer.family_wise.max_t),
                    ("cluster permutation", answer.family_wise.cluster),
                )
            },
            f"mean {effect_name(answer)} of voxels": _number(_mean(answer.voxels.effect[tested])),
            f"whole disc {effect_name(answer)}": _number(answer.whole_discs.effect[number]),
            "whole disc p": _number(answer.whole_discs.p[number]),
            "whole disc p, FDR": _number(answer.whole_disc_fdr[number]),
            "whole disc subjects": int(answer.whole_discs.count[number]),
        }


def _count(p: NDArray[np.float64], alpha: float) -> int | str:
    """Empty where this was not computed."""
    return int((p < alpha).sum()) if np.isfinite(p).any() else ""


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _number(value: float) -> str:
    return f"{value:.5g}" if np.isfinite(value) else ""


def write_csv(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Headings of all rows, in the order in which they first appear."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Studies that were brought into the atlas before, each in a file named by what it came from."""

    folder: Path

    def key(self, parts: Iterable[str]) -> str:
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def put(self, key: str, study: StudyInAtlas) -> None:
        """Whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        words = {
            "qualities": {disc.value: asdict(quality) for disc, quality in study.qualities.items()},
            "left_out": {disc.value: why for disc, why in study.left_out.items()},
        }
        arrays: dict[str, Any] = {"words": np.array(json.dumps(words))}
        arrays |= {f"map {kind}": values for kind, values in study.maps.items()}
        arrays |= {f"whole {kind}": np.asarray(values) for kind, values in study.whole_discs.items()}
        part = self.folder / f"{key}.part.npz"
        np.savez_compressed(part, **arrays)
        part.replace(self.folder / f"{key}.npz")

    def get(self, key: str) -> StudyInAtlas | None:
        """None where there is none. Raises InputUnsuitable where the file is not one of ours."""
        path = self.folder / f"{key}.npz"
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as arrays:
                words = json.loads(str(arrays["words"].item()))
                maps = {kind: arrays[f"map {kind}"] for kind in MapKind if f"map {kind}" in arrays}
                whole = {kind: arrays[f"whole {kind}"] for kind in MapKind if f"whole {kind}" in arrays}
        except (ValueError, KeyError, EOFError) as cause:
            raise InputUnsuitable(f"{path.name} in the cache is damaged; delete it") from cause
        return StudyInAtlas(
            maps=maps,
            whole_discs=whole,
            qualities={Disc(disc): Quality(**one) for disc, one in words["qualities"].items()},
            left_out={Disc(disc): why for disc, why in words["left_out"].items()},
        )
