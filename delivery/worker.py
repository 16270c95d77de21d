"""The delivery: claims promised notices, sends them, records what came of it. Any number may run at once."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tortoise.exceptions import DBConnectionError, OperationalError

from actions import answering, notices
from actions.press import PressFull
from actions.transaction import OUTAGES
from delivery.letters import enclosure_of, letter_of, receipt_with
from delivery.messages import compose
from delivery.smtp import Outcome, Relay, Verdict, send
from files.jail import JailFailed, JailFull
from files.store import ContentDamaged, ContentMissing, StoreUnavailable
from reading.files import ReceiptNoLongerKept
from rules.mail_answers import BREAKER_LIMIT, BREAKER_WINDOW
from rules.notices import INVALID_ADDRESS
from rules.people import InvalidEmail
from seals.seal import SealUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from models.receipts import Notice

logger = logging.getLogger(__name__)

AT_ONCE = 4
POLL_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
DATABASE_AWAY = (*OUTAGES, DBConnectionError, OperationalError)

REASONS: Final[Mapping[type[Exception], str]] = {
    SealUnavailable: "RECEIPT_NOT_SEALED",
    JailFailed: "RECEIPT_NOT_RENDERED",
    JailFull: "RECEIPT_NOT_RENDERED",
    PressFull: "RECEIPT_NOT_RENDERED",
    ContentMissing: "RECEIPT_DAMAGED",
    ContentDamaged: "RECEIPT_DAMAGED",
    StoreUnavailable: "STORE_UNAVAILABLE",
    TimeoutError: "TIMED_OUT",
}
"""Why a mail waits for its next try, by what its attempt met."""

NOT_NOW: Final = tuple(REASONS)


class Bell:
    """Wakes whoever waits; who took a ticket before it rang does not miss it."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait."""
        self._next.set()
        self._next = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Return what is set when it rings next."""
        return self._next


class Backoff:
    """Pauses that double, up to 30 seconds, each somewhere between half and whole so that workers spread."""

    def __init__(self) -> None:
        self._seconds = FIRST_PAUSE_SECONDS

    def longer(self) -> float:
        """Return the next pause."""
        seconds, self._seconds = self._seconds, min(self._seconds * 2, LONGEST_PAUSE_SECONDS)
        return seconds * random.uniform(0.5, 1.0)  # noqa: S311 - spreads the load, no secret

    def reset(self) -> None:
        """Begin with short pauses again."""
        self._seconds = FIRST_PAUSE_SECONDS


class Alarm:
    """Tells those who run the counter that answers to mails wait, because too many left: once in ten minutes."""

    def __init__(self) -> None:
        self._told_at: datetime | None = None

    async def look(self, tools: Tools) -> None:
        """Look whether any wait, and log how many."""
        held, now = await answering.held_answers(tools), tools.clock()
        if held and (self._told_at is None or now - self._told_at >= BREAKER_WINDOW):
            self._told_at = now
            logger.error(
                "%d answers to mails wait: more than %d left in ten minutes. Look whether mails loop, or are forged",
                held,
                BREAKER_LIMIT,
                extra={"action": "answers_held", "held": held},
            )


@dataclass(frozen=True)
class Delivery:
    """What the delivery works with. It ends, after the mails in hand, when *stopping* is set and the bell rung."""

    tools: Tools
    relay: Relay
    bell: Bell
    stopping: asyncio.Event
    _alarm: Alarm = field(default_factory=Alarm)
    _claiming: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One claims after the other: each sees to which addresses the others are writing."""

    async def run(self) -> None:
        """Send what is due, four mails at once, until told to stop."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._deliver())

    async def _deliver(self) -> None:
        holder, backoff = uuid.uuid4(), Backoff()
        while not self.stopping.is_set():
            ticket = self.bell.ticket()
            if seconds := await self._turn(holder, backoff):
                await _wait(ticket, seconds)

    async def _turn(self, holder: UUID, backoff: Backoff) -> float:
        """Send one notice, if one is due; return how many seconds to wait before the next turn."""
        try:
            # In a task of its own: whatever a broken transaction leaves in the context ends with it.
            found = await asyncio.create_task(self.deliver_next(holder))
        except DATABASE_AWAY as error:
            logger.warning("Database away: %s", type(error).__name__, extra={"action": "delivery_without_database"})
            return backoff.longer()
        except Exception:
            logger.exception("A turn of the delivery failed", extra={"action": "delivery_turn_failed"})
            return backoff.longer()
        backoff.reset()
        return 0.0 if found else POLL_SECONDS

    async def deliver_next(self, holder: UUID) -> bool:
        """Send one due notice, if there is one; say whether there was."""
        async with self._claiming:
            claimed = await notices.claim_notices(self.tools, holder, most=1)
        for notice in claimed:
            if not await notices.withhold(self.tools, notice, holder=holder):
                await self._record(notice, await self._attempt(notice), holder)
        if not claimed:
            await self._alarm.look(self.tools)
        return bool(claimed)

    async def _attempt(self, notice: Notice) -> Outcome:
        try:
            async with asyncio.timeout(notices.ATTEMPT_TIME.total_seconds()):
                receipt = await receipt_with(notice)
                enclosure = await enclosure_of(self.tools, receipt) if receipt else None
                letter = letter_of(notice, receipt)
                return await send(self.relay, compose(letter, self.tools.institution, enclosure))
        except InvalidEmail:
            return Outcome(Verdict.PERMANENT, INVALID_ADDRESS)
        except ReceiptNoLongerKept as refusal:
            return Outcome(Verdict.PERMANENT, refusal.code)
        except NOT_NOW as error:
            return Outcome(Verdict.TEMPORARY, next(REASONS[kind] for kind in NOT_NOW if isinstance(error, kind)))
        except DATABASE_AWAY:
            raise
        except Exception:  # the outermost loop of one mail: a notice that breaks us must come to its end too
            logger.exception("A notice broke us", extra={"action": "notice_broke", "notice_id": str(notice.id)})
            return Outcome(Verdict.TEMPORARY, "INTERNAL")

    async def _record(self, notice: Notice, outcome: Outcome, holder: UUID) -> None:
        match outcome.verdict:
            case Verdict.ACCEPTED:
                is_recorded = await notices.record_sent(self.tools, notice, holder=holder)
            case Verdict.TEMPORARY:
                is_recorded = await notices.record_failed(self.tools, notice, holder=holder, reason=outcome.reason)
            case Verdict.PERMANENT:
                is_recorded = await notices.record_refused(
                    self.tools, notice, holder=holder, reason=outcome.reason, status=outcome.status
                )
        logger.info(
            "Notice %s: %s %s",
            notice.kind.value,
            outcome.verdict.value,
            outcome.reason,
            extra={"action": "notice_attempted", "notice_id": str(notice.id), "is_recorded": is_recorded},
        )


async def _wait(ticket: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(ticket.wait(), seconds)
    except TimeoutError:
        return
