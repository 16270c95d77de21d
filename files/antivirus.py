"""Asks clamd, ClamAV's daemon, about bytes: sends them as a stream, and believes only an answer that is whole."""

from __future__ import annotations

import re
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from rules.verdicts import SIGNATURE_MAX_LENGTH, Scan

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK_BYTES: Final = 128 * 1024
LONGEST_ANSWER: Final = 4096
LENGTH: Final = struct.Struct("!I")

FOUND: Final = re.compile(r"stream: ([\x20-\x7e]+) FOUND")
TOO_LONG: Final = "INSTREAM size limit exceeded. ERROR"

UNSEEN: Final = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")
"""How what is called begins that clamd could not look at: nothing was found in it, and not all was seen."""

HARMLESS: Final = ("Heuristics.OLE2.ContainsMacros",)
"""That a document has macros is found, and told, by the sieve; as malware its signature would name it."""


class ReadableFile(Protocol):
    """What is sent: an open file, or bytes in memory read like one."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* of the bytes that follow, none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where clamd listens: the path of a socket, or a host and its port."""

    path: str | None = None
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `unix:/path` or `tcp:host:port`; ValueError if it is neither."""
        kind, _, rest = text.partition(":")
        if kind == "unix" and rest.startswith("/"):
            return cls(path=rest)
        host, _, port = rest.rpartition(":")
        if kind == "tcp" and host and port.isascii() and port.isdecimal() and 0 < int(port) < 1 << 16:
            return cls(host=host.removeprefix("[").removesuffix("]"), port=int(port))
        raise ValueError("is not unix:/path or tcp:host:port")

    def __str__(self) -> str:
        """Return what `parse` reads."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"unix:{self.path}" if self.path else f"tcp:{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds are waited for clamd: to be let in, for it to take all the bytes, and to say what they are."""

    connect: float = 3
    send: float = 20
    answer: float = 30
    """Longer than `MaxScanTime` lets it look at one file, so that it says itself that the time was not enough."""
    ping: float = 3

    @property
    def for_one(self) -> float:
        """How long one question takes at most, and a little more."""
        return self.connect + self.send + self.answer + 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of some bytes; where that is PENDING, `trouble` is why, for the log."""

    scan: Scan
    signature: str | None = None
    trouble: str | None = None


CLEAN: Final = Answer(Scan.CLEAN)

GRAVITY: Final = (Scan.CLEAN, Scan.PARTLY, Scan.PENDING, Scan.INFECTED)
"""What one part of a file is, the whole is: while something is pending, that it was partly seen is not settled."""


def worse(one: Answer, other: Answer) -> Answer:
    """Return the graver of two, the first if they are alike."""
    return max(one, other, key=lambda answer: GRAVITY.index(answer.scan))


@dataclass(frozen=True, slots=True)
class Clamd:
    """The daemon at *address*. One connection for each question; blocks: for a thread, or a process of its own."""

    address: Address
    patience: Patience = Patience()

    def scan(self, file: ReadableFile) -> Answer:
        """Say what *file* is from here to its end; never raises: what could not be asked is PENDING."""
        try:
            with self._connected() as connection:
                is_sent = _was_sent(connection, file, until=time.monotonic() + self.patience.send)
                said = _answer(connection, until=time.monotonic() + self.patience.answer)
        except (OSError, ValueError) as error:
            return Answer(Scan.PENDING, trouble=type(error).__name__)
        return understand(said, is_sent=is_sent)

    def answers(self) -> bool:
        """Say whether it is there and well; never raises."""
        try:
            with self._connected() as connection:
                connection.settimeout(self.patience.ping)
                connection.sendall(b"zPING\0")
                return _answer(connection, until=time.monotonic() + self.patience.ping) == "PONG"
        except (OSError, ValueError):
            return False

    def _connected(self) -> socket.socket:
        if self.address.path is None:
            return socket.create_connection((self.address.host, self.address.port), self.patience.connect)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(self.patience.connect)
            connection.connect(self.address.path)
        except BaseException:
            connection.close()
            raise
        return connection


def understand(said: str | None, *, is_sent: bool) -> Answer:
    """
    Return what an answer means, None being one that was cut off.

    Of bytes that were not all taken, only that they are too many is believed.
    """
    if said == TOO_LONG:
        return Answer(Scan.PARTLY, "StreamMaxLength")
    if said is None or not is_sent:
        return Answer(Scan.PENDING, trouble="cut off")
    if said == "stream: OK":
        return CLEAN
    found = FOUND.fullmatch(said)
    return _named(found[1]) if found else Answer(Scan.PENDING, trouble="no answer of a scan")


def _named(signature: str) -> Answer:
    if signature.startswith(HARMLESS):
        return CLEAN
    scan = Scan.PARTLY if signature.startswith(UNSEEN) else Scan.INFECTED
    return Answer(scan, signature[:SIGNATURE_MAX_LENGTH])


def _was_sent(connection: socket.socket, file: ReadableFile, *, until: float) -> bool:
    """Send all; False when clamd hung up on us, in which case it may have said why."""
    send = _sender(connection, until)
    try:
        send(b"zINSTREAM\0")
        while chunk := file.read(CHUNK_BYTES):
            send(LENGTH.pack(len(chunk)) + chunk)
        send(LENGTH.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _sender(connection: socket.socket, until: float) -> Callable[[bytes], None]:
    def send(piece: bytes) -> None:
        connection.settimeout(_left(until))
        connection.sendall(piece)

    return send


def _answer(connection: socket.socket, *, until: float) -> str | None:
    """Return what is said up to its closing NUL, None if it has none or something follows it."""
    said = b""
    with suppress(ConnectionError):
        while b"\0" not in said and len(said) <= LONGEST_ANSWER:
            connection.settimeout(_left(until))
            piece = connection.recv(LONGEST_ANSWER)
            if not piece:
                break
            said += piece
    text, end, more = said.partition(b"\0")
    return text.decode("ascii") if end and not more else None


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
