"""The SMTP side of the development mail server: aiosmtpd on 127.0.0.1, in our own event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
MAIL_LIMIT_BYTES = 150 * 1024 * 1024

Answer = Callable[[Envelope], Awaitable[str]]


class LenientSmtp(SMTP):
    """aiosmtpd without its limit of 1001 bytes for a line of the mail: real mail breaks it, and intake must cope."""

    line_length_limit = 1024 * 1024


class Handler:
    """What aiosmtpd calls."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer one mail."""
        return await self._answer(envelope)


class LocalSmtp:
    """
    An SMTP server on 127.0.0.1 that takes any sender and recipient.

    *answer* receives each mail and returns the line to answer it with, such as `250 2.0.0 Ok`.
    """

    def __init__(self, answer: Answer) -> None:
        self._handler = Handler(answer)
        self._server: asyncio.Server | None = None
        self._protocols: WeakSet[SMTP] = WeakSet()
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on *port*; 0 takes a free one, told by `self.port`."""
        # Its log lines carry the addresses of senders and recipients.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self._server = await asyncio.get_running_loop().create_server(self._protocol, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Cut the connections and end; a mail that was not answered yet is its sender's to send again."""
        if not self._server:
            return
        self._server.close()
        for protocol in list(self._protocols):
            if protocol.transport:
                protocol.transport.close()
        await self._server.wait_closed()
        self._server = None

    def _protocol(self) -> SMTP:
        protocol = LenientSmtp(
            self._handler,
            data_size_limit=MAIL_LIMIT_BYTES,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Mesa de Partes development mail",
            loop=asyncio.get_running_loop(),
        )
        self._protocols.add(protocol)
        return protocol
