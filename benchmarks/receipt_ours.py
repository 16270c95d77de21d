"""Our own receipt, from the bytes of its facts to the sealed file; and the least that any program must do for it."""

from __future__ import annotations

import hashlib
import io
import zlib
from functools import cache
from typing import TYPE_CHECKING

import pikepdf
from cryptography.hazmat.primitives.asymmetric import rsa

from receipts.batches import sealed
from receipts.writer import render
from rules.receipts import ReceiptFacts
from tests.seals import curve_key, issue, make_seal

if TYPE_CHECKING:
    from collections.abc import Callable

    from seals.seal import Seal

    Engine = Callable[[ReceiptFacts], Callable[[], bytes]]

P256, RSA = "P-256", "RSA-2048"


@cache
def seal_by(algorithm: str) -> Seal:
    """Return a seal with a key of that kind."""
    key = curve_key() if algorithm == P256 else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return make_seal(issued=issue(key))


def engine(algorithm: str) -> Engine:
    """Return what prepares a receipt as the counter makes it, in the process that renders and the one that seals."""
    seal = seal_by(algorithm)

    def prepare(facts: ReceiptFacts) -> Callable[[], bytes]:
        data = facts.to_bytes()

        def make() -> bytes:
            unsealed = render(ReceiptFacts.from_bytes(data), room=seal.room)
            return sealed(unsealed, seal.sign(unsealed.digest))

        return make

    return prepare


def unsealed_engine() -> Engine:
    """Return what prepares a receipt that is rendered only."""
    room = seal_by(P256).room

    def prepare(facts: ReceiptFacts) -> Callable[[], bytes]:
        data = facts.to_bytes()
        return lambda: render(ReceiptFacts.from_bytes(data), room=room).content

    return prepare


def floor() -> Engine:
    """Return what compresses the finished content of the pages, hashes the finished file and signs it: nothing else."""
    seal = seal_by(P256)

    def prepare(facts: ReceiptFacts) -> Callable[[], bytes]:
        file = render(facts, room=seal.room).content
        content = _content_of(file)

        def make() -> bytes:
            zlib.compress(content, 6)
            return seal.sign(hashlib.sha256(file).digest())

        return make

    return prepare


def _content_of(file: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(file)) as document:
        streams = [stream for page in document.pages for stream in page.obj.Contents.as_list()]
        return b"".join(stream.read_bytes() for stream in streams)
