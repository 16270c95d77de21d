"""The nightly comparison of mails raises an alarm: in the log, and as a task that somebody at the desk must close."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from actions.tasks import open_task
from actions.transaction import tx
from models.rounds import Round
from rules.mail_audit import count_kinds
from rules.tasks import TaskKind
from rules.workdays import LIMA, in_lima

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actions.tools import Tools
    from rules.mail_audit import Difference

logger = logging.getLogger(__name__)

AUDIT_ROUND: Final = "audit_mail"
AUDITED_AT: Final = time(3, 30)
"""When the first comparison is due, in Lima; the next ones a day after the one before."""

MOST_TOLD: Final = 50


async def raise_alarm(tools: Tools, differences: Sequence[Difference]) -> None:
    """Tell of differences: an error in the log, and a task unless one is open already; of none nothing is told."""
    if not differences:
        return
    counts = count_kinds(differences)
    listed = [each.to_json() for each in differences[:MOST_TOLD]]
    told = {"action": "mail_audit_differs", "counts": counts, "differences": listed}
    logger.error("Mailbox, ledger, store and trámites differ in %d things: %s", len(differences), counts, extra=told)
    async with tx():
        await open_task(tools, TaskKind.MAIL_DIFFERENCES, detail={"counts": counts})


async def enrol_audit(tools: Tools) -> None:
    """Have mails compared each night, unless that is so already."""
    now = in_lima(tools.clock())
    at = datetime.combine(now.date(), AUDITED_AT, LIMA)
    due = at if at > now else at + timedelta(days=1)
    async with tx():
        await Round.bulk_create([Round(name=AUDIT_ROUND, next_run_at=due)], ignore_conflicts=True)
