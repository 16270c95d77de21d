"""Mails broken at random, but always in the same way for the same seed: made of those of tests/data."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA: Final = Path(__file__).parents[2] / "data"
MOST_CHANGES: Final = 6
LARGEST: Final = 256 * 1024

TOKENS: Final = (
    b"\0", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b";", b'"', b"'", b"(", b")", b"<", b">", b",", b"\\",
    b"=", b"=\r\n", b"==", b"=?", b"?=", b"=?utf-8?q?", b"=?x?b?", b"--", b"--frontera", b"--frontera--",
    b"\xff", b"\xc3",
    b"\xef\xbb\xbf", b"From: otra@example.org\r\n", b"From ", b"Content-Type: message/rfc822\r\n",
    b"Content-Type: multipart/mixed; boundary=frontera\r\n", b"Content-Type: application/ms-tnef\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"boundary*0*=", b"name*=",
    b"filename*99*=x''%", b"begin 644 a\r\n", b"`\r\nend\r\n", b"=ybegin line=1 size=1 name=a\r\n", b"=yend\r\n",
    b"%PDF-", b"/Encrypt", b"PK\x03\x04", b"PK\x05\x06", b"\x78\x9f\x3e\x22", b"\xff\xff\xff\xff", b"\xd0\xcf\x11\xe0",
    b"<script", b"<!--", b"charset=utf-16", b"charset=iso-2022-jp", b"-----BEGIN PGP MESSAGE-----",
)  # fmt: skip


def originals() -> list[bytes]:
    """Return the mails that are broken further, in a fixed order."""
    return [path.read_bytes() for folder in ("mail", "weird") for path in sorted((DATA / folder).glob("*.eml"))]


def mutants(seed: int) -> Iterator[bytes]:
    """Yield broken mails without end."""
    chance, corpus = Random(seed), originals()
    while True:
        mail = bytearray(chance.choice(corpus))
        for _ in range(chance.randint(1, MOST_CHANGES)):
            chance.choice(CHANGES)(chance, mail, corpus)
        yield bytes(mail[:LARGEST])


def _place(chance: Random, mail: bytearray) -> int:
    return chance.randint(0, len(mail))


def _span(chance: Random, mail: bytearray) -> slice:
    start = _place(chance, mail)
    return slice(start, start + int(chance.expovariate(1 / 40)))


def _flip(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    for _ in range(chance.randint(1, 8)):
        if mail:
            mail[chance.randrange(len(mail))] ^= 1 << chance.randrange(8)


def _cut(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    del mail[_place(chance, mail) :]


def _remove(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    del mail[_span(chance, mail)]


def _repeat(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    place, piece = _place(chance, mail), bytes(mail[_span(chance, mail)])
    mail[place:place] = piece * min(chance.choice((1, 2, 30, 1000)), LARGEST // (len(piece) or 1))


def _insert(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    place = _place(chance, mail)
    mail[place:place] = chance.choice(TOKENS)


def _insert_line(chance: Random, mail: bytearray, corpus: list[bytes]) -> None:
    place = mail.find(b"\n", _place(chance, mail)) + 1
    mail[place:place] = chance.choice(chance.choice(corpus).splitlines(keepends=True) or [b""])


def _splice(chance: Random, mail: bytearray, corpus: list[bytes]) -> None:
    other = chance.choice(corpus)
    mail[_place(chance, mail) :] = other[chance.randint(0, len(other)) :]


def _nest(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    kind = chance.choice((b"message/rfc822", b"multipart/mixed; boundary=frontera", b"multipart/digest; boundary=x"))
    mail[0:0] = b"Content-Type: " + kind + b"\r\n\r\n--frontera\r\n"


def _change_line_ends(chance: Random, mail: bytearray, _corpus: list[bytes]) -> None:
    mail[:] = mail.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\n")))


CHANGES: Final[tuple[Callable[[Random, bytearray, list[bytes]], None], ...]] = (
    _flip,
    _flip,
    _cut,
    _remove,
    _repeat,
    _insert,
    _insert,
    _insert_line,
    _splice,
    _nest,
    _change_line_ends,
)
