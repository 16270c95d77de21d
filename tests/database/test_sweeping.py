"""Sweeping removes what is over and leaves what may still be asked for."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import accounts, uploads
from actions.sweeping import sweep_sessions, sweep_staging, sweep_store
from models.files import Upload
from models.people import Session
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


async def test_sessions_that_were_over_for_thirty_days_go(counter: Counter) -> None:
    ended, expired = await counter.register(), await counter.register()
    await accounts.sign_out(counter.tools, ended)
    life = accounts.SESSION_LIFE
    counter.clock.at += timedelta(days=30)
    assert await sweep_sessions(counter.tools) == 0

    counter.clock.at += SECOND
    alive = await counter.register()
    assert await sweep_sessions(counter.tools) == 1
    assert not await Session.exists(id=ended.session_id)
    counter.clock.at += life

    assert await sweep_sessions(counter.tools) == 1
    assert [session.id for session in await Session.all()] == [alive.session_id]
    assert expired.session_id != alive.session_id
