"""Contents that nobody refers to go, with their bytes; whoever refers to one at that moment has it, or is told."""

from __future__ import annotations

import asyncio
import io
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pikepdf
import pytest

from actions import drafts, uploads
from actions.contents import sweep_contents
from actions.filing_forms import FilingForm
from files.folder import Folder
from files.jail import JailFull
from files.sieving import Sieve
from files.store import ContentMissing, Store
from models.files import Content, Upload
from rules.files import PagesProblem
from rules.verdicts import Judgement
from tests.counter import PDF
from tests.stores import path_of

if TYPE_CHECKING:
    from pathlib import Path

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

HOUR = timedelta(hours=1)


class GatedStore(Store):
    """A store that has begun to remove, and waits before it does."""

    def __init__(self, root: Path) -> None:
        super().__init__(Folder(root))
        self.began, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def remove(self, sha256: str) -> None:
        self.began.set()
        await self.may_go_on.wait()
        await super().remove(sha256)


def put_long_ago(counter: Counter, sha256: str) -> None:
    """Let bytes be as old as the sweep must find them; the disk's clock is not the test's."""
    at = (counter.clock() - timedelta(days=2)).timestamp()
    os.utime(path_of(counter.tools.store, sha256), (at, at))


async def abandoned(counter: Counter, viewer: Viewer, data: bytes) -> str:
    """Upload something that nobody files; return its SHA-256 when it may be swept."""
    upload = await counter.upload(viewer, data=data)
    assert upload.content_id is not None
    counter.clock.advance(hours=25)
    assert await uploads.expire_uploads(counter.tools)
    counter.clock.advance(hours=6)
    put_long_ago(counter, upload.content_id)
    return upload.content_id


async def is_kept(counter: Counter, sha256: str) -> tuple[bool, bool]:
    """Tell whether there are row and bytes."""
    return await Content.exists(sha256=sha256), await counter.tools.store.exists(sha256)


async def test_what_nobody_filed_goes_with_its_bytes_some_hours_after_its_upload(counter: Counter) -> None:
    maria = await counter.register()
    upload = await counter.upload(maria)
    sha256 = str(upload.content_id)
    put_long_ago(counter, sha256)
    seen: list[tuple[int, tuple[bool, bool]]] = []

    for hours in (24, 1, 5, 1):
        counter.clock.advance(hours=hours)
        await uploads.expire_uploads(counter.tools)
        seen.append((await sweep_contents(counter.tools), await is_kept(counter, sha256)))

    assert seen == [(0, (True, True))] * 3 + [(1, (False, False))]
    assert await sweep_contents(counter.tools) == 0


async def test_what_anything_refers_to_stays_however_old(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    filed, drafted, waiting = [PDF + bytes([number]) for number in range(3)]
    await counter.file(maria, main_upload=(await counter.upload(maria, data=filed)).id)
    held = await counter.upload(maria, data=drafted)
    await drafts.save_draft(counter.tools, maria, FilingForm(main_upload=held.id), draft_id=None, version=None)
    hashes = [await abandoned(counter, jose, data) for data in (filed, drafted)]
    hashes.append(await abandoned(counter, jose, waiting))
    await counter.upload(maria, data=waiting)
    put_long_ago(counter, hashes[-1])

    counts = [await sweep_contents(counter.tools) for _ in range(2)]

    assert counts == [0, 0]
    assert [await is_kept(counter, sha256) for sha256 in hashes] == [(True, True)] * 3
    assert await Content.filter(abandoned_at__isnull=False).count() == 0


async def test_what_was_put_again_just_now_stays(counter: Counter) -> None:
    maria = await counter.register()
    sha256 = await abandoned(counter, maria, PDF)
    stored = await counter.tools.store.put_bytes(PDF)

    assert await sweep_contents(counter.tools) == 0
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=len(PDF))
    await uploads.complete_upload(counter.tools, upload, stored, judgement=Judgement())

    assert await is_kept(counter, sha256) == (True, True)


async def test_what_was_swept_between_putting_and_recording_is_not_recorded_but_put_again(
    counter: Counter, tmp_path: Path
) -> None:
    maria = await counter.register()
    sha256 = await abandoned(counter, maria, PDF)
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=len(PDF))
    stored = await counter.tools.store.put_bytes(PDF)
    put_long_ago(counter, sha256)
    assert await sweep_contents(counter.tools) == 1

    with pytest.raises(ContentMissing):
        await uploads.complete_upload(counter.tools, upload, stored, judgement=Judgement())
    assert await is_kept(counter, sha256) == (False, False)
    assert (await Upload.get(id=upload.id)).content_id is None
    (tmp_path / "bytes").write_bytes(PDF)
    await uploads.store_upload(counter.tools, upload, tmp_path / "bytes")

    assert await is_kept(counter, sha256) == (True, True)


