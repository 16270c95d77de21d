"""
Wakes who follows the register whenever it has grown, whichever process wrote to it.

Wake-ups come from PostgreSQL's LISTEN and, as the net below, from asking once a second for the end of the register.
They say nothing: what is new is read from the table (`reading.changes`), so that a wake-up that is lost loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta

import asyncpg
from tortoise.exceptions import BaseORMException

from reading.changes import last_sequence
from rules.refusals import NotSignedIn

logger = logging.getLogger(__name__)

POLL = timedelta(seconds=1)
FRESH = timedelta(seconds=1)
RECHECK = timedelta(seconds=30)
STALLED = timedelta(seconds=10)
RECONNECT_SOON = timedelta(seconds=0.5)
RECONNECT_AT_LAST = timedelta(seconds=30)
ALIVE_EVERY = timedelta(seconds=15)

OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException)

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class SessionEnded(NotSignedIn):
    """The session under which something is followed has ended."""

    code = "SESSION_ENDED"

    def __init__(self) -> None:
        super().__init__("Su sesión terminó. Vuelva a ingresar para seguir recibiendo los cambios.")


class Feed:
    """
    Wakes those of this process who follow, whenever the register has grown, whichever process wrote to it.

    `fresh`, `recheck` and `stalled` are for those who serve them: before a change is shown, the sessions of all are
    asked for again if that was *fresh* ago, and they are every *recheck*; who takes nothing for *stalled* is cut off.
    """

    def __init__(
        self,
        connect: Connect,
        *,
        channel: str,
        poll: timedelta = POLL,
        fresh: timedelta = FRESH,
        recheck: timedelta = RECHECK,
        stalled: timedelta = STALLED,
    ) -> None:
        self._connect = connect
        self._channel = channel
        self._poll = poll
        self.fresh, self.recheck, self.stalled = fresh, recheck, stalled
        self._subscribers: set[asyncio.Event] = set()
        self.is_listening = asyncio.Event()

    async def run(self) -> None:
        """Listen and poll until cancelled; a lost connection is made again, and polling goes on meanwhile."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen_for_ever())
            tasks.create_task(self._poll_for_ever())

    @contextmanager
    def join(self) -> Generator[asyncio.Event]:
        """Return an event that is set whenever there may be something new, for as long as the block lasts."""
        news = asyncio.Event()
        self._subscribers.add(news)
        try:
            yield news
        finally:
            self._subscribers.discard(news)

    @property
    def subscribers(self) -> int:
        """How many have joined."""
        return len(self._subscribers)

    def _wake(self, *_: object) -> None:
        for news in self._subscribers:
            news.set()

    async def _listen_for_ever(self) -> None:
        wait = RECONNECT_SOON
        while True:
            try:
                connection = await self._connect()
            except OUTAGES as error:
                _note_outage("listen", error)
            else:
                wait = RECONNECT_SOON
                await self._listen(connection)
            await asyncio.sleep(wait.total_seconds())
            wait = min(wait * 2, RECONNECT_AT_LAST)

    async def _listen(self, connection: asyncpg.Connection) -> None:
        """Listen until the connection is lost."""
        is_lost = asyncio.Event()

        def note_loss(_connection: object) -> None:
            is_lost.set()

        connection.add_termination_listener(note_loss)
        try:
            await connection.add_listener(self._channel, self._wake)
            self.is_listening.set()
            self._wake()
            while not is_lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(is_lost.wait(), ALIVE_EVERY.total_seconds())
                await connection.execute("SELECT 1")  # or a network that fell silent would never be noticed
        except OUTAGES as error:
            _note_outage("listen", error)
        finally:
            self.is_listening.clear()
            connection.terminate()

    async def _poll_for_ever(self) -> None:
        seen = -1
        while True:
            try:
                end = await last_sequence()
            except OUTAGES as error:
                _note_outage("poll", error)
            else:
                if end != seen:
                    self._wake()
                seen = end
            await asyncio.sleep(self._poll.total_seconds())


def _note_outage(doing: str, error: BaseException) -> None:
    logger.warning(
        "The feed could not %s: %s", doing, type(error).__name__, extra={"action": "feed_outage", "doing": doing}
    )
