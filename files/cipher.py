"""
Encryption at rest, by AES-256-GCM: whoever has the disk or the bucket, and not the keys, cannot read contents.

An encrypted object is a header and chunks. Each object has a key of its own, derived from one of ours, from random
bytes in the header and from the content's name; each chunk is bound to its place, and the last one to being the last.
So what is cut off, appended, moved about, or put under another name does not open.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from files.place import ContentDamaged, StoreLocked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

MAGIC = b"mesaenc\x01"
HEADER = struct.Struct("!8s32s8s32sI")
"""Magic with version, id of the key, what tells the key from another of the same id, salt, CRC-32 of all that."""

PLAIN_BYTES = 64 * 1024
TAG_BYTES = 16
SEALED_BYTES = PLAIN_BYTES + TAG_BYTES
KEY_BYTES = 32
PURPOSE = b"mesadepartes store 1"


@dataclass(frozen=True)
class StoreKey:
    """A key of the store and what it is called; the id is part of the names of what it encrypts."""

    id: str
    secret: bytes = field(repr=False)

    @property
    def mark(self) -> bytes:
        """Tell this key from others of the same id, and nothing else about it."""
        marking = HMAC(self.secret, SHA256())
        marking.update(PURPOSE + b" mark")
        return marking.finalize()[:8]

    def data_key(self, salt: bytes, sha256: str) -> AESGCM:
        """Return the key of one object."""
        info = PURPOSE + self.id.encode().ljust(32, b"\0") + bytes.fromhex(sha256)
        return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, info).derive(self.secret))


class Cipher:
    """Encrypts with the first of its keys, and opens what any of them has encrypted."""

    def __init__(self, keys: Sequence[StoreKey]) -> None:
        self._keys = {key.id: key for key in keys}
        self._newest = keys[0]

    @property
    def newest(self) -> str:
        """The id of the key that encrypts."""
        return self._newest.id

    def names(self, sha256: str) -> list[str]:
        """Return the names under which a content may lie, the likeliest first."""
        return [*(f"{sha256}.{id_}" for id_ in self._keys), sha256]

    def seal(self, sha256: str, plain: Callable[[int], bytes]) -> Iterator[bytes]:
        """Yield the encrypted object of what *plain* reads, a chunk at a time."""
        key, salt = self._newest, os.urandom(32)
        head = HEADER.pack(MAGIC, key.id.encode(), key.mark, salt, 0)[:-4]
        yield head + zlib.crc32(head).to_bytes(4, "big")
        data_key, chunk, index = key.data_key(salt, sha256), plain(PLAIN_BYTES), 0
        while True:
            following = plain(PLAIN_BYTES) if len(chunk) == PLAIN_BYTES else b""
            yield data_key.encrypt(_nonce(index, is_last=not following), chunk, None)
            if not following:
                return
            chunk, index = following, index + 1

    async def open(
        self, sha256: str, size_bytes: int, read: Callable[[int, int], AsyncIterator[bytes]], *, start: int, end: int
    ) -> AsyncIterator[bytes]:
        """
        Yield the plain bytes from *start* to before *end* of an object of *size_bytes*, of which *read* reads parts.

        Raises:
            ContentDamaged: the bytes are not those that were encrypted under this name.
            StoreLocked: the key is not here.
        """
        end = min(end, plain_size(size_bytes, sha256))
        if start > end:
            return
        first, last = start // PLAIN_BYTES, _chunks(size_bytes) - 1
        header = b"".join([part async for part in read(0, HEADER.size)])
        data_key = self._data_key(header, sha256)
        index, waiting = first, b""
        beyond = HEADER.size + (max(end - 1, start) // PLAIN_BYTES + 1) * SEALED_BYTES
        async for part in read(HEADER.size + first * SEALED_BYTES, min(beyond, size_bytes)):
            waiting += part
            while len(waiting) >= SEALED_BYTES:
                sealed, waiting = waiting[:SEALED_BYTES], waiting[SEALED_BYTES:]
                yield _cut(_open(data_key, index, sealed, sha256, is_last=index == last), index, start, end)
                index += 1
        if waiting:
            yield _cut(_open(data_key, index, waiting, sha256, is_last=index == last), index, start, end)

    def _data_key(self, header: bytes, sha256: str) -> AESGCM:
        if len(header) != HEADER.size:
            raise ContentDamaged(sha256)
        magic, id_, mark, salt, checksum = HEADER.unpack(header)
        if magic != MAGIC or zlib.crc32(header[:-4]) != checksum:
            raise ContentDamaged(sha256)
        name = id_.rstrip(b"\0").decode("ascii", "replace")
        key = self._keys.get(name)
        if key is None:
            raise StoreLocked(name)
        if key.mark != mark:
            raise StoreLocked(name, "is another one than that of the same id in MESA_STORE_KEYS")
        return key.data_key(salt, sha256)


def plain_size(size_bytes: int, sha256: str) -> int:
    """Return how many plain bytes an encrypted object of that size holds."""
    size = size_bytes - HEADER.size - TAG_BYTES * _chunks(size_bytes)
    if size < 0:
        raise ContentDamaged(sha256)
    return size


def _chunks(size_bytes: int) -> int:
    return max(1, -(-(size_bytes - HEADER.size) // SEALED_BYTES))


def _nonce(index: int, *, is_last: bool) -> bytes:
    """Return what no other chunk under the same key has: its place, and whether it is the last."""
    return index.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


def _open(data_key: AESGCM, index: int, sealed: bytes, sha256: str, *, is_last: bool) -> bytes:
    try:
        return data_key.decrypt(_nonce(index, is_last=is_last), sealed, None)
    except (InvalidTag, ValueError) as error:
        raise ContentDamaged(sha256) from error


def _cut(chunk: bytes, index: int, start: int, end: int) -> bytes:
    """Return what of a chunk lies between *start* and *end*, which are places in the whole."""
    at = index * PLAIN_BYTES
    return chunk[max(start - at, 0) : max(end - at, 0)]
