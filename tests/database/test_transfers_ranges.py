"""Parts of a file go out as RFC 9110 has it, and no part of bytes that are not those handed in."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from files.folder import Folder
from files.store import Store
from models.register import ReadEntry
from rules.access import Role
from tests.counter import PDF
from tests.database.test_transfers_downloads import fetch, filed
from tests.database.transfers import Person, Served, served
from tests.stores import path_of
from transfers import ranges

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from models.tramites import Attachment
    from tests.counter import Counter

SIZE = 1_000_000
DATA = PDF + os.urandom(SIZE - len(PDF))


@pytest_asyncio.fixture
async def site(counter: Counter) -> AsyncGenerator[Served]:
    async with served(counter) as site:
        yield site


@pytest_asyncio.fixture
async def maria(site: Served) -> AsyncGenerator[Person]:
    maria = await site.person()
    async with maria.http:
        yield maria


async def fetch_part(person: Person, attachment: Attachment, range_: str, **more: str) -> httpx.Response:
    return await person.http.get(f"/files/{attachment.id}", headers={"range": range_, **more})


async def test_one_range_is_answered_with_just_that_part(maria: Person) -> None:
    attachment = await filed(maria, data=DATA)

    for range_, first, last in (
        ("bytes=0-0", 0, 0),
        ("bytes=300000-699999", 300_000, 699_999),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=262144-262144", 262_144, 262_144),
        ("bytes=0-999999999999", 0, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        ("bytes=-99999999", 0, SIZE - 1),
        ("Bytes= 7-8", 7, 8),
    ):
        part = await fetch_part(maria, attachment, range_)

        assert (part.status_code, part.headers["content-range"]) == (206, f"bytes {first}-{last}/{SIZE}"), range_
        assert part.content == DATA[first : last + 1], range_
        assert part.headers["content-disposition"].startswith("attachment; ")
        assert part.headers["etag"] == f'"{attachment.content_id}"'


async def test_what_is_no_single_range_is_answered_with_the_whole(maria: Person) -> None:
    attachment = await filed(maria, data=DATA)

    for range_ in ("bytes=0-1,5-6", "bytes=5-2", "bytes=", "bytes=a-b", "lines=1-2", "bytes=-", "0-5"):
        whole = await fetch_part(maria, attachment, range_)

        assert (whole.status_code, "content-range" in whole.headers, whole.content) == (200, False, DATA), range_


async def test_a_range_past_the_end_is_refused_with_the_size(maria: Person) -> None:
    attachment = await filed(maria, data=DATA)

    for range_ in (f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"):
        refused = await fetch_part(maria, attachment, range_)

        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{SIZE}"), range_
        assert refused.json()["code"] == "RANGE_NOT_SATISFIABLE"


async def test_what_was_begun_goes_on_only_with_the_same_bytes(maria: Person) -> None:
    attachment = await filed(maria, data=DATA)
    etag = f'"{attachment.content_id}"'

    same = await fetch_part(maria, attachment, "bytes=5-", **{"if-range": etag})
    others = [
        await fetch_part(maria, attachment, "bytes=5-", **{"if-range": other})
        for other in (f"W/{etag}", '"another"', "Mon, 09 Mar 2026 15:00:00 GMT")
    ]

    assert (same.status_code, same.content) == (206, DATA[5:])
    assert [(other.status_code, other.content) for other in others] == [(200, DATA)] * 3


async def test_head_tells_that_parts_can_be_asked_for_and_knows_none(maria: Person) -> None:
    attachment = await filed(maria, data=DATA)

    head = await maria.http.head(f"/files/{attachment.id}", headers={"range": "bytes=0-5"})

    assert (head.status_code, head.headers["content-length"], head.headers["accept-ranges"]) == (
        200,
        str(SIZE),
        "bytes",
    )


@pytest.mark.parametrize("damaged_at", [0, SIZE - 1])
async def test_no_part_of_other_bytes_is_ever_whole(maria: Person, damaged_at: int) -> None:
    """Not even of those that are still right: that the rest is not shows what the disk is worth."""
    attachment = await filed(maria, data=DATA)
    path = path_of(maria.counter.tools.store, attachment.content_id)
    changed = bytearray(DATA)
    changed[damaged_at] ^= 1
    path.write_bytes(changed)

    for range_, length in (("bytes=0-99", 100), ("bytes=100-600000", 599_901), (f"bytes={SIZE - 1}-", 1)):
        try:
            response = await fetch_part(maria, attachment, range_)
        except httpx.RemoteProtocolError:
            continue  # broken off before its announced length
        assert response.status_code == 500, (range_, length)


async def test_each_part_is_noted_and_for_those_who_may_see_it(site: Served, maria: Person) -> None:
    attachment = await filed(maria, data=DATA)
    jose, clerk = await site.person(), await site.person(role=Role.CLERK, office="SEDE-CENTRAL")

    async with jose.http, clerk.http:
        strange = await fetch_part(jose, attachment, "bytes=0-5")
        seen = [await fetch_part(clerk, attachment, "bytes=0-5"), await fetch(clerk, attachment)]

    assert (strange.status_code, [each.status_code for each in seen]) == (404, [206, 200])
    assert await ReadEntry.filter(subject_id=attachment.id).count() == 2


class CountingFolder(Folder):
    """Counts what is read of it."""

    read_bytes = 0

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Read."""
        async for chunk in super().read(name, start, end):
            self.read_bytes += len(chunk)
            yield chunk


async def test_who_fetches_part_after_part_has_the_whole_read_only_once(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = CountingFolder(tmp_path / "store")
    counter.tools = replace(counter.tools, store=Store(folder))
    async with served(counter) as site:
        maria = await site.person()
        async with maria.http:
            attachment = await filed(maria, data=DATA)
            folder.read_bytes = 0
            parts = [await fetch_part(maria, attachment, f"bytes={at}-{at + 9}") for at in range(0, SIZE, SIZE // 50)]
            read_bytes = folder.read_bytes
            monkeypatch.setattr(ranges, "PROVED_SECONDS", 0)
            later = await fetch_part(maria, attachment, "bytes=0-0")

    assert [part.content for part in parts] == [DATA[at : at + 10] for at in range(0, SIZE, SIZE // 50)]
    assert (read_bytes, folder.read_bytes) == (SIZE + 10 * (len(parts) - 1), read_bytes + SIZE)
    assert later.content == DATA[:1]
