"""Whether the node is well, and what it is doing, for people and for machines. Talks to: disk."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.settings import Settings
from dicom_io.spool import free_bytes
from node.ledger import Ledger
from node.ledger.rows import Overview
from node.lifecycle import StudyState


@dataclass(frozen=True, kw_only=True)
class Health:
    """faults: why it is red; empty when it is well."""

    faults: tuple[str, ...]
    free_mib: int
    overview: Overview

    @property
    def is_well(self) -> bool:
        return not self.faults


def health(ledger: Ledger, settings: Settings) -> Health:
    free = free_bytes(settings.site.storage) // 2**20
    overview = ledger.views.overview()
    faults = []
    if free < settings.receiver.free_space_watermark_mib:
        faults.append(f"{free} MiB free, less than the watermark of {settings.receiver.free_space_watermark_mib} MiB")
    failed = overview.counts.get(StudyState.FAILED, 0)
    if failed:
        faults.append(f"{failed} failed {'study' if failed == 1 else 'studies'}: lumbar-node retry STUDY")
    return Health(faults=tuple(faults), free_mib=free, overview=overview)


def as_document(found: Health) -> dict[str, Any]:
    """For JSON."""
    return {"well": found.is_well, **asdict(found)}


def storage_of(settings: Settings) -> Path:
    """The folder, made if it is not there."""
    settings.site.storage.mkdir(parents=True, exist_ok=True)
    return settings.site.storage
