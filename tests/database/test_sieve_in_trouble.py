"""Whatever a file does to the sieve, its filing is received; it is judged later, and a filing stays what it was."""

from __future__ import annotations

import asyncio
from collections import Counter as Count
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from actions import filing
from actions.judging import MOST_TRIES, judge_again
from files.jail import Jail, JailFull
from files.place import StoreUnavailable
from files.sieve.judge import VERSION
from files.sieving import Sieve
from files.store import Store
from models.files import Content
from models.receipts import Receipt
from models.register import Entry
from models.tramites import Attachment, Tramite
from rules.verdicts import Finding, Fitness, fitness_of
from tests.hostile import launching_pdf, plain_pdf
from tests.lasting_jail import ANYWHERE
from tests.troubled_sieve import MEMORY_BYTES, TROUBLED, TROUBLES, Troubled

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

FILINGS = 200
AT_ONCE = 8
NOT_JUDGED = ["NOT_JUDGED"]


async def file_one(counter: Counter, maria: Viewer, place: int) -> None:
    """File a document; every tenth is trouble for the sieve."""
    title = TROUBLES[place // 10 % len(TROUBLES)] if place % 10 == 0 else "solicitud"
    main = await counter.upload(maria, data=plain_pdf(title=title))
    await filing.file_tramite(counter.tools, maria, await counter.form(maria, main_upload=main.id))


async def test_with_the_sieve_in_trouble_on_every_tenth_file_two_hundred_filings_all_end_right(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    maria, able = await counter.register(), counter.tools.sieve
    jail = Jail([TROUBLED], reads=ANYWHERE, size=2, memory_bytes=MEMORY_BYTES, has_spare=True)
    sieve = Sieve(Troubled(jail), judge_time=timedelta(seconds=1))
    object.__setattr__(counter.tools, "sieve", sieve)
    places = iter(range(FILINGS))

    async def file_some() -> None:
        for place in places:
            await file_one(counter, maria, place)

    await asyncio.gather(*(file_some() for _ in range(AT_ONCE)))
    await jail.close()

    whys = Count(getattr(record, "why", None) for record in caplog.records if record.name == "files.sieving")
    assert whys == {"crash": 7, "MemoryError": 7, "timeout": 6}
    assert await Tramite.all().count() == await Receipt.all().count() == FILINGS
    numbers = await Tramite.all().values_list("number", flat=True)
    assert len(set(numbers)) == FILINGS
    found = Count(str(file.content.findings) for file in await Attachment.all().select_related("content"))
    assert found == {"[]": FILINGS * 9 // 10, str(NOT_JUDGED): FILINGS // 10}

    object.__setattr__(counter.tools, "sieve", able)
    before = await Tramite.all().order_by("id").values(), await Entry.all().count()
    counter.clock.advance(minutes=1)
    assert await judge_again(counter.tools) == FILINGS // 10
    assert await judge_again(counter.tools) == 0
    after = {(str(each.findings), each.pages, each.judge_after) for each in await Content.filter(kind="pdf")}
    assert after == {("[]", 1, None)}
    assert await Content.filter(kind="pdf").count() == FILINGS
    assert (await Tramite.all().order_by("id").values(), await Entry.all().count()) == before


class Full:
    """A jail that takes nobody."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Refuse."""
        raise JailFull


async def stay_unjudged(counter: Counter, data: bytes) -> Content:
    """Upload a file while the sieve is not to be had."""
    maria = await counter.register()
    object.__setattr__(counter.tools, "sieve", Sieve(Full()))
    upload = await counter.upload(maria, data=data)
    return await Content.get(sha256=upload.content_id)


async def test_what_can_never_be_judged_is_tried_five_times_and_stays_marked(counter: Counter) -> None:
    content = await stay_unjudged(counter, plain_pdf())
    assert content.judge_after is not None
    waits = [content.judge_after - counter.clock()]

    for _ in range(MOST_TRIES):
        assert await judge_again(counter.tools) == 0
        counter.clock.at = content.judge_after or counter.clock.at
        assert await judge_again(counter.tools) == 1
        content = await Content.get(sha256=content.sha256)
        if content.judge_after:
            waits.append(content.judge_after - counter.clock())

    assert (content.judge_after, content.findings, content.judged_version) == (None, NOT_JUDGED, VERSION)
    assert (len(waits), waits) == (MOST_TRIES, sorted(set(waits)))
    counter.clock.advance(days=30)
    assert await judge_again(counter.tools) == 0


async def test_a_content_that_ends_whoever_tries_it_is_not_tried_for_ever(counter: Counter) -> None:
    content = await stay_unjudged(counter, plain_pdf())
    await Content.filter(sha256=content.sha256).update(judge_attempts=MOST_TRIES)
    object.__setattr__(counter.tools, "sieve", Sieve(Never()))
    counter.clock.advance(minutes=1)

    assert await judge_again(counter.tools) == 1

    assert (await Content.get(sha256=content.sha256)).judge_after is None


class Never:
    """A jail that must not be asked."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Fail the test."""
        raise AssertionError(function)


class Away(Store):
    """A store that cannot be asked."""

    @asynccontextmanager
    async def as_file(self, sha256: str) -> AsyncGenerator[Path]:
        """Fail, as the service does."""
        raise StoreUnavailable(sha256)
        yield Path()


async def test_a_store_that_cannot_be_asked_uses_up_no_try(counter: Counter) -> None:
    content = await stay_unjudged(counter, plain_pdf())
    counter.clock.advance(minutes=1)
    tools = replace(counter.tools, store=Away(counter.tools.store.place))

    with pytest.raises(StoreUnavailable):
        await judge_again(tools)

    content = await Content.get(sha256=content.sha256)
    assert (content.judge_attempts, content.judge_after) == (0, counter.clock() + timedelta(minutes=1))


async def test_what_is_found_later_is_shown_and_undoes_nothing(counter: Counter) -> None:
    able = counter.tools.sieve
    content = await stay_unjudged(counter, launching_pdf())
    maria = await counter.register()
    object.__setattr__(counter.tools, "sieve", able)
    filed = await counter.file(maria)
    await Attachment.filter(tramite_id=filed.id).update(content_id=content.sha256)
    counter.clock.advance(minutes=1)

    assert await judge_again(counter.tools) == 1

    findings = [Finding(each) for each in (await Content.get(sha256=content.sha256)).findings or []]
    assert findings == [Finding.LAUNCH, Finding.AUTOMATIC_ACTION]
    assert fitness_of(findings, [Finding.LAUNCH]) is Fitness.REFUSED
    assert (await Tramite.get(id=filed.id)).status is filed.status


async def test_files_of_before_are_judged_little_by_little_and_what_nobody_handed_in_is_not(
    counter: Counter,
) -> None:
    maria = await counter.register()
    files = [(await counter.upload(maria, data=plain_pdf())).content_id for _ in range(3)]
    await Content.all().update(kind=None, findings=None, judged_version=None)
    stored = await counter.tools.store.put_bytes(b"From: a@example.pe\r\n\r\n")
    await Content.create(sha256=stored.sha256, size_bytes=stored.size_bytes, stored_at=counter.clock())

    done = [await judge_again(counter.tools) for _ in range(4)]

    assert done == [0, 3, 0, 0]
    assert await Content.filter(sha256__in=files, kind="pdf", findings=[]).count() == 3
    other = await Content.get(sha256=stored.sha256)
    assert (other.findings, other.judged_version) == (None, VERSION)


async def test_what_somebody_else_has_in_hand_is_passed_over(counter: Counter, database: Database) -> None:
    able = counter.tools.sieve
    held = [(await stay_unjudged(counter, plain_pdf())).sha256 for _ in range(4)][:2]
    object.__setattr__(counter.tools, "sieve", able)
    counter.clock.advance(minutes=1)
    other = await asyncpg.connect(database.owner_url)

    async with other.transaction(), asyncio.timeout(20):
        await other.execute("SELECT FROM contents WHERE sha256 = ANY ($1::text[]) FOR UPDATE", held)
        meanwhile = await judge_again(counter.tools)
    done = await asyncio.gather(*(judge_again(counter.tools) for _ in range(3)))
    await other.close()

    assert (meanwhile, sum(done)) == (2, 2)
    assert await Content.filter(findings=[]).count() == 4
