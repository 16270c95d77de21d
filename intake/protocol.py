"""
aioimaplib's protocol, made safe: literals stream to a sink, nothing recurses, and a lost connection wakes who waits.

After a time-out, a cancelled command, a BYE or anything unreadable the connection is thrown away: a late answer would
be taken for that of the next command.
"""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from aioimaplib.aioimaplib import (
    AUTH,
    IMAP4,
    LOGOUT,
    NONAUTH,
    SELECTED,
    AioImapException,
    Command,
    FetchCommand,
    IMAP4ClientProtocol,
    Response,
)

from intake.responses import AnswerReader, AnswerUnreadable
from intake.sign_in import Authenticate

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from intake.responses import Answer, Sink

_BODY = re.compile(rb"\bBODY\[\](?:<0>)? \{[0-9]+\}$", re.IGNORECASE)
_BYE = re.compile(rb"BYE\b", re.IGNORECASE)
_NUMBERED = re.compile(rb"([0-9]{1,10}) ([A-Z]+)", re.IGNORECASE)
_STATUS = re.compile(rb"^[A-Z0-9]+ (?:OK|NO|BAD)\b", re.IGNORECASE)
_GREETING = re.compile(rb"\* (OK|PREAUTH)\b", re.IGNORECASE)

_CAPABILITY = re.compile(rb"\[CAPABILITY ([^\]]*)\]", re.IGNORECASE)
_RENUMBERED = re.compile(rb"OK \[UIDVALIDITY ", re.IGNORECASE)

KEEPALIVE_SECONDS: Final = 15
PROBES: Final = 3
PROBE_SECONDS: Final = 5
UNANSWERED_MILLISECONDS: Final = 25_000
"""A peer that acknowledges nothing of what was sent for so long is gone (TCP_USER_TIMEOUT)."""


class ConnectionLost(Exception):
    """The connection has ended, or was thrown away because nothing on it can be trusted any more."""


class MessageFetch(FetchCommand):
    """A fetch of one whole message into a sink; gives up before the first byte if it is larger than allowed."""

    def __init__(self, tag: str, uid: int | str, *, sink: Sink, limit_bytes: int, timeout: float) -> None:
        super().__init__(tag, str(uid), "(UID BODY.PEEK[])", prefix="UID", timeout=timeout)
        self._sink = sink
        self._limit_bytes = limit_bytes
        self.announced_bytes: int | None = None

    @property
    def is_too_large(self) -> bool:
        """Whether the server has announced more than is allowed."""
        return self.announced_bytes is not None and self.announced_bytes > self._limit_bytes

    def announce(self, size_bytes: int) -> Sink:
        """Take the announcement of the message; it comes once."""
        if self.announced_bytes is not None:
            raise AnswerUnreadable("a second message")
        self.announced_bytes = size_bytes
        if self.is_too_large:
            raise AnswerUnreadable("a message that is too large")
        return self

    def write(self, data: bytes) -> None:
        """Pass on the next bytes of the message; while they come, the command has time."""
        self._sink.write(data)
        self._reset_timer()


