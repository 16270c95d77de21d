"""What lies in the store and no row knows of goes after a day, and never what somebody is about to record."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from actions import orphans, uploads
from actions.contents import sweep_contents
from actions.orphans import note_orphans
from models.files import Content
from rules.receipts import Letterhead
from tests.counter import PDF
from tests.database.test_contents import GatedStore, abandoned, is_kept
from tests.stores import path_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database

DAY = timedelta(hours=24)


async def lost(counter: Counter, data: bytes, *, age: timedelta = DAY) -> str:
    """Put something that nobody records; return its SHA-256."""
    sha256 = (await counter.tools.store.put_bytes(data)).sha256
    at = (counter.clock() - age).timestamp()
    os.utime(path_of(counter.tools.store, sha256), (at, at))
    return sha256


async def test_what_nobody_recorded_goes_after_a_day_and_all_else_stays(counter: Counter) -> None:
    orphan, fresh = await lost(counter, b"lost"), await lost(counter, b"just now", age=DAY - timedelta(seconds=1))
    maria = await counter.register()
    waiting = await counter.upload(maria, data=PDF + b"waiting")
    os.utime(path_of(counter.tools.store, str(waiting.content_id)), (0, 0))

    counts = [await note_orphans(counter.tools), await note_orphans(counter.tools), await sweep_contents(counter.tools)]

    assert counts == [1, 0, 1]
    assert [await is_kept(counter, sha256) for sha256 in (orphan, fresh, str(waiting.content_id))] == [
        (False, False),
        (False, True),
        (True, True),
    ]


async def test_nothing_goes_of_a_store_of_which_the_database_knows_hardly_anything(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    """As when the counter is started with the store of another, or on a database that was made anew."""
    kept = [await lost(counter, b"%d" % number) for number in range(orphans.MOST_UNKNOWN + 1)]

    assert await note_orphans(counter.tools) == 0

    assert [await is_kept(counter, sha256) for sha256 in kept] == [(False, True)] * len(kept)
    assert "store_unknown" in {getattr(each, "action", None) for each in caplog.records}


async def test_an_orphan_that_is_no_longer_whole_keeps_no_other_from_being_noted(counter: Counter) -> None:
    first, second = await lost(counter, b"encrypted, and cut off"), await lost(counter, b"lost")
    path = path_of(counter.tools.store, first)
    path.rename(path.with_name(f"{first}.key"))

    assert await note_orphans(counter.tools) == 2

    assert set(await Content.all().values_list("sha256", flat=True)) == {first, second}


async def test_what_was_erased_and_came_back_unrecorded_goes_again(counter: Counter) -> None:
    maria = await counter.register()
    filed = PDF + b"filed"
    tramite = await counter.file(maria, main_upload=(await counter.upload(maria, data=filed)).id)
    [attachment] = await tramite.attachments.all()
    await Content.filter(sha256=attachment.content_id).update(erased_at=counter.clock())
    await attachment.filter(id=attachment.id).update(erased_at=counter.clock())
    erased_at = (await Content.get(sha256=attachment.content_id)).erased_at
    await lost(counter, filed)
    counter.clock.advance(hours=1)

    assert (await note_orphans(counter.tools), await sweep_contents(counter.tools)) == (1, 1)

    assert await is_kept(counter, attachment.content_id) == (True, False)
    assert (await Content.get(sha256=attachment.content_id)).erased_at == erased_at


async def test_emblems_of_receipts_are_no_orphans(counter: Counter) -> None:
    now, then = await lost(counter, b"emblem"), await lost(counter, b"emblem of before")
    institution = counter.tools.institution
    before = replace(institution, letterhead=Letterhead(emblem_sha256=then))
    counter.tools = replace(counter.tools, institution=before)
    await counter.file(await counter.register())
    counter.tools = replace(counter.tools, institution=replace(institution, letterhead=Letterhead(emblem_sha256=now)))

    assert await note_orphans(counter.tools) == 0


@pytest.mark.parametrize("start", ["00", "80", "ff"])
async def test_all_of_the_store_is_looked_at_wherever_it_is_begun(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(orphans, "PAGE", 3)

    def begun_there(size: int) -> bytes:
        return bytes.fromhex(start) * size

    counter.tools = replace(counter.tools, random_bytes=begun_there)
    names = {await lost(counter, b"%d" % number) for number in range(7)}

    assert await note_orphans(counter.tools) == 7

    assert set(await Content.all().values_list("sha256", flat=True)) == names


async def test_in_one_go_only_so_much_is_looked_at_and_in_many_all(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "PAGE", 1)
    for number in range(20):
        await lost(counter, b"%d" % number)

    first = await note_orphans(counter.tools)
    assert 0 < first <= orphans.MOST_PAGES
    for _ in range(500):
        await note_orphans(counter.tools)

    assert await Content.all().count() == 20


async def test_an_orphan_that_is_handed_in_while_it_is_removed_is_kept_whole(
    counter: Counter, tmp_path: Path, database: Database
) -> None:
    maria = await counter.register()
    sha256 = await lost(counter, PDF)
    assert await note_orphans(counter.tools) == 1
    store = GatedStore(tmp_path / "store")
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=len(PDF))
    (tmp_path / "bytes").write_bytes(PDF)
    sweeping = asyncio.create_task(sweep_contents(replace(counter.tools, store=store)))
    await asyncio.wait_for(store.began.wait(), 20)

    arriving = asyncio.create_task(uploads.store_upload(counter.tools, upload, tmp_path / "bytes"))
    await database.until_somebody_waits(unless=arriving)
    store.may_go_on.set()
    swept, arrived = await asyncio.gather(sweeping, arriving)

    assert (swept, arrived.content_id) == (1, sha256)
    assert await is_kept(counter, sha256) == (True, True)


async def test_an_orphan_that_is_recorded_before_it_is_removed_stays(counter: Counter) -> None:
    sha256 = await lost(counter, PDF)
    assert await note_orphans(counter.tools) == 1
    await counter.upload(await counter.register())
    os.utime(path_of(counter.tools.store, sha256), (0, 0))

    assert await sweep_contents(counter.tools) == 0

    assert await is_kept(counter, sha256) == (True, True)


async def test_what_somebody_recorded_while_it_was_looked_up_is_not_noted(counter: Counter) -> None:
    sha256 = await abandoned(counter, await counter.register(), PDF)
    await Content.filter(sha256=sha256).update(abandoned_at=None)

    assert await orphans.abandon_unknown({sha256: (len(PDF), counter.clock())}) == 0

    assert (await Content.get(sha256=sha256)).abandoned_at is None
