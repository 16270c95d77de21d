"""uvicorn, as the counter uses it."""

from __future__ import annotations

import logging
import resource
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mesadepartes.ground import cannot_listen
from mesadepartes.guard import GuardedProtocol, GuardedSocket

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import ASGIApp

logger = logging.getLogger(__name__)

WS_MESSAGE_BYTES = 65_536
KEEP_ALIVE_SECONDS = 15
DRAIN_SECONDS = 15
OPEN_FILES = 16_384


class WebServer(uvicorn.Server):
    """Serves one application. It leaves the signals to who started it, and of itself it tells the time only."""

    def __init__(
        self, app: ASGIApp, host: str, port: int, *, protocol: type[HttpToolsProtocol] = GuardedProtocol
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=protocol,
                ws=GuardedSocket,
                ws_max_size=WS_MESSAGE_BYTES,
                # It would take 40 KB for each who follows, and the time to deflate the same for each of them.
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                # By it the pages know how far a telephone's clock is off (RFC 9110, 6.6.1).
                date_header=True,
                # X-Forwarded-For can be forged by whoever reaches the port; addresses and links come from settings.
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=DRAIN_SECONDS,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop`."""
        _allow_many_files()
        await super().serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """
        Begin to serve.

        Raises:
            CannotRun: the port cannot be had.
        """
        try:
            await super().startup(sockets)
        except SystemExit as ended:
            # What uvicorn makes of an OSError of the port; raised in a task, it would be told as a traceback.
            if not isinstance(error := ended.__context__, OSError):
                raise
            raise cannot_listen(self.config.port, error.strerror or str(error), "MESA_HTTP_PORT") from None
        if self.started:
            logger.info("Serving on port %d", self.config.port, extra={"action": "web_serves"})

    def stop(self) -> None:
        """Take no more connections, and end when those that are open have their answers."""
        self.should_exit = True


def _allow_many_files() -> None:
    """Raise the number of files that may be open, connections being some: the usual 1,024 are soon gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
