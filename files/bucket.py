"""The store's place in a bucket of an S3 service."""

from __future__ import annotations

import asyncio
import errno
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from files.durable import remove_older
from files.place import (
    CHUNK_BYTES,
    NAME,
    ContentMissing,
    Held,
    Outgoing,
    StoredContent,
    StoreFull,
    StoreUnavailable,
    key_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
    from datetime import datetime

    from obstore import ObjectMeta
    from obstore.store import S3Config

PART_BYTES = 5 << 20
"""What is longer goes in parts, so that it is never in memory as a whole."""

PIECE_BYTES = 1 << 20
"""A content is read in so many bytes at once: no connection waits for a slow reader."""

AT_ONCE = 8
CONNECT_TIME = timedelta(seconds=5)
ANSWER_TIME = timedelta(seconds=20)
"""For one request, with its tries: an attempt has half of it."""

MOST_RETRIES = 2
BYTES_A_SECOND = 256 * 1024
"""Whoever sends slower than that, for a whole content, is not waited for."""

FULL = frozenset({"507", "QuotaExceeded", "InsufficientCapacity", "InsufficientStorage", "XMinioStorageFull"})
CODE = re.compile(r"<Code>(\w{1,60})</Code>")
STATUS = re.compile(r"status code: (\d{3})")


@dataclass(frozen=True)
class BucketSettings:
    """Where the bucket is and by what right it is used."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str
    key_id: str
    secret: str = field(repr=False)
    answer_time: timedelta = ANSWER_TIME


class Bucket:
    """
    Objects in a bucket, put with their SHA-256 as the service checks it, and looked at before they count as kept.

    Nothing there is replaced unless it was found to be wrong. *scratch* is a local folder for files in use.
    """

    def __init__(self, settings: BucketSettings, scratch: Path) -> None:
        self.scratch = scratch
        self._answer_seconds = settings.answer_time.total_seconds()
        self._turns = asyncio.Semaphore(AT_ONCE)
        config: S3Config = {
            "region": settings.region,
            "access_key_id": settings.key_id,
            "secret_access_key": settings.secret,
            "checksum_algorithm": "SHA256",
            "virtual_hosted_style_request": False,
        }
        if settings.endpoint:
            config["endpoint"] = settings.endpoint
        self._objects = S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            config=config,
            client_options={
                "allow_http": (settings.endpoint or "").startswith("http://"),
                "connect_timeout": CONNECT_TIME,
                "timeout": settings.answer_time,
            },
            retry_config={"max_retries": MOST_RETRIES, "retry_timeout": settings.answer_time},
        )

    async def put_files(self, files: Sequence[Outgoing], *, over: bool = False) -> set[str]:
        """Put files, some at once."""
        puts = [self._put(each.name, each.path, each.content.size_bytes, over=over) for each in files]
        were_there = await asyncio.gather(*puts)
        return {each.name for each, was_there in zip(files, were_there, strict=True) if was_there}

    async def put_bytes(self, name: str, data: bytes, *, over: bool = False) -> bool:
        """Put bytes."""
        return await self._put(name, data, len(data), over=over)

    async def put_copy(self, path: Path) -> StoredContent | None:
        """Put nothing: an object needs its name before its bytes are sent."""
        return None

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes of an object, piece by piece."""
        end = (await self.stat(name)).size_bytes if end is None else end
        for at in range(start, end, PIECE_BYTES):
            until = min(end, at + PIECE_BYTES)
            async with self._answered(name, may_miss=True):
                piece = await obstore.get_range_async(self._objects, key_of(name), start=at, end=until)
            data = bytes(piece)
            for place in range(0, len(data), CHUNK_BYTES):
                yield data[place : place + CHUNK_BYTES]
            if len(data) < until - at:
                return

    async def stat(self, name: str) -> Held:
        """Return what is known of an object."""
        async with self._answered(name, may_miss=True):
            return _held(await obstore.head_async(self._objects, key_of(name)))

    async def must_hold(self, names: Collection[str]) -> None:
        """Ask for all of them at once."""
        await asyncio.gather(*map(self.stat, names))

    async def remove(self, name: str) -> None:
        """Remove an object, if it is there."""
        with suppress(ContentMissing):
            async with self._answered(name, may_miss=True):
                await obstore.delete_async(self._objects, key_of(name))

    async def list(self, *, after: str = "", below: str = "", limit: int) -> list[Held]:
        """Return the next objects in the order of their names; *below* is nothing, or a whole SHA-256."""
        # The service begins behind a name, and obstore asks for whole folders: behind what comes before all of these.
        folder = key_of(below).rpartition("/")[0] if below else "sha256"
        offset = key_of(after) if after else key_of(below)[:-1] if below else None
        found: list[Held] = []
        async with self._answered(below):
            async for page in obstore.list(self._objects, folder, offset=offset, chunk_size=limit):
                names = [_held(each) for each in page if NAME.fullmatch(each["path"].rpartition("/")[2])]
                found += [each for each in names if each.name.startswith(below)]
                if len(found) >= limit or (below and names and names[-1].sha256 > below):
                    break
        return found[:limit]

    def path(self, name: str) -> Path | None:
        """Return nothing: no local file is an object."""
        return None

    async def sweep(self, before: datetime) -> int:
        """Remove files that a crash left in the local folder; what it left there, the bucket forgets by a rule."""
        return await asyncio.to_thread(remove_older, self.scratch, before=before)

    async def _put(self, name: str, source: Path | bytes, size_bytes: int, *, over: bool) -> bool:
        """Put an object unless one is there already, and say whether one is; return when the service shows it."""
        key, is_whole = key_of(name), size_bytes <= PART_BYTES
        async with self._answered(name, size_bytes=size_bytes), self._turns:
            if not over and not is_whole and await self._is_there(name):
                return True
            try:
                put = await obstore.put_async(
                    *(self._objects, key, source),
                    mode="create" if is_whole and not over else "overwrite",
                    use_multipart=not is_whole,
                    chunk_size=PART_BYTES,
                    max_concurrency=2,
                )
            except AlreadyExistsError:
                return True
            found = await obstore.head_async(self._objects, key)
        if found["size"] != size_bytes or found["e_tag"] != put["e_tag"]:
            raise StoreUnavailable(errno.EIO, "the bucket keeps other bytes than it was sent")
        return False

    async def _is_there(self, name: str) -> bool:
        try:
            await self.stat(name)
        except ContentMissing:
            return False
        return True

    @asynccontextmanager
    async def _answered(self, name: str, *, size_bytes: int = 0, may_miss: bool = False) -> AsyncGenerator[None]:
        """Bound how long the service is waited for, and tell what it cannot do from what it does not have."""
        seconds = self._answer_seconds + size_bytes / BYTES_A_SECOND
        try:
            async with asyncio.timeout(seconds):
                yield
        except FileNotFoundError as error:
            if error.errno is not None:
                raise  # it is the local file that is not there
            if may_miss:  # a bucket that is not there is found out by listing it, which whoever misses something does
                raise ContentMissing(name) from None
            raise StoreUnavailable(errno.ENOENT, "there is no such bucket") from None
        except TimeoutError:
            raise StoreUnavailable(errno.ETIMEDOUT, f"the bucket has not answered in {seconds:.0f} seconds") from None
        except BaseError as error:
            raise _failure(error) from None


def _held(found: ObjectMeta) -> Held:
    return Held(found["path"].rpartition("/")[2], found["size"], found["last_modified"])


def _failure(error: BaseError) -> StoreUnavailable:
    """Return what the service says, by its code alone: its texts name the bucket and what lies in it."""
    text = str(error)
    said = [found[1] for pattern in (STATUS, CODE) if (found := pattern.search(text))]
    if FULL & set(said):
        return StoreFull(errno.ENOSPC, f"the bucket is full: {' '.join(said)}")
    return StoreUnavailable(errno.EIO, f"the bucket cannot be used: {' '.join(said) or 'no answer'}")
