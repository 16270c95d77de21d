"""
The feed of status changes: entries of the register, read in commit order, across processes.

The table is the truth: each subscriber reads the entries after its own cursor, in pages, when it is woken. Nothing is
queued for it, so nothing can be lost or grow. Wake-ups come from PostgreSQL's LISTEN and, as the net below, from asking
once a second for the end of the register.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
from tortoise.exceptions import BaseORMException
from tortoise.expressions import Subquery

from models.register import Entry, RegisterHead
from reading.access import NoSuchTramite, renewed, visible_tramites
from reading.register import texts_of
from reading.tramites import PastAct, UnknownCursor, find
from rules.chain import Chain
from rules.refusals import NotSignedIn
from rules.service_tokens import ServiceTokenNotGood

if TYPE_CHECKING:
    from uuid import UUID

    from reading.access import Viewer

logger = logging.getLogger(__name__)

PAGE = 100
POLL = timedelta(seconds=1)
RECHECK = timedelta(seconds=30)
RECONNECT_SOON = timedelta(seconds=0.5)
RECONNECT_AT_LAST = timedelta(seconds=30)
ALIVE_EVERY = timedelta(seconds=15)
LAST_SEQUENCE = 2**63 - 1

OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException)

Connect = Callable[[], Awaitable[asyncpg.Connection]]
Clock = Callable[[], datetime]


class SessionEnded(NotSignedIn):
    """The session under which something is followed has ended."""

    code = "SESSION_ENDED"

    def __init__(self) -> None:
        super().__init__("Su sesión terminó. Vuelva a ingresar para seguir recibiendo los cambios.")


class Feed:
    """Wakes the subscribers of this process whenever the register has grown, whichever process wrote to it."""

    def __init__(self, connect: Connect, *, channel: str, poll: timedelta = POLL, recheck: timedelta = RECHECK) -> None:
        self._connect = connect
        self._channel = channel
        self._poll = poll
        self.recheck = recheck
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


async def last_sequence() -> int:
    """Return the end of the register: the sequence of its last entry."""
    return (await RegisterHead.get(chain=Chain.ACTS.value)).sequence


def sequence_of(cursor: str | None) -> int | None:
    """
    Return the sequence that a client's cursor means.

    Raises:
        UnknownCursor: it means none.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 20 and int(cursor) <= LAST_SEQUENCE):
        raise UnknownCursor
    return int(cursor)


async def follow(
    feed: Feed, viewer: Viewer, *, number: str | None, after: int | None, clock: Clock
) -> AsyncGenerator[tuple[Viewer, list[PastAct]], None]:
    """
    Yield the status changes that the viewer may read, in commit order, in pages of at most a hundred, without end.

    Begins after the sequence *after*, or now without one. Before each page, and at least every 30 seconds, the session
    is checked and the viewer's role and offices are read anew; each page comes with the viewer as of then.

    Raises:
        NoSuchTramite, InvalidNumber: there is no trámite of that number that the viewer may see.
        SessionEnded, ServiceTokenNotGood: the session or token has ended or expired.
    """
    with feed.join() as news:
        only = await _tramite_id(viewer, number) if number is not None else None
        cursor = after if after is not None else await last_sequence()
        while True:
            news.clear()
            viewer = await _renewed(viewer, at=clock())
            page = await changes_after(viewer, cursor, only=only)
            if page:
                yield viewer, page
                cursor = page[-1].sequence
            if len(page) < PAGE:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), feed.recheck.total_seconds())


async def _tramite_id(viewer: Viewer, number: str) -> UUID:
    tramite = await find(viewer, number)
    if tramite is None:
        raise NoSuchTramite
    return tramite.id


async def _renewed(viewer: Viewer, *, at: datetime) -> Viewer:
    present = await renewed(viewer, at=at)
    if present is None:
        raise ServiceTokenNotGood if viewer.is_program else SessionEnded
    return present


async def changes_after(viewer: Viewer, sequence: int, *, only: UUID | None = None) -> list[PastAct]:
    """Return at most a hundred status changes after *sequence* that the viewer may read, or of one trámite."""
    seen = visible_tramites(viewer) if only is None else visible_tramites(viewer).filter(id=only)
    entries = (
        await Entry.filter(
            sequence__gt=sequence, to_status__isnull=False, tramite_id__in=Subquery(seen.values_list("id", flat=True))
        )
        .order_by("sequence")
        .limit(PAGE)
        .select_related("tramite")
    )
    texts = await texts_of(entries)
    return [_past_act(entry, texts[entry.sequence]) for entry in entries]


def _past_act(entry: Entry, text: str | None) -> PastAct:
    tramite = entry.tramite
    assert tramite is not None
    return PastAct(
        sequence=entry.sequence,
        at=entry.at,
        act=entry.act,
        role=entry.role,
        from_status=entry.from_status,
        to_status=entry.to_status,
        text=text,
        tramite_id=tramite.id,
        number=tramite.number,
        applicant_id=tramite.applicant_id,
        office_id=tramite.office_id,
    )
