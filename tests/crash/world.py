"""The world in which workers live and are killed: mail that comes, servers that restart, other readers, a cut wire."""

from __future__ import annotations

import asyncio
import imaplib
import os
import signal
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import asyncpg

from actions.administration import plant_offices
from mesadepartes.database import connected
from tests.crash.letters import Kind, Letters
from tests.crash.lives import Effect, Life, Mistake
from tests.crash.mistakes import WITHOUT_CONSTRAINT
from tests.crash.proxy import CuttingProxy
from tests.crash.verdict import Findings, Harm, judge
from tests.servers.sink import Sink

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from tests.crash.lives import Midwife
    from tests.servers.dovecot import Account

PATIENCE_SECONDS = 60.0
SECOND_WORKER_SECONDS = 1.5
LAST_LIVES = 8
CONSTRAINT = "SELECT conname FROM pg_constraint WHERE conrelid = 'mail_items'::regclass AND contype = 'u'"


class Server(Protocol):
    """A database server that can be restarted."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Event(StrEnum):
    """What happens around a worker, while it is stopped or else before it is born."""

    NUMBER_ANEW = "NUMBER_ANEW"
    RESTART_DATABASE = "RESTART_DATABASE"
    RESTART_MAIL_SERVER = "RESTART_MAIL_SERVER"
    READ_BY_OTHERS = "READ_BY_OTHERS"
    SECOND_WORKER = "SECOND_WORKER"
    CUT_IN_MESSAGE = "CUT_IN_MESSAGE"


@dataclass(frozen=True)
class Turn:
    """Mails that come, one life, and what happens around it."""

    mails: tuple[Kind, ...]
    life: Life
    event: Event | None = None


class World:
    """A mailbox, a database, and the lives of workers between them."""

    def __init__(
        self,
        folder: Path,
        account: Account,
        *,
        midwife: Midwife,
        server: Server,
        owner_url: str,
        mistake: Mistake | None = None,
    ) -> None:
        self.letters = Letters()
        self.lives = 0
        self.stalled = 0
        self._folder = folder
        self._account = account
        self._midwife = midwife
        self._server = server
        self._owner_url = owner_url
        self._mistake = mistake
        self._proxy = CuttingProxy()
        self._sink = Sink()
        self._place: dict[str, str | int] = {}

    @property
    def deaths(self) -> Counter[str]:
        """How often each thing was done to a worker, such as `imap.move BEFORE DIE`."""
        with suppress(FileNotFoundError):
            return Counter((self._folder / "deaths").read_text(encoding="ascii").splitlines())
        return Counter()

    @property
    def cuts(self) -> int:
        """How often the wire was cut inside a message."""
        return self._proxy.cuts

    async def open(self, web_url: str) -> None:
        """Plant the offices, and put in what the mistake needs."""
        async with connected(web_url):
            await plant_offices()
        if self._mistake is Mistake.LOOK_BEFORE_INSERTING:
            await self._execute(WITHOUT_CONSTRAINT.format(name=await self._fetch(CONSTRAINT)))
        await self._proxy.start(self._account.port)
        await self._sink.start()
        self._place = {
            "folder": str(self._folder),
            "log": str(self._folder / "deaths"),
            "database": web_url,
            "port": self._proxy.port,
            "user": self._account.user,
            "password": self._account.password,
            "smtp_port": self._sink.port,
        }

    async def close(self) -> None:
        """End what was started."""
        await self._proxy.stop()
        await self._sink.stop()

    async def take(self, turns: Iterable[Turn]) -> None:
        """Let the turns happen, one after the other."""
        for turn in turns:
            for kind in turn.mails:
                await self._account.deliver(self.letters.write(kind))
            if turn.event is not None and turn.life.effect is not Effect.STOP:
                await self._happen(turn.event)
            pid = self._bear(turn.life)
            try:
                if turn.life.effect is Effect.STOP and await self._is_stopped(pid) and turn.event is not None:
                    await self._happen(turn.event)
            finally:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            await self._end_of(pid)

    async def end(self) -> Findings:
        """Let workers live undisturbed until all is done; return what harm is found then."""
        for _ in range(LAST_LIVES):
            await self._end_of(self._bear(Life()))
            if not await self._account.mails():
                break
        await self._end_of(self._bear(Life()))
        told = Counter(address for mail in self._sink.mails for address in mail.recipients)
        store = self._folder / "store"
        found = await judge(self._owner_url, self._account, self.letters, store=store, told=told)
        found[Harm.STALLED] += self.stalled + self.deaths["stalled"]
        return +found

    def _bear(self, life: Life) -> int:
        self.lives += 1
        return self._midwife.bear(life.to_json(minute=self.lives, mistake=self._mistake, place=self._place))

    async def _end_of(self, pid: int) -> None:
        """Wait for the end of a life; then its lease ends, as it would by itself ten seconds later."""
        await self._ended(pid, PATIENCE_SECONDS)
        if _state(pid) is not None:
            os.kill(pid, signal.SIGKILL)
            self.stalled += 1
        await self._free_lease()

    async def _ended(self, pid: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while _state(pid) is not None and time.monotonic() < until:
            await asyncio.sleep(0.005)

    async def _is_stopped(self, pid: int) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS
        while (state := _state(pid)) not in (None, "T") and time.monotonic() < until:
            await asyncio.sleep(0.005)
        return state == "T"

    async def _happen(self, event: Event) -> None:
        match event:
            case Event.NUMBER_ANEW:
                await self._account.change_uid_validity()
            case Event.RESTART_MAIL_SERVER:
                await self._account.server.restart()
            case Event.RESTART_DATABASE:
                await self._server.stop()
                await self._server.start()
            case Event.READ_BY_OTHERS:
                await asyncio.to_thread(_read_all, self._account)
            case Event.CUT_IN_MESSAGE:
                self._proxy.cut_after(1 + self.lives * 7919 % 300)
            case Event.SECOND_WORKER:
                await self._free_lease()
                pid = self._bear(Life())
                await self._ended(pid, SECOND_WORKER_SECONDS)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                await self._free_lease()

    async def _free_lease(self) -> None:
        with suppress(asyncpg.LockNotAvailableError):  # a worker that is stopped within its transaction
            await self._execute("SET lock_timeout = '500ms'; UPDATE mailboxes SET leased_until = NULL")

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._owner_url)
        await connection.execute(statement)
        await connection.close()

    async def _fetch(self, query: str) -> str:
        connection = await asyncpg.connect(self._owner_url)
        value = await connection.fetchval(query)
        await connection.close()
        return str(value)


@asynccontextmanager
async def opened_world(world: World, web_url: str) -> AsyncGenerator[World]:
    """Open it for the block."""
    try:
        await world.open(web_url)
        yield world
    finally:
        await world.close()


def _state(pid: int) -> str | None:
    """Return the state of a process as Linux tells it; None when it has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in "ZX" else state


def _read_all(account: Account) -> None:
    """Mark all mails as seen, as somebody who reads the mailbox does."""
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        _, [count] = client.select("INBOX")
        if count != b"0":
            client.store("1:*", "+FLAGS", r"(\Seen)")
