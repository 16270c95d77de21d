"""The runner of the rounds: claims what is due, does it, and lets none stop the others. Any number may run at once."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tortoise.exceptions import DBConnectionError, OperationalError

from actions import rounds
from actions.transaction import OUTAGES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from actions.rounds import Round
    from actions.tools import Tools

logger = logging.getLogger(__name__)

POLL_SECONDS = 10.0
DATABASE_AWAY = (*OUTAGES, DBConnectionError, OperationalError)


@dataclass
class Runner:
    """
    Does *listed* rounds as they become due, until *stopping* is set; what is in hand then is finished.

    None while *is_on_time* says of the clock that it is not: what a round erases, and a head that it publishes for a
    day that is not over, is never taken back.
    """

    tools: Tools
    stopping: asyncio.Event
    listed: Sequence[Round] = rounds.ROUNDS
    work_time: timedelta = rounds.WORK_TIME
    poll_seconds: float = POLL_SECONDS
    is_on_time: Callable[[Callable[[], datetime]], Awaitable[bool]] | None = None
    _holder: UUID = field(default_factory=uuid.uuid4)
    _is_away: bool = False
    _is_apart: bool = False

    async def run(self) -> None:
        """Do what is due, and look again every ten seconds."""
        while not self.stopping.is_set():
            await self._turn()
            await _wait(self.stopping, self.poll_seconds)

    async def _turn(self) -> None:
        try:
            await self.run_due()
            self._is_away = False
        except DATABASE_AWAY as error:
            if not self._is_away:
                logger.warning("Database away: %s", type(error).__name__, extra={"action": "rounds_without_database"})
            self._is_away = True

    async def run_due(self) -> int:
        """Do each round that is due, one after the other; return how many failed, 1 if the clock is wrong."""
        if not await self._may_begin():
            return 1
        await rounds.enrol(self.tools, self.listed)
        failed = 0
        while not self.stopping.is_set():
            due = await rounds.claim_round(self.tools, self.listed, holder=self._holder)
            if due is None:
                break
            failed += not await self._do(due)
        return failed

    async def _may_begin(self) -> bool:
        was_apart, self._is_apart = (
            self._is_apart,
            not (self.is_on_time is None or await self.is_on_time(self.tools.clock)),
        )
        if self._is_apart and not was_apart:
            said = "This clock and the database's are more than five minutes apart: no rounds until they agree"
            logger.error(said, extra={"action": "clock_differs"})
        return not self._is_apart

    async def _do(self, due: Round) -> bool:
        """Do one round and record what came of it; say whether it was done."""
        try:
            count = await self._work(due)
        except asyncio.CancelledError:
            await rounds.give_back(due, holder=self._holder)
            raise
        if count is None:
            await rounds.record_failed(self.tools, due, holder=self._holder)
            return False
        await rounds.record_done(self.tools, due, holder=self._holder, count=count)
        if count:
            logger.info("Round %s: %d", due.name, count, extra={"action": "round_done", "round": due.name})
        return True

    async def _work(self, due: Round) -> int | None:
        """Return how many things the round did, None if it failed: then that is logged, once."""
        told = {"action": "round_failed", "round": due.name}
        try:
            async with asyncio.timeout(self.work_time.total_seconds()):
                # In a task of its own: whatever a broken transaction leaves in the context ends with it.
                return await asyncio.create_task(self._exhaust(due))
        except DATABASE_AWAY as error:
            logger.error("Round %s failed: %s", due.name, type(error).__name__, extra=told)  # noqa: TRY400
        except Exception:  # the outermost loop of one round: one that is broken must not stop the others
            logger.exception("Round %s failed", due.name, extra=told)
        return None

    async def _exhaust(self, due: Round) -> int:
        count = 0
        while not self.stopping.is_set() and (found := await due.work(self.tools)):
            count += found
            if due.most is not None and count >= due.most:
                break
        return count


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
