"""The IMAP side of the development mail server: pymap with one account, in our own event loop."""

from __future__ import annotations

import asyncio
import logging
import ssl
from argparse import Namespace
from asyncio import StreamReader, StreamWriter

from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from mesadepartes.embedded.mailbox import ExactMailboxSet

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"


class LocalConfig(Config):
    """pymap's settings without what it would look up by itself: the host's name by DNS, TLS files by environment."""

    def __init__(self, user: str, password: str) -> None:
        super().__init__(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            demo_data=False,
            demo_user=user,
            demo_password=password,
            host=HOST,
            port=0,
            ssl_context=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
            tls_enabled=False,
            reject_dnsbl=False,
            # The password is in the settings of the counter anyway; a slow hash would cost 0.3 s for each login.
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
        )

    @property
    def greeting(self) -> bytes:
        """The first line of a connection."""
        return b"Mesa de Partes development mail"


class LocalImap:
    """An IMAP server on 127.0.0.1 for one account."""

    def __init__(self, mailboxes: ExactMailboxSet, *, user: str, password: str) -> None:
        config = LocalConfig(user, password)
        login = Login(config)
        login.users_dict[user] = UserMetadata(config, user, password=password)
        config.set_cache[user] = (mailboxes, FilterSet())
        self._imap = IMAPServer(login, config)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on *port*; 0 takes a free one, told by `self.port`."""
        self._server = await asyncio.start_server(self._accept, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Say goodbye to the clients and end."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server:
            await self._server.wait_closed()
            self._server = None

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._imap(reader, writer, SocketInfo.get(writer, None))
        except (ConnectionError, EOFError):
            logger.debug("IMAP client left", extra={"action": "imap_client_left"})
        except Exception:  # the outermost loop of a connection: the server serves the others
            logger.exception("IMAP connection failed", extra={"action": "imap_connection_failed"})
        finally:
            writer.close()
