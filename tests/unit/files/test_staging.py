"""Uploads arrive in pieces, in order, within their limit."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import pytest

from files.place import StoredContent
from files.staging import Arrived, Staging, TooLong, UploadBusy, WrongOffset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMIT = 1_000_000


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "deep" / "uploads")


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def broken(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    raise ConnectionResetError


async def endless(started: asyncio.Event, *chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    started.set()
    await asyncio.Event().wait()


async def test_append_continues_where_it_ended(staging: Staging) -> None:
    upload = uuid4()
    assert staging.length(upload) == 0

    assert (await staging.append(upload, 0, stream(b"ab", b"cd"), limit_bytes=LIMIT)).length == 4
    assert (await staging.append(upload, 4, stream(b"ef"), limit_bytes=LIMIT)).length == 6

    assert staging.length(upload) == 6
    assert staging.path(upload).read_bytes() == b"abcdef"


async def test_what_arrives_is_hashed_on_its_way_and_what_came_in_several_streams_is_read(staging: Staging) -> None:
    whole, broken_off = uuid4(), uuid4()
    content = StoredContent(hashlib.sha256(b"abcdef").hexdigest(), 6)

    arrived = await staging.append(whole, 0, stream(b"ab", b"cdef"), limit_bytes=LIMIT)
    await staging.append(broken_off, 0, stream(b"ab"), limit_bytes=LIMIT)
    rest = await staging.append(broken_off, 2, stream(b"cdef"), limit_bytes=LIMIT)

    assert arrived == Arrived(6, content)
    assert rest == Arrived(6, None)
    assert await staging.content(broken_off) == content


async def test_append_of_nothing_makes_an_empty_upload(staging: Staging) -> None:
    upload = uuid4()

    assert (await staging.append(upload, 0, stream(), limit_bytes=LIMIT)).length == 0

    assert staging.path(upload).read_bytes() == b""


@pytest.mark.parametrize("offset", [0, 3, 5, -1])
async def test_wrong_offset_is_refused_with_the_right_one(staging: Staging, offset: int) -> None:
    upload = uuid4()
    await staging.append(upload, 0, stream(b"abcd"), limit_bytes=LIMIT)

    with pytest.raises(WrongOffset) as caught:
        await staging.append(upload, offset, stream(b"xy"), limit_bytes=LIMIT)

    assert caught.value.expected == 4
    assert staging.path(upload).read_bytes() == b"abcd"


async def test_limit_is_met_exactly_and_not_passed(staging: Staging) -> None:
    upload = uuid4()

    assert (await staging.append(upload, 0, stream(b"abc", b"de"), limit_bytes=5)).length == 5
    with pytest.raises(TooLong):
        await staging.append(upload, 5, stream(b"f"), limit_bytes=5)

    assert staging.length(upload) == 5


async def test_limit_is_enforced_while_reading(staging: Staging) -> None:
    upload, taken = uuid4(), 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1000)

    with pytest.raises(TooLong):
        await staging.append(upload, 0, flood(), limit_bytes=10_000)

    assert taken == 11
    assert staging.length(upload) == 10_000


async def test_broken_stream_keeps_what_arrived(staging: Staging) -> None:
    upload = uuid4()

    with pytest.raises(ConnectionResetError):
        await staging.append(upload, 0, broken(b"ab", b"cd"), limit_bytes=LIMIT)

    assert staging.length(upload) == 4
    assert (await staging.append(upload, 4, stream(b"ef"), limit_bytes=LIMIT)).length == 6


async def test_what_arrived_is_told_while_more_is_coming(staging: Staging) -> None:
    upload, started = uuid4(), asyncio.Event()
    writing = asyncio.create_task(staging.append(upload, 0, endless(started, b"ab"), limit_bytes=LIMIT))
    await started.wait()

    assert staging.length(upload) == 2
    assert await staging.head(upload, 10) == b"ab"

    writing.cancel()
    await asyncio.wait([writing])


async def test_cancelled_stream_keeps_what_arrived_and_frees_the_upload(staging: Staging) -> None:
    upload, started = uuid4(), asyncio.Event()
    writing = asyncio.create_task(staging.append(upload, 0, endless(started, b"ab"), limit_bytes=LIMIT))
    await started.wait()

    writing.cancel()
    await asyncio.wait([writing])

    assert (await staging.append(upload, 2, stream(b"cd"), limit_bytes=LIMIT)).length == 4
    assert staging.path(upload).read_bytes() == b"abcd"


async def test_second_writer_is_refused(staging: Staging) -> None:
    upload, started = uuid4(), asyncio.Event()
    writing = asyncio.create_task(staging.append(upload, 0, endless(started), limit_bytes=LIMIT))
    await started.wait()

    with pytest.raises(UploadBusy):
        await staging.append(upload, 0, stream(b"ab"), limit_bytes=LIMIT)

    writing.cancel()
    await asyncio.wait([writing])
    assert staging.length(upload) == 0


async def test_second_writer_is_refused_in_another_process(staging: Staging) -> None:
    upload = uuid4()
    await staging.append(upload, 0, stream(b"ab"), limit_bytes=LIMIT)
    holder = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, sys; f = open(sys.argv[1], 'ab'); fcntl.flock(f, fcntl.LOCK_EX); "
         "print('held', flush=True); sys.stdin.read()", str(staging.path(upload))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        with pytest.raises(UploadBusy):
            await staging.append(upload, 2, stream(b"cd"), limit_bytes=LIMIT)

    assert (await staging.append(upload, 2, stream(b"cd"), limit_bytes=LIMIT)).length == 4


async def test_racing_writers_never_mix(staging: Staging) -> None:
    upload = uuid4()
    pieces = [bytes([n]) * 1000 for n in range(10)]

    results = await asyncio.gather(
        *(staging.append(upload, 0, stream(piece), limit_bytes=LIMIT) for piece in pieces), return_exceptions=True
    )

    kept = [result for result in results if isinstance(result, Arrived)]
    assert [result.length for result in kept] == [1000]
    assert all(isinstance(result, UploadBusy | WrongOffset | Arrived) for result in results)
    assert staging.path(upload).read_bytes() in pieces


async def test_append_is_durable_before_it_returns(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, synced = uuid4(), list[tuple[Path, int]]()
    real_fsync = os.fsync

    def watching_fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((path, path.stat().st_size))
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watching_fsync)
    await staging.append(upload, 0, stream(b"ab", b"cd"), limit_bytes=LIMIT)

    part = staging.path(upload)
    assert (part, 4) in synced
    assert part.parent in [path for path, _ in synced]


async def test_head_gives_the_first_bytes(staging: Staging) -> None:
    upload = uuid4()
    assert await staging.head(upload, 4) == b""

    await staging.append(upload, 0, stream(b"%PDF-1.7 ..."), limit_bytes=LIMIT)

    assert await staging.head(upload, 4) == b"%PDF"
    assert await staging.head(upload, 4096) == b"%PDF-1.7 ..."


async def test_discard_removes_and_may_be_repeated(staging: Staging) -> None:
    upload = uuid4()
    await staging.append(upload, 0, stream(b"ab"), limit_bytes=LIMIT)

    await staging.discard(upload)
    await staging.discard(upload)

    assert staging.length(upload) == 0
    assert not staging.path(upload).exists()


async def test_only_uuids_are_names(staging: Staging) -> None:
    with pytest.raises(AttributeError):
        staging.path(cast("UUID", "../../etc/passwd"))


async def test_uploads_that_were_silent_for_long_are_named_and_stay(staging: Staging) -> None:
    upload = uuid4()
    await staging.append(upload, 0, stream(b"ab"), limit_bytes=LIMIT)

    assert await staging.older(datetime(2001, 1, 1, tzinfo=UTC)) == []
    assert await staging.older(datetime(2999, 1, 1, tzinfo=UTC)) == [upload]

    assert staging.length(upload) == 2
