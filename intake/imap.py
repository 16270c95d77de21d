"""The mailbox on the server: what lies in it, its messages as bytes, and moving them away."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from aioimaplib.aioimaplib import AioImapException, Command, FetchCommand, Response

from intake.answers import FETCH_BODY, Listed, fetched_uids, read_listed, uid_set
from intake.batches import BatchFetch
from intake.folders import quote_folder
from intake.placing import Mover
from intake.protocol import ConnectionLost, MessageFetch, Session
from intake.sign_in import Mechanism, sign_in
from rules.mailboxes import Placement

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Awaitable, Sequence
    from datetime import datetime, timedelta

    from intake.responses import Sink
    from intake.tokens import Token, Tokens

T = TypeVar("T")

WINDOW: Final = 250
"""Messages described at once: keeps the command line under 3 kB, whatever their UIDs."""

CONNECT_SECONDS: Final = 15.0
SILENCE_SECONDS: Final = 60.0
LONGEST_HEADER: Final = 64 * 1024

_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY ([0-9]{1,10})\]", re.IGNORECASE)
_PERMANENT = re.compile(rb"\[PERMANENTFLAGS \(([^)]*)\)\]", re.IGNORECASE)


class CommandRefused(Exception):
    """The server answered NO or BAD; the message says to what."""


class NotFetched(Exception):
    """The server gives nothing for a message: it is gone, or the server cannot read it."""


class MessageTooLarge(Exception):
    """The message is larger than allowed; nothing of it was taken, and the connection is gone."""


class MessageTooSlow(ConnectionLost):
    """The message did not come in its time; the connection is gone."""


@dataclass(frozen=True)
class Account:
    """How to sign in to a mail server. Without a TLS context everything goes in clear: for this machine only."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext | None
    starts_in_clear: bool = False
    """Whether TLS begins on request (STARTTLS) instead of at once."""

    answer_seconds: float = 30.0
    """After so long without an answer, the connection is given up."""

    poll_seconds: float = 5.0
    """How often a server that cannot tell of new mail is asked."""

    beat_seconds: float | None = None
    """How often a server is asked (NOOP) that could tell of new mail, but is slow to; None: it is listened to."""

    mechanism: Mechanism = Mechanism.AUTO
    tokens: Tokens | None = None
    """Where the access tokens come from that are shown instead of a password."""


def _words(text: bytes) -> frozenset[str]:
    return frozenset(text.decode("ascii", "replace").upper().split())


@asynccontextmanager
async def signed_in(account: Account) -> AsyncGenerator[ImapConnection]:
    """
    Yield a connection that has signed in; it is closed in the end.

    Raises:
        ConnectionLost: the server cannot be reached or is not who it should be.
        SignInRefused: it does not take the user or the password.
        ServerBusy: it takes nobody now.
        TokensUnavailable, GrantRefused: there is no access token to show.
    """
    implicit = None if account.starts_in_clear else account.tls
    session = Session(account.host, account.port, ssl_context=implicit)  # pyright: ignore[reportArgumentType]
    await session.open(timeout=CONNECT_SECONDS)
    connection = ImapConnection(session, account)
    try:
        if account.tls is not None and account.starts_in_clear:
            await connection.change_to_tls(account.tls)
        await connection.sign_in()
        yield connection
    finally:
        await connection.close()


