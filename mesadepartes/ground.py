"""What `run` stands on: a folder that is its own, ports that are free, secrets in files."""

from __future__ import annotations

import asyncio
import fcntl
import secrets
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mesadepartes.embedded.disk import write_private

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from typing import BinaryIO

    from mesadepartes.settings import Settings

PORT_SECONDS = 2.0
GLANCE_SECONDS = 0.05


class CannotRun(Exception):
    """Why the counter cannot run here, in a sentence for the person at the terminal."""


@contextmanager
def folder_held(folder: Path) -> Generator[None]:
    """
    Make *folder* and keep other counters out of it while the block lasts, or this process.

    Raises:
        CannotRun: another one has it, or we may not write there.
    """
    with _lock_file(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"Ya hay una mesa de partes en marcha sobre {folder}. Deténgala primero (Ctrl-C en su terminal), "
                "o use otra carpeta y otros puertos: MESA_DATA, MESA_HTTP_PORT, MESA_SMTP_PORT, MESA_IMAP_PORT."
            ) from None
        yield


def _lock_file(folder: Path) -> BinaryIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "run.lock").open("ab")
    except OSError as error:
        raise CannotRun(
            f"No se puede escribir en la carpeta de datos {folder.absolute()} ({error.strerror}). Si la creó otro "
            "usuario, inicie la mesa de partes con ese usuario; o elija otra carpeta con MESA_DATA=…"
        ) from None


async def wait_for_ports(settings: Settings) -> None:
    """
    Wait until the ports can be had; parts that were killed a moment ago may still hold them.

    Raises:
        CannotRun: one of them is taken; says by which variable to choose another.
    """
    for host, port, variable in (
        (settings.http_host, settings.http_port, "MESA_HTTP_PORT"),
        ("127.0.0.1", settings.smtp_port, "MESA_SMTP_PORT"),
        ("127.0.0.1", settings.imap_port, "MESA_IMAP_PORT"),
    ):
        deadline = time.monotonic() + PORT_SECONDS
        while reason := _why_not(host, port):
            if time.monotonic() > deadline:
                raise cannot_listen(port, reason, variable)
            await asyncio.sleep(GLANCE_SECONDS)


def cannot_listen(port: int, reason: str, variable: str) -> CannotRun:
    """Return what is said of a port that cannot be had: by which variable to choose another."""
    return CannotRun(f"No se puede usar el puerto {port} ({reason}). Elija otro con {variable}=…")


def _why_not(host: str, port: int) -> str | None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error.strerror or str(error)
    return None


def private_file(path: Path, content: str | None) -> str:
    """Return the path of a file (mode 0600) with *content*; without one, with a secret that is made up once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if content is None and path.exists():
        return str(path.absolute())
    write_private(path, (content or secrets.token_urlsafe(24)).encode())
    return str(path.absolute())
