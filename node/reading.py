"""The series that a plan names, read once each. Talks to: disk."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.settings import Relaxometry, TimeSource
from dicom_io.echo_times import ECHO_TIME
from dicom_io.read_echoes import read_echoes, read_first_images
from dicom_io.read_volume import read_source, read_stacks, read_volume
from dicom_io.roles import ECHO_ROLES, Role
from dicom_io.sources import SourceSeries
from inference.contract import Echoes
from node.outcomes import REJECTED
from node.planning import Input

FilesOf = Callable[[str], Sequence[Path]]
"""The files of the series with this UID."""
_STACKED: Final = frozenset({Role.AXIAL_T1, Role.AXIAL_T2})  # often one angled stack per disc


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """What fills one role. series_uid: that of source, the first of several; echoes: where there are several times."""

    role: Role
    series_uid: str
    source: SourceSeries
    echoes: Echoes | None = None


@dataclass(kw_only=True, eq=False)
class Reader:
    """Lives for one plan. relaxometry: how the site's spin-lock series say their times."""

    files_of: FilesOf
    relaxometry: Relaxometry
    _read: dict[str, SourceSeries] = field(default_factory=dict)
    _materials: dict[tuple[Input, ...], Material] = field(default_factory=dict)

    def material(self, inputs: Sequence[Input]) -> Material:
        """Of one role, one or several series. Raises what REJECTED names."""
        key = tuple(inputs)
        if key not in self._materials:
            self._materials[key] = self._echoes(key) if key[0].role in ECHO_ROLES else self._single(key[0])
        return self._materials[key]

    def source(self, series_uid: str, role: Role) -> SourceSeries | None:
        """None where no report could name the images: the reason stands in the ledger and in results.json alone."""
        if series_uid in self._read:
            return self._read[series_uid]
        read = read_first_images if role in ECHO_ROLES else read_source
        try:
            return read(self.files_of(series_uid))
        except REJECTED:
            return None

    def _single(self, one: Input) -> Material:
        if one.series_uid not in self._read:
            files = self.files_of(one.series_uid)
            self._read[one.series_uid] = read_stacks(files) if one.role in _STACKED else read_volume(files).source
        return Material(role=one.role, series_uid=one.series_uid, source=self._read[one.series_uid])

    def _echoes(self, inputs: Sequence[Input]) -> Material:
        files = [file for one in inputs for file in self.files_of(one.series_uid)]
        found = read_echoes(files, self._sources(inputs[0].role))
        series_uid = str(found.source.first.SeriesInstanceUID)
        self._read[series_uid] = found.source
        return Material(
            role=inputs[0].role,
            series_uid=series_uid,
            source=found.source,
            echoes=Echoes(times_ms=found.times_ms, volumes=found.volumes, is_3d=found.is_3d),
        )

    def _sources(self, role: Role) -> Sequence[TimeSource]:
        return self.relaxometry.spin_lock_time if role is Role.SPIN_LOCK else ECHO_TIME


def by_role(inputs: Iterable[Input]) -> Mapping[Role, tuple[Input, ...]]:
    """In their order."""
    found: dict[Role, tuple[Input, ...]] = {}
    for one in inputs:
        found[one.role] = (*found.get(one.role, ()), one)
    return found