class ImapConnection:
    """
    One connection, one command at a time, messages named by UID only.

    Every method raises ConnectionLost when the connection ends, is silent for too long, or was used when a command was
    cancelled; then only a new connection helps.
    """

    def __init__(self, session: Session, account: Account) -> None:
        self._protocol = session.streaming
        self._account = account
        self._answer_seconds = account.answer_seconds
        self._capabilities: frozenset[str] = frozenset()
        self._token: Token | None = None
        self._takes_keywords = False

    async def change_to_tls(self, context: ssl.SSLContext) -> None:
        """Go on encrypted."""
        await self._within(self._answer_seconds, self._protocol.change_to_tls(context, self._account.host))

    async def sign_in(self) -> None:
        """
        Sign in, ask what the server can do now, and say what we are where it wants to know (RFC 2971).

        Raises:
            SignInRefused: it does not take the user or the password.
        """
        greeted_with = b"" if self._account.starts_in_clear else self._protocol.greeted_with
        offered = _words(greeted_with) if greeted_with else await self._ask_capabilities()
        if self._account.tokens is not None:
            self._token = await self._account.tokens.token()
        await self._within(self._answer_seconds, sign_in(self._protocol, self._account, offered, token=self._token))
        self._capabilities = await self._ask_capabilities()
        self._protocol.capabilities = set(self._capabilities)
        if "ID" in self._capabilities:
            await self._answer("ID", '("name" "mesadepartes")', prefix="")

    async def _ask_capabilities(self) -> frozenset[str]:
        response = await self._run(Command("CAPABILITY", self._protocol.new_tag()))
        return _words(b" ".join(line for line in response.lines if line.upper().startswith(b"CAPABILITY ")))

    @property
    def may_go_on(self) -> bool:
        """Whether what the connection was opened with is good for a while yet."""
        return self._token is None or self._account.tokens is None or self._account.tokens.is_good(self._token)

    async def select(self, folder: str) -> int:
        """
        Open a folder; return its UIDVALIDITY.

        Raises:
            CommandRefused: there is no such folder, or it cannot name messages for good.
        """
        self._protocol.news.clear()
        response = await self._within(self._answer_seconds, self._protocol.select(quote_folder(folder)))
        if response is None or response.result != "OK":
            raise CommandRefused("SELECT")
        found = [match for line in response.lines if (match := _UIDVALIDITY.search(line))]
        if not found:
            raise CommandRefused("SELECT")
        flags = [match[1] for line in response.lines if (match := _PERMANENT.search(line))]
        self._takes_keywords = bool(flags) and rb"\*" in flags[-1].split()
        return int(found[-1][1])

    async def uids(self) -> list[int]:
        """Return the UIDs of all messages in the folder, whatever flags they have, in order."""
        self._protocol.news.clear()
        response = await self._within(self._answer_seconds, self._protocol.search("ALL", charset=None, by_uid=True))
        self._must_be_ok("SEARCH", response)
        words = [word for line in response.lines if line.upper().startswith(b"SEARCH") for word in line.split()[1:]]
        return sorted({int(word) for word in words if word.isdigit()})

    async def describe(self, uids: Sequence[int]) -> list[Listed]:
        """
        Return what the server says of up to 250 messages; those that are gone are not among them.

        Nor are those of which it cannot tell, for whose sake it may answer NO after telling of the others (RFC 2180,
        4.1.2).
        """
        assert len(uids) <= WINDOW
        return await self._told(uids, "(UID RFC822.SIZE INTERNALDATE)")

    async def received_at(self, uid: int) -> datetime | None:
        """Return when the server says that it received a message; None if it does not tell."""
        told = await self._told([uid], "(UID INTERNALDATE)")
        return told[0].received_at if told else None

    async def _told(self, uids: Sequence[int], items: str) -> list[Listed]:
        command = FetchCommand(self._protocol.new_tag(), uid_set(uids), items, prefix="UID")
        response = await self._within(self._answer_seconds, self._protocol.execute(command))
        if response.result != "NO":
            self._must_be_ok("FETCH", response)
        wanted = set(uids)
        return [each for each in read_listed(response.lines) if each.uid in wanted]

    async def fetch(self, uid: int, sink: Sink, *, limit_bytes: int, seconds: float | None = None) -> int:
        """
        Write a message to *sink*, without marking it as seen; return its size. It may take *seconds* in all.

        Raises:
            NotFetched: the server gives nothing.
            MessageTooLarge: it is longer than the limit; the connection was thrown away.
            MessageTooSlow: it did not come in its time; likewise.
        """
        command = MessageFetch(
            self._protocol.new_tag(), uid, sink=sink, limit_bytes=limit_bytes, timeout=SILENCE_SECONDS
        )
        try:
            response = await self._within(seconds, self._protocol.execute(command))
        except ConnectionLost:
            if command.is_too_large:
                raise MessageTooLarge from None
            if isinstance(self._protocol.failure, TimeoutError):
                raise MessageTooSlow from self._protocol.failure
            raise
        if response.result != "OK" or not command.announced_bytes or uid not in fetched_uids(response.lines):
            raise NotFetched
        return command.announced_bytes

    async def fetch_batch(self, uids: Sequence[int], sinks: Sequence[Sink], *, seconds: float) -> dict[int, int]:
        """
        Write messages to *sinks*, in the order in which they come; return which UID went to which. They may take
        *seconds* in all.

        Those that the server does not give, or of which it does not say which they are, are not among them.
        """
        command = BatchFetch(self._protocol.new_tag(), uids, sinks, timeout=SILENCE_SECONDS)
        response = await self._within(seconds, self._protocol.execute(command))
        places = command.places(response.lines)
        return {uid: place for uid, place in places.items() if uid in set(uids)}

    async def fetch_header(self, uid: int) -> bytes:
        """
        Return the header of a message, at most 64 kB of it.

        Raises:
            NotFetched: the server gives nothing.
        """
        wanted = f"(UID BODY.PEEK[HEADER]<0.{LONGEST_HEADER}>)"
        command = FetchCommand(self._protocol.new_tag(), str(uid), wanted, prefix="UID")
        response = await self._within(self._answer_seconds, self._protocol.execute(command))
        bodies = [response.lines[at + 1] for at, line in enumerate(response.lines[:-1]) if FETCH_BODY.match(line)]
        if response.result != "OK" or not bodies or not bodies[0]:
            raise NotFetched
        return bytes(bodies[0][:LONGEST_HEADER])

    async def are_there(self, uids: Sequence[int]) -> set[int]:
        """Return which of the messages are still in the folder: another program may have taken some away."""
        command = Command("SEARCH", self._protocol.new_tag(), "UID", uid_set(uids), prefix="UID")
        response = await self._run(command)
        words = [word for line in response.lines if line.upper().startswith(b"SEARCH") for word in line.split()[1:]]
        return {int(word) for word in words if word.isdigit()} & set(uids)

    async def move(self, uid: int, folder: str) -> Placement | None:
        """
        Move a message to a folder, made if need be, or mark it, without touching others; None: not now.

        A message that is no longer there is nobody's to move.
        """
        mover = Mover(self._answer, self._capabilities, takes_keywords=self._takes_keywords)
        placement = await mover.move(uid, quote_folder(folder))
        self._capabilities -= mover.disproved
        if placement is not None or await self.are_there([uid]):
            return placement
        return Placement.GONE

    async def move_together(self, uids: Sequence[int], folder: str) -> bool:
        """Move messages to a folder that is there; say whether it was done. If not, each is to be moved on its own."""
        if "MOVE" not in self._capabilities:
            return False
        response = await self._answer("MOVE", uid_set(uids), quote_folder(folder))
        return response.result == "OK"

    async def wait_for_mail(self, longest: timedelta) -> None:
        """Return when the server says that something has come since `uids`, or after that time."""
        seconds = longest.total_seconds()
        if self._protocol.news.is_set():
            self._check()
        elif self._account.beat_seconds is not None:
            await self._ask_again_and_again(seconds, self._account.beat_seconds)
        elif "IDLE" in self._capabilities:
            response = await self._within(seconds + self._answer_seconds, self._protocol.listen(seconds))
            if response.result != "OK":
                self._capabilities -= {"IDLE"}
        else:
            await self._ask_again_and_again(min(seconds, self._account.poll_seconds), self._account.poll_seconds)

    async def _ask_again_and_again(self, seconds: float, every: float) -> None:
        """Ask for news by NOOP, until there are any or the time is over."""
        until = time.monotonic() + seconds
        while not self._protocol.news.is_set() and time.monotonic() < until:
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._protocol.news.wait()
            await self._run(Command("NOOP", self._protocol.new_tag()))

    async def close(self) -> None:
        """Sign out if the connection is still good, and end it."""
        if self._protocol.failure is None:
            with suppress(ConnectionLost):
                await self._within(2.0, self._protocol.execute(Command("LOGOUT", self._protocol.new_tag())))
        self._protocol.throw_away(ConnectionLost("closed by us"))

    async def _answer(self, name: str, *arguments: str, prefix: str = "UID") -> Response:
        untagged = "FETCH" if name == "STORE" else name
        command = Command(name, self._protocol.new_tag(), *arguments, prefix=prefix, untagged_resp_name=untagged)
        return await self._within(self._answer_seconds, self._protocol.execute(command))

    async def _run(self, command: Command) -> Response:
        response = await self._within(self._answer_seconds, self._protocol.execute(command))
        self._must_be_ok(command.name, response)
        return response

    async def _within(self, seconds: float | None, answer: Awaitable[T]) -> T:
        """Wait for an answer; whatever keeps it from coming whole, the connection is thrown away."""
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except BaseException as error:
            self._protocol.throw_away(error)
            if isinstance(error, TimeoutError | AioImapException):
                raise self._protocol.lost() from error
            raise

    def _must_be_ok(self, name: str, response: Response) -> None:
        if response.result != "OK":
            raise CommandRefused(name)

    def _check(self) -> None:
        if self._protocol.failure is not None:
            raise self._protocol.lost()
