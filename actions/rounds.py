"""Rounds: what the counter does now and then by itself, each by one worker at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from actions.anchors import anchor_yesterday
from actions.closures import close_due_accounts
from actions.codes import forget_codes
from actions.contents import sweep_contents
from actions.drafts import expire_drafts
from actions.erasing import erase_overdue
from actions.exports import forget_exports
from actions.gate import forget_throttles
from actions.invitations import forget_invitations
from actions.judging import judge_again
from actions.lapsing import lapse_overdue
from actions.mail_links import forget_links
from actions.orphans import note_orphans
from actions.presence import forget_viewings
from actions.receipt_heads import publish_heads, stamp_heads
from actions.recognition import recognize_pages
from actions.recovery_decisions import apply_due_recoveries
from actions.scanning import scan_pending, watch_antivirus
from actions.seal_watch import watch_seal
from actions.sealing import seal_outstanding
from actions.seals import reseal_second_factors
from actions.security_check import forget_spent_challenges
from actions.sessions import forget_sessions
from actions.sweeping import sweep_staging, sweep_store
from actions.texts import extract_texts
from actions.tools import Tools
from actions.transaction import database, tx
from actions.uploads import expire_uploads
from actions.waiting_recoveries import forget_ignored_recoveries
from models import rounds as rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

Work: TypeAlias = Callable[[Tools], Awaitable[int]]

WORK_TIME = timedelta(minutes=4)
"""A round is given up after this. What it has done stays done, and it goes on at its next time."""

LEASE = timedelta(minutes=5)
"""A claimed round is free again after this; longer than its time, so that no two workers ever do one."""

CLAIM = """
UPDATE rounds SET lease_holder = $2, leased_until = $4
WHERE name = (
    SELECT name FROM rounds
    WHERE name = ANY($1::text[]) AND next_run_at <= $3 AND (leased_until IS NULL OR leased_until <= $3)
    ORDER BY next_run_at, name LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING name
"""


@dataclass(frozen=True)
class Round:
    """
    A periodic work: its name, which never changes, how often it is done, and what does it.

    The work does a batch of what it finds due, in small transactions, for it may be cut off at any moment; it returns
    how many things it did, and is called again until it finds nothing, or has done *most*: then others have their turn.
    """

    name: str
    every: timedelta
    work: Work
    most: int | None = None


async def _forget_spent_challenges(tools: Tools) -> int:
    return await forget_spent_challenges(tools.clock())


ROUNDS: tuple[Round, ...] = (
    Round("seal_outstanding", timedelta(minutes=1), seal_outstanding),
    Round("judge_again", timedelta(minutes=1), judge_again),
    Round("lapse_overdue", timedelta(minutes=10), lapse_overdue),
    Round("apply_due_recoveries", timedelta(minutes=5), apply_due_recoveries),
    Round("expire_uploads", timedelta(minutes=30), expire_uploads),
    Round("expire_drafts", timedelta(hours=1), expire_drafts),
    Round("forget_codes", timedelta(minutes=10), forget_codes),
    Round("sweep_staging", timedelta(hours=1), sweep_staging),
    Round("sweep_store", timedelta(hours=1), sweep_store),
    Round("note_orphans", timedelta(minutes=10), note_orphans),
    Round("sweep_contents", timedelta(hours=1), sweep_contents),
    Round("forget_throttles", timedelta(minutes=10), forget_throttles),
    Round("forget_viewings", timedelta(minutes=10), forget_viewings),
    Round("forget_spent_challenges", timedelta(minutes=10), _forget_spent_challenges),
    Round("forget_sessions", timedelta(hours=1), forget_sessions),
    Round("anchor_yesterday", timedelta(minutes=10), anchor_yesterday),
    Round("publish_heads", timedelta(minutes=10), publish_heads),
    Round("stamp_heads", timedelta(minutes=10), stamp_heads),
    Round("forget_exports", timedelta(minutes=30), forget_exports),
    Round("close_due_accounts", timedelta(minutes=30), close_due_accounts),
    Round("erase_overdue", timedelta(days=1), erase_overdue),
    Round("forget_ignored_recoveries", timedelta(hours=1), forget_ignored_recoveries),
    Round("forget_invitations", timedelta(hours=1), forget_invitations),
    Round("forget_links", timedelta(hours=1), forget_links),
    Round("reseal_second_factors", timedelta(hours=1), reseal_second_factors),
    Round("watch_seal", timedelta(days=1), watch_seal),
    Round("scan_pending", timedelta(minutes=1), scan_pending, most=100),
    Round("watch_antivirus", timedelta(days=1), watch_antivirus),
)

LONG_ROUNDS: tuple[Round, ...] = (
    Round("extract_texts", timedelta(seconds=30), extract_texts),
    Round("recognize_pages", timedelta(seconds=30), recognize_pages),
)
"""What may go on for minutes while there is much to do: done beside the others, which never wait for it."""


async def enrol(tools: Tools, rounds: Sequence[Round]) -> None:
    """Make rounds known that are not; a new one is due at once."""
    fresh = [rows.Round(name=each.name, next_run_at=tools.clock()) for each in rounds]
    async with tx():
        await rows.Round.bulk_create(fresh, ignore_conflicts=True)


async def claim_round(tools: Tools, rounds: Sequence[Round], *, holder: UUID) -> Round | None:
    """Lease the one of *rounds* that has been due longest to *holder* for five minutes; None if none is due."""
    now, known = tools.clock(), {each.name: each for each in rounds}
    claimed = await database().execute_query_dict(CLAIM, [list(known), holder, now, now + LEASE])
    return known[claimed[0]["name"]] if claimed else None


async def record_done(tools: Tools, done: Round, *, holder: UUID, count: int) -> bool:
    """Record that a round was done, how many things it did; False if *holder* no longer holds the lease."""
    return await _finish(tools, done, holder, last_done=count, failures=0)


async def record_failed(tools: Tools, failed: Round, *, holder: UUID) -> bool:
    """Record that a round failed; it is tried again at its next time. False as for `record_done`."""
    row = await rows.Round.get(name=failed.name)
    return await _finish(tools, failed, holder, failures=row.failures + 1)


async def give_back(cut: Round, *, holder: UUID) -> None:
    """Give up the lease of a round that was cut off: whoever comes next does it at once."""
    async with tx():
        await rows.Round.filter(name=cut.name, lease_holder=holder).update(lease_holder=None, leased_until=None)


async def _finish(tools: Tools, finished: Round, holder: UUID, **told: int) -> bool:
    now = tools.clock()
    async with tx():
        changed = await rows.Round.filter(name=finished.name, lease_holder=holder).update(
            last_run_at=now, next_run_at=now + finished.every, lease_holder=None, leased_until=None, **told
        )
    return changed == 1
