"""Servers that behave as clamd never should: each does one thing to whoever connects."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from files.antivirus import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    Behaviour = Callable[[socket.socket], None]


@contextmanager
def serving(folder: Path, behave: Behaviour) -> Generator[Address]:
    """Serve each connection with *behave*, one after the other, as long as the block lasts; then cut all."""
    path = folder / "liar.ctl"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        accepted: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                accepted.append(connection)
                behave(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Address(path=str(path))
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in accepted:
            connection.close()


def stay_silent(connection: socket.socket) -> None:
    """Let in whoever comes, and do nothing."""


def hang_up(connection: socket.socket) -> None:
    """Read a little, then be gone."""
    connection.recv(64)
    connection.close()


def answering(said: bytes) -> Behaviour:
    """Return a server that reads to the end and says so."""

    def answer(connection: socket.socket) -> None:
        with connection:
            received = connection.recv(65536)
            while not received.endswith(b"\0\0\0\0") and (more := connection.recv(65536)):
                received += more
            connection.sendall(said)

    return answer


def keeping_on(connection: socket.socket) -> None:
    """Say more than anybody would want to hear, and stay."""
    connection.recv(64)
    connection.sendall(b"A" * 9000)


def sipping(connection: socket.socket) -> None:
    """Take a little now and then, of what nobody could send in time so."""
    pause = threading.Event()
    with suppress(OSError):
        while connection.recv(16384):
            pause.wait(0.05)


def answering_early(said: bytes) -> Behaviour:
    """Return a server that says so before it has read much, and hangs up."""

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.recv(64)
            connection.sendall(said)

    return answer
