"""Deletes files that nothing needs any more, and history that is old; states stay. Talks to: disk, clock."""

import logging
from pathlib import Path
from typing import Final

from config.settings import Retention
from dicom_io.spool import sweep as sweep_left_overs
from node.clock import Clock
from node.ledger import Ledger
from node.log import tell

LOG: Final = logging.getLogger(__name__)
_DAY: Final = 86400.0


def sweep_spool(ledger: Ledger, spool: Path, settings: Retention, *, clock: Clock) -> int:
    """The number of files that went: what is in quarantine, and what no row tells of, as long as inputs are kept."""
    before = clock() - settings.inputs_days * _DAY
    swept = sweep_left_overs(spool, before=before, known=ledger.views.received_files())
    if swept:
        tell(LOG, "retention deleted what nothing refers to", files=swept)
    return swept


def sweep(ledger: Ledger, settings: Retention, *, clock: Clock) -> int:
    """The number of files that went. The row forgets a file only after it is gone."""
    now = clock()
    expired = ledger.views.expired(
        inputs_before=now - settings.inputs_days * _DAY, results_before=now - settings.results_days * _DAY
    )
    for one in expired:
        one.path.unlink(missing_ok=True)
        ledger.views.forget_file(one)
    ledger.views.forget_history(before=now - settings.history_days * _DAY)
    if expired:
        tell(LOG, "retention deleted files", files=len(expired))
    return len(expired)
