"""Sweeping removes what is over and leaves what may still be asked for."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import uploads
from actions.sweeping import sweep_staging, sweep_store
from models.files import Upload
from tests.counter import PDF

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from tests.counter import Counter

SECOND = timedelta(seconds=1)


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def written_at(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


async def test_staged_bytes_that_nobody_will_go_on_with_are_removed(counter: Counter) -> None:
    maria = await counter.register()
    forgotten, used, kept = [
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=100) for _ in range(3)
    ]
    for upload in (forgotten, used, kept):
        await counter.tools.staging.append(upload.id, 0, pieces(PDF), limit_bytes=100)
    await forgotten.delete()
    await Upload.filter(id=used.id).update(used_at=counter.clock())
    lengths: list[list[int]] = []

    for age in (timedelta(hours=24), timedelta(hours=24) + SECOND):
        for upload in (forgotten, used, kept):
            written_at(counter.tools.staging.path(upload.id), counter.clock() - age)
        assert await sweep_staging(counter.tools) == (0 if age == timedelta(hours=24) else 2)
        lengths.append([counter.tools.staging.length(each.id) for each in (forgotten, used, kept)])

    assert lengths == [[len(PDF)] * 3, [0, 0, len(PDF)]]


async def test_leftovers_of_the_store_go_and_its_contents_stay(counter: Counter, tmp_path: Path) -> None:
    stored = await counter.tools.store.put_bytes(PDF)
    old, fresh = [tmp_path / "store" / "incoming" / uuid4().hex for _ in range(2)]
    for path, age in ((old, 25), (fresh, 23)):
        path.write_bytes(b"cut off")
        written_at(path, counter.clock() - timedelta(hours=age))
    [content] = (tmp_path / "store" / "sha256").rglob(stored.sha256)
    written_at(content, counter.clock() - timedelta(days=999))

    counts = [await sweep_store(counter.tools) for _ in range(2)]

    assert counts == [1, 0]
    assert (old.exists(), fresh.exists()) == (False, True)
    assert await counter.tools.store.exists(stored.sha256)
