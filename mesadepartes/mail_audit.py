"""The nightly comparison of mails, beside the intake, which alone has the mail server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions.mail_alarm import AUDIT_ROUND, enrol_audit, raise_alarm
from actions.rounds import Round
from intake.audit import NIGHTLY, UNSEEN, Scope, audit
from mesadepartes.rounds import Runner
from rules.mail_audit import Difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actions.tools import Tools
    from intake.mailbox import Source

EVERY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Comparison:
    """Compares the mails of all *sources*, as of the last days, and raises the alarm."""

    sources: Sequence[Source]

    async def __call__(self, tools: Tools) -> int:
        """Compare once; nothing is left for another turn. That a server cannot be looked at hides nothing else."""
        now, found = tools.clock(), list[Difference]()
        try:
            async for each in audit(tools, self.sources, Scope(now, since=now - NIGHTLY)):
                found.append(each)
        except UNSEEN:
            await raise_alarm(tools, found)
            raise
        await raise_alarm(tools, found)
        return 0


class NightlyRunner(Runner):
    """Does the one round of the intake, first at night."""

    async def run_due(self) -> int:
        """Compare if it is due; return how many comparisons failed."""
        await enrol_audit(self.tools)
        return await super().run_due()


def nightly_runner(tools: Tools, sources: Sequence[Source], stopping: asyncio.Event) -> NightlyRunner:
    """Return what compares the mails of *sources* each night, in one process at a time, until *stopping* is set."""
    return NightlyRunner(tools, stopping, listed=[Round(AUDIT_ROUND, EVERY, Comparison(sources))])
