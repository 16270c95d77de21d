"""Wake-ups between processes, by PostgreSQL's NOTIFY. They only wake: what is new is read from the tables."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import asyncpg

from actions.transaction import OUTAGES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

logger = logging.getLogger(__name__)

APART_SECONDS = 0.02
SEND_SECONDS = 5.0
CONNECT_SECONDS = 10
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
ALIVE_EVERY_SECONDS = 15.0


class Waker:
    """
    Notifies the channels that were woken, at least 20 ms apart, however often they were.

    Not within the transactions: there, all commits would queue up behind the notification.
    """

    def __init__(self, notify: Callable[[list[str]], Awaitable[None]]) -> None:
        self._notify = notify
        self._channels: set[str] = set()
        self._rung = asyncio.Event()
        self._is_failing = False

    def __call__(self, channel: str) -> None:
        """Wake the listeners of *channel* soon; never fails, never waits."""
        self._channels.add(channel)
        self._rung.set()

    async def run(self) -> None:
        """Send what is asked for, for ever."""
        while True:
            await self._rung.wait()
            await self.flush()
            await asyncio.sleep(APART_SECONDS)

    async def flush(self) -> None:
        """Send now what is waiting. A wake-up that is lost costs its listener the time to its next poll."""
        self._rung.clear()
        channels, self._channels = sorted(self._channels), set()
        if not channels:
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._notify(channels)
            self._is_failing = False
        except OUTAGES as error:
            if not self._is_failing:
                logger.warning("Wake-ups are lost: %s", type(error).__name__, extra={"action": "wake_lost"})
            self._is_failing = True


class NotifyConnection:
    """A connection kept for NOTIFY alone, so that a wake-up never waits for one of the pool's."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None

    async def notify(self, channels: list[str]) -> None:
        """Notify *channels*; raises what the database raises, and connects anew next time."""
        connection = self._connection
        try:
            if connection is None or connection.is_closed():
                connection = self._connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
            await connection.execute("SELECT pg_notify(channel, '') FROM unnest($1::text[]) channel", channels)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


@asynccontextmanager
async def waker(url: str) -> AsyncGenerator[Waker]:
    """Run a waker as long as the block lasts; what waits at its end is sent."""
    connection = NotifyConnection(url)
    waker = Waker(connection.notify)
    running = asyncio.create_task(waker.run())
    try:
        yield waker
    finally:
        running.cancel()
        await asyncio.wait({running})
        await waker.flush()
        connection.close()


def connect_to_listen(url: str) -> Callable[[], Awaitable[asyncpg.Connection]]:
    """Return what makes a connection for LISTEN, outside the pool."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, command_timeout=CONNECT_SECONDS)

    return connect


async def listen(url: str, channel: str, heard: Callable[[], None]) -> None:
    """Call *heard* whenever *channel* was notified, and after each reconnection, for ever."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            await _listen_once(url, channel, heard)
            pause = FIRST_PAUSE_SECONDS
        except OUTAGES as error:
            logger.warning("Cannot listen: %s", type(error).__name__, extra={"action": "listen_failed"})
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the load, no secret
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _listen_once(url: str, channel: str, heard: Callable[[], None]) -> None:
    """Listen until the connection is lost. It is used now and then, or a silent network would never be noticed."""
    lost = asyncio.Event()
    connection = await connect_to_listen(url)()

    def notified(*_: object) -> None:
        heard()

    def ended(_: object) -> None:
        lost.set()

    try:
        connection.add_termination_listener(ended)
        await connection.add_listener(channel, notified)
        heard()
        while not lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), ALIVE_EVERY_SECONDS)
            if not lost.is_set():
                await connection.execute("SELECT 1")
    finally:
        connection.terminate()