async def test_a_file_that_arrives_while_the_same_is_being_swept_is_whole_and_can_be_filed(
    counter: Counter, tmp_path: Path, database: Database
) -> None:
    maria = await counter.register()
    sha256 = await abandoned(counter, maria, PDF)
    store = GatedStore(tmp_path / "store")
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=len(PDF))
    (tmp_path / "bytes").write_bytes(PDF)
    sweeping = asyncio.create_task(sweep_contents(replace(counter.tools, store=store)))
    await asyncio.wait_for(store.began.wait(), 20)

    arriving = asyncio.create_task(uploads.store_upload(counter.tools, upload, tmp_path / "bytes"))
    await database.until_somebody_waits(unless=arriving)
    assert not arriving.done()
    store.may_go_on.set()
    swept, arrived = await asyncio.gather(sweeping, arriving)

    assert (swept, arrived.content_id) == (1, sha256)
    assert await is_kept(counter, sha256) == (True, True)
    assert (await counter.file(maria, main_upload=upload.id)).number


async def test_a_content_that_is_being_referred_to_is_passed_over(counter: Counter, database: Database) -> None:
    maria = await counter.register()
    sha256 = await abandoned(counter, maria, PDF)
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=len(PDF))
    other = await asyncpg.connect(database.web_url)

    async with other.transaction():
        await other.execute("SET ROLE mesa_app")
        await other.execute("UPDATE uploads SET content_id = $1 WHERE id = $2", sha256, upload.id)
        during = await sweep_contents(counter.tools)
    after = await sweep_contents(counter.tools)
    await other.close()

    assert (during, after) == (0, 0)
    assert await is_kept(counter, sha256) == (True, True)


async def test_a_removal_that_was_cut_off_before_its_commit_is_made_good(counter: Counter, tmp_path: Path) -> None:
    maria = await counter.register()
    sha256 = await abandoned(counter, maria, PDF)
    store = GatedStore(tmp_path / "store")
    sweeping = asyncio.create_task(sweep_contents(replace(counter.tools, store=store)))
    await asyncio.wait_for(store.began.wait(), 20)
    await counter.tools.store.remove(sha256)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert await is_kept(counter, sha256) == (True, False)

    await counter.upload(maria)

    assert await is_kept(counter, sha256) == (True, True)
    again = await abandoned(counter, maria, PDF + b"other")
    await counter.tools.store.remove(again)
    assert await sweep_contents(counter.tools) == 1
    assert await is_kept(counter, again) == (False, False)


async def test_a_file_whose_upload_is_forgotten_is_told_and_swept(counter: Counter) -> None:
    maria = await counter.register()
    upload = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=len(PDF))
    await upload.delete()
    stored = await counter.tools.store.put_bytes(PDF)

    with pytest.raises(uploads.NoSuchUpload):
        await uploads.complete_upload(counter.tools, upload, stored, judgement=Judgement())
    counter.clock.advance(hours=6)
    put_long_ago(counter, stored.sha256)

    assert await sweep_contents(counter.tools) == 1


async def test_the_database_lets_nobody_delete_what_is_filed(counter: Counter, database: Database) -> None:
    maria = await counter.register()
    filed = await counter.upload(maria, data=PDF + uuid4().bytes)
    await counter.file(maria, main_upload=filed.id)
    connection = await asyncpg.connect(database.web_url)

    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute("DELETE FROM contents WHERE sha256 = $1", filed.content_id)
    await connection.close()


class Busy:
    """A jail that is full."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        raise JailFull(f"{function} of {len(argument)} bytes not within {timeout}")


async def test_what_could_not_be_judged_is_when_the_same_file_comes_again(counter: Counter) -> None:
    maria, able = await counter.register(), counter.tools.sieve
    blank = pikepdf.new()
    blank.add_blank_page()
    made = io.BytesIO()
    blank.save(made)
    seen: list[tuple[Any, ...]] = []

    for sieve in (Sieve(Busy()), able, Sieve(Busy())):
        object.__setattr__(counter.tools, "sieve", sieve)
        await counter.upload(maria, name="a.docx", data=made.getvalue())
        content = await Content.get()
        is_due = content.judge_after is not None
        seen.append((content.pages, content.pages_problem, content.kind, content.findings, is_due))

    assert seen == [(None, PagesProblem.NOT_COUNTED, None, ["NOT_JUDGED"], True), *[(1, None, "pdf", [], False)] * 2]


async def test_what_is_wrong_with_a_file_stays_known_when_it_cannot_be_looked_at_again(counter: Counter) -> None:
    maria = await counter.register()
    await counter.upload(maria)
    object.__setattr__(counter.tools, "sieve", Sieve(Busy()))

    await counter.upload(maria)

    content = await Content.get()
    assert (content.pages_problem, content.findings) == (PagesProblem.DAMAGED, ["DAMAGED"])
