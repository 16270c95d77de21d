"""A service that fails, is slow, lies or is gone: it is said, in a bounded time, and nothing counts as kept."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from files.bucket import MOST_RETRIES, Bucket
from files.store import ContentDamaged, ContentMissing, Store, StoreFull, StoreUnavailable
from tests.servers.sick_s3 import PUT_WELL, failure, sick_s3

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.seaweed import Seaweed

SOON = timedelta(milliseconds=600)
PATIENCE_SECONDS = 10
ABSENT = "0" * 64
OTHER_SIZE = (
    b'HTTP/1.1 200 OK\r\nETag: "1"\r\nLast-Modified: Thu, 26 Nov 2026 15:00:00 GMT\r\nContent-Length: 3\r\n\r\n'
)
OTHER_TAG = OTHER_SIZE.replace(b'"1"', b'"2"').replace(b"Length: 3", b"Length: 6")
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\ncut off"


@pytest.mark.parametrize(
    ("answers", "kind", "why"),
    [
        ({"PUT": failure(b"500 Internal", b"InternalError")}, StoreUnavailable, "500 InternalError"),
        ({"PUT": failure(b"403 Forbidden", b"AccessDenied")}, StoreUnavailable, "403 AccessDenied"),
        ({"PUT": failure(b"404 Not Found", b"NoSuchBucket")}, StoreUnavailable, "NoSuchBucket|no such bucket"),
        ({"PUT": failure(b"507 Insufficient Storage", b"XMinioStorageFull")}, StoreFull, "full"),
        ({"PUT": failure(b"403 Forbidden", b"QuotaExceeded")}, StoreFull, "full"),
        ({"PUT": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut off"}, StoreUnavailable, "no answer|other bytes"),
        ({}, StoreUnavailable, "no answer|not answered"),
        ({"PUT": PUT_WELL}, StoreUnavailable, "no answer|not answered"),
        ({"PUT": PUT_WELL, "HEAD": OTHER_SIZE}, StoreUnavailable, "keeps other bytes"),
        ({"PUT": PUT_WELL, "HEAD": OTHER_TAG}, StoreUnavailable, "keeps other bytes"),
        ({"PUT": PUT_WELL, "HEAD": failure(b"404 Not Found", b"NoSuchKey")}, StoreUnavailable, "no such|NoSuch"),
    ],
)
async def test_what_the_service_has_not_kept_for_sure_is_not_kept(
    tmp_path: Path, answers: dict[str, bytes], kind: type[StoreUnavailable], why: str
) -> None:
    begun = time.monotonic()
    async with sick_s3(answers, answer_time=SOON) as (sick, settings):
        store = Store(Bucket(settings, tmp_path))
        with pytest.raises(kind, match=why) as refused:
            await store.put_bytes(b"oficio")

    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert len(sick.asked) <= 2 * (MOST_RETRIES + 1)
    told = f"{refused.value} {refused.value.__cause__}"
    assert not any(word in told for word in ("never-told", "secret-places", "127.0.0.1"))


@pytest.mark.parametrize(
    "answers",
    [
        {verb: failure(b"503 Slow Down", b"SlowDown") for verb in ("GET", "HEAD")},
        {},
        {"GET": HALF, "HEAD": OTHER_SIZE.replace(b"Length: 3", b"Length: 1000")},
        {"HEAD": failure(b"404 Not Found", b""), "GET": failure(b"404 Not Found", b"NoSuchBucket")},
    ],
)
async def test_what_cannot_be_read_for_now_is_not_said_to_be_missing(tmp_path: Path, answers: dict[str, bytes]) -> None:
    async with sick_s3(answers, answer_time=SOON) as (_, settings):
        store = Store(Bucket(settings, tmp_path))
        with pytest.raises((StoreUnavailable, ContentDamaged)):
            [chunk async for chunk in store.read(ABSENT)]
        with pytest.raises((StoreUnavailable, ContentDamaged)):
            async with store.as_file(ABSENT):
                pass

    assert list(tmp_path.iterdir()) == []


async def test_many_that_wait_for_a_slow_service_are_let_go_in_their_time(tmp_path: Path) -> None:
    async with sick_s3({}, answer_time=SOON) as (sick, settings):
        store = Store(Bucket(settings, tmp_path))
        ends = await asyncio.gather(*(store.put_bytes(b"%d" % each) for each in range(40)), return_exceptions=True)

    assert {type(end) for end in ends} == {StoreUnavailable}
    assert len(sick.asked) < len(ends), "most have waited for their turn, and not beyond their time"


async def test_what_was_kept_is_there_after_the_service_was_killed(tmp_path: Path, seaweed: Seaweed) -> None:
    settings = replace(seaweed.new_bucket(), answer_time=timedelta(seconds=5))
    store = Store(Bucket(settings, tmp_path))
    kept = await store.put_bytes(b"oficio")

    await seaweed.kill()
    try:
        with pytest.raises(StoreUnavailable):
            await store.put_bytes(b"anexo")
        with pytest.raises(StoreUnavailable):
            await store.exists(kept.sha256)
    finally:
        await seaweed.start()

    async with asyncio.timeout(60):
        while not await _is_kept(store):
            await asyncio.sleep(0.1)
    assert b"".join([chunk async for chunk in store.read(kept.sha256)]) == b"oficio"


async def _is_kept(store: Store) -> bool:
    """Put again what could not be; the service may still be counting its volumes."""
    try:
        await store.put_bytes(b"anexo")
    except (StoreUnavailable, ContentMissing):
        return False
    return True
