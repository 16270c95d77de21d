"""Where the store's objects lie: bytes under names, durable once they are put, in a folder or in a bucket."""

from __future__ import annotations

import errno
import hashlib
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from datetime import datetime
    from pathlib import Path

CHUNK_BYTES = 256 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[0-9a-f]{64}(\.[a-z0-9-]{1,32})?")


@dataclass(frozen=True, slots=True)
class StoredContent:
    """What a put has made durable."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file whose bytes, all of which are known, are to lie under *name*; nobody writes to it any more."""

    path: Path
    name: str
    content: StoredContent


@dataclass(frozen=True, slots=True)
class Held:
    """An object as it lies there."""

    name: str
    size_bytes: int
    put_at: datetime

    @property
    def sha256(self) -> str:
        """The content that it is."""
        return self.name.partition(".")[0]

    @property
    def key_id(self) -> str:
        """The key that it is encrypted with; empty for none."""
        return self.name.partition(".")[2]


class ContentMissing(Exception):
    """The store holds nothing under this SHA-256."""


class ContentDamaged(Exception):
    """The stored bytes no longer have the SHA-256 they are named by."""


class StoreUnavailable(OSError):
    """
    The store cannot be used for now, whatever is asked of it: trying the same again later is right.

    An outage like any other of a disk; its text says why, to operators.
    """


class StoreFull(StoreUnavailable):
    """There is no room for more."""


class StoreLocked(StoreUnavailable):
    """What is asked for is encrypted, and its key is not here: for operators, who have it, to mend."""

    def __init__(self, key_id: str, why: str = "is not among MESA_STORE_KEYS") -> None:
        super().__init__(errno.EKEYREJECTED, f"the key {key_id} {why}")


class Place(Protocol):
    """
    A folder or a bucket. Names are a SHA-256, perhaps with a dot and the id of a key behind it.

    All methods raise StoreUnavailable when the place cannot do what it is asked, and then have done nothing by halves:
    an object is there, whole, or is not.
    """

    scratch: Path
    """A folder for files that are in use; what a crash leaves there is swept."""

    async def put_files(self, files: Sequence[Outgoing], *, over: bool = False) -> set[str]:
        """
        Make files durable under their names.

        Returns the names that were left as they are because an object is there, which need not be right; none are with
        *over*. A place that can replace objects at no cost leaves none.
        """
        ...

    async def put_bytes(self, name: str, data: bytes, *, over: bool = False) -> bool:
        """Do so for bytes; say whether an object was left as it is."""
        ...

    async def put_copy(self, path: Path) -> StoredContent | None:
        """Put a copy of the file at *path* under its SHA-256; None where that cannot be done by reading it once."""
        ...

    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes from *start* to before *end*, in chunks of at most 256 kB, or raise ContentMissing."""
        ...

    async def stat(self, name: str) -> Held:
        """Return what is known of an object, or raise ContentMissing."""
        ...

    async def must_hold(self, names: Collection[str]) -> None:
        """Make sure that objects are there which were put a moment ago, or raise ContentMissing."""
        ...

    async def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        ...

    async def list(self, *, after: str = "", below: str = "", limit: int) -> list[Held]:
        """Return the next objects in the order of their names; with *below*, a SHA-256, those of that content."""
        ...

    def path(self, name: str) -> Path | None:
        """Return the local file that an object is; None where it is none."""
        ...

    async def sweep(self, before: datetime) -> int:
        """Remove what was cut off before that instant; return how many files."""
        ...


def key_of(name: str) -> str:
    """Return where an object lies; ValueError when *name* is not 64 lower-case hex digits, and perhaps a key's id."""
    if not NAME.fullmatch(name):
        raise ValueError("not a SHA-256 in lower-case hex")
    return f"sha256/{name[:2]}/{name[2:4]}/{name}"


def content_of(path: Path) -> StoredContent:
    """Return what is in a file; OSError if it is none of its own, but a link, a folder or whatever else has a name."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(errno.EINVAL, "it is no file of its own")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return StoredContent(digest.hexdigest(), file.tell())