class StreamingProtocol(IMAP4ClientProtocol):
    """The protocol of one connection. `news` is set when the server says that mail has come; and at the end."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.greeted = asyncio.Event()
        self.news = asyncio.Event()
        self.failure: BaseException | None = None
        self._reader = AnswerReader(self._open_sink, self._take)
        self._is_changing_to_tls = False
        self._counted = {"EXISTS": 0, "RECENT": 0}
        self.greeted_with: bytes = b""
        """What the server says in its greeting that it can do, if it does."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Have the system notice a peer that is gone."""
        if self.failure is not None:
            cast("asyncio.Transport", transport).abort()
            return
        super().connection_made(transport)
        connection: socket.socket | None = transport.get_extra_info("socket")
        if connection is not None and connection.family != socket.AF_UNIX:
            _watch(connection)

    def data_received(self, d: bytes) -> None:
        """Take bytes; nothing of them is logged."""
        if self.failure is not None:
            return
        try:
            self._reader.feed(d)
        except (AnswerUnreadable, AioImapException, ValueError, OSError) as error:
            self.throw_away(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits for an answer."""
        self.throw_away(exc or ConnectionLost("closed by the server"))

    def throw_away(self, reason: BaseException) -> None:
        """End the connection at once; all commands fail with ConnectionLost. The first reason is kept."""
        if self.failure is not None:
            return
        self.failure = reason
        self.state = LOGOUT
        if self.transport is not None:
            self.transport.abort()
        for command in self._pending():
            setattr(command, "_exception", self.lost())  # noqa: B010 - its own way to fail, made for time-outs only
            command.close(b"", "KO")
        self.pending_sync_command = None
        self.pending_async_commands.clear()
        for event in (self.greeted, self.news, self._idle_event):
            event.set()

    def lost(self) -> ConnectionLost:
        """Return the exception for whoever uses the connection now."""
        error = ConnectionLost(type(self.failure).__name__)
        error.__cause__ = self.failure
        return error

    async def execute(self, command: Command, scrub: str | None = None) -> Response:
        """Send a command and wait for its answer; not on a connection that is lost."""
        if self.failure is not None:
            command.close(b"", "KO")
            raise self.lost()
        return await super().execute(command, scrub or "")

    def send(self, line: str, scrub: str | None = None) -> None:
        """Send a line; nothing of it is logged."""
        assert self.transport is not None
        self.transport.write(f"{line}\r\n".encode())

    async def change_to_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on encrypted (RFC 3501, 6.2.1); what came before in clear is not believed."""
        self._is_changing_to_tls = True
        response = await self.execute(Command("STARTTLS", self.new_tag()))
        if response.result != "OK" or not self._reader.is_between_answers:
            raise ConnectionLost("no TLS")
        assert self.loop is not None
        plain = cast("asyncio.Transport", self.transport)
        self.transport = await self.loop.start_tls(plain, self, context, server_hostname=host)
        self._is_changing_to_tls = False
        self.news.clear()

    async def listen(self, seconds: float) -> Response:
        """Wait for news in IDLE (RFC 2177), at most that long, and return how it ended."""
        idling = asyncio.ensure_future(self.idle())
        idling.add_done_callback(self._end_listening)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
        if not idling.done():
            await self._idle_event.wait()
            self.idle_done()
        return await idling

    def is_signed_in(self) -> None:
        """Go on as signed in: AUTHENTICATE went well."""
        self.state = AUTH

    def _continuation(self, line: bytes) -> None:
        command = cast("Command | None", self.pending_sync_command)
        if not isinstance(command, Authenticate):
            super()._continuation(line)
            return
        if (reply := command.reply()) is None:
            raise AnswerUnreadable("challenge after challenge")
        self.send(reply)

    def _end_listening(self, idling: asyncio.Future[Response]) -> None:
        self.news.set()
        if not idling.cancelled():
            idling.exception()  # looked at, for nobody may be waiting any more

    def _pending(self) -> Iterator[Command]:
        if self.pending_sync_command is not None:
            yield self.pending_sync_command
        yield from list(self.pending_async_commands.values())

    def _open_sink(self, line: bytes, size_bytes: int) -> Sink | None:
        command = self.pending_async_commands.get("FETCH")
        if isinstance(command, MessageFetch) and _BODY.search(line):
            return command.announce(size_bytes)
        return None

    def _take(self, answer: Answer) -> None:
        line = answer[0]
        if self.failure is not None:
            return
        if self._is_changing_to_tls and self.pending_sync_command is None:
            raise AnswerUnreadable("clear text where TLS begins")
        if not self.greeted.is_set():
            self._greet(line)
        elif line.startswith(b"* "):
            self._take_untagged(answer)
        elif line.startswith(b"+"):
            self._continuation(line)
        elif line:
            self._response_done(_STATUS.sub(lambda found: found[0].upper(), line, count=1))

    def _greet(self, line: bytes) -> None:
        greeting = _GREETING.match(line)
        if greeting is None:
            raise AnswerUnreadable("no greeting")
        self.state = NONAUTH if greeting[1].upper() == b"OK" else AUTH
        found = _CAPABILITY.search(line)
        self.greeted_with = found[1] if found else b""
        self.greeted.set()

    def _count(self, name: str, number: int) -> None:
        """Keep count of the mails; that there are fewer is no news where we have moved some away ourselves."""
        if name == "EXPUNGE":
            self._counted["EXISTS"] -= 1
        elif name in self._counted:
            before, self._counted[name] = self._counted[name], number
            if number > before or not self._is_moving:
                self.news.set()

    @property
    def _is_moving(self) -> bool:
        command = cast("Command | None", self.pending_sync_command)
        return (command is not None and command.name == "MOVE") or "EXPUNGE" in self.pending_async_commands

    def _take_untagged(self, answer: Answer) -> None:
        line = answer[0][2:]
        if _BYE.match(line):
            self.throw_away(ConnectionLost("the server said BYE"))
            return
        numbered = _NUMBERED.match(line)
        name = (numbered[2] if numbered else line.partition(b" ")[0]).decode("ascii", "replace").upper()
        if numbered:
            self._count(name, int(numbered[1]))
        if self.state == SELECTED and _RENUMBERED.match(line) and self.pending_sync_command is None:
            raise AnswerUnreadable("all mails have other numbers now")
        command = self.pending_sync_command or self.pending_async_commands.get(name)
        if command is not None:
            for piece in (line, *answer[1:]):
                command.append_to_resp(piece)


def _watch(connection: socket.socket) -> None:
    """Have the system end a connection whose peer is gone, within half a minute."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {
        "TCP_KEEPIDLE": KEEPALIVE_SECONDS,
        "TCP_KEEPINTVL": PROBE_SECONDS,
        "TCP_KEEPCNT": PROBES,
        "TCP_USER_TIMEOUT": UNANSWERED_MILLISECONDS,
    }
    for name, value in options.items():
        if (option := getattr(socket, name, None)) is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


class Session(IMAP4):
    """aioimaplib's session over the safe protocol."""

    streaming: StreamingProtocol

    def create_client(self, host: str, port: int, loop: Any, conn_lost_cb: Any = None, ssl_context: Any = None) -> None:
        """Begin to connect."""
        running = asyncio.get_running_loop()
        self.streaming = StreamingProtocol(running)
        self.protocol = self.streaming  # pyright: ignore[reportAttributeAccessIssue] - declared as None there
        connecting = running.create_connection(lambda: self.streaming, host, port, ssl=ssl_context)
        self._client_task = running.create_task(connecting)

    async def open(self, *, timeout: float) -> None:
        """
        Wait for the connection and the server's greeting.

        Raises:
            ConnectionLost: there is none; why is its cause.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._client_task
                await self.streaming.greeted.wait()
        except BaseException as error:
            self._client_task.cancel()
            self.streaming.throw_away(error)
            if isinstance(error, OSError | TimeoutError):
                raise self.streaming.lost() from error
            raise
        if self.streaming.failure is not None:
            raise self.streaming.lost()
