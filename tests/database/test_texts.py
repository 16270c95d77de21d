"""The text of files is taken out after they were filed: slice by slice, again and again, and goes with its content."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from actions.contents import sweep_contents
from actions.texts import CLAIM, LEASE, MOST_ATTEMPTS, WAITS, extract_texts, retry_texts
from actions.transaction import database as db
from files.jail import JailBroken, JailFailed, JailFull
from files.store import ContentDamaged, StoreLocked
from models.files import Content
from models.texts import ContentText, ContentTextPiece
from rules.access import Role
from rules.duties import NotYourDuty
from rules.texts import TextProblem, TextState
from tests.retention import clerk_of, erase_all, resolved, years_later
from tests.text_files import doc_of, docx_of, pdf_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from files.texts import Slice
    from models.tramites import Tramite
    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

TOLD = ("state", "problem", "pages", "pages_done", "pages_without_text", "characters", "is_cut", "attempts")


async def file_of(counter: Counter, viewer: Viewer, data: bytes) -> Tramite:
    """File a document with that main file."""
    return await counter.file(viewer, main_upload=(await counter.upload(viewer, data=data)).id)


async def read_all(counter: Counter) -> int:
    """Take out all that there is for now; return in how many slices."""
    slices = 0
    while await extract_texts(counter.tools):
        slices += 1
    return slices


async def texts() -> list[dict[str, Any]]:
    """Return how far each content is."""
    return [{name: getattr(row, name) for name in TOLD} for row in await ContentText.all().order_by("try_after", "id")]


async def said() -> list[tuple[int, int, str]]:
    """Return all pieces."""
    rows: Any = await ContentTextPiece.all().order_by("page", "part").values_list("page", "part", "text")
    return list(rows)


@dataclass
class Reader:
    """Reads as the real one does, or does what the test says instead."""

    real: Any
    instead: Callable[[], None] | None = None
    calls: int = 0
    is_waiting: asyncio.Event | None = None

    async def read(self, sha256: str, **limits: int) -> Slice:
        self.calls += 1
        if self.is_waiting is not None:
            self.is_waiting.set()
            await asyncio.Event().wait()
        if self.instead is not None:
            self.instead()
        return await self.real.read(sha256, **limits)


def with_reader(counter: Counter) -> Reader:
    """Let the counter read by one that the test can stop."""
    reader = Reader(counter.tools.texts)
    counter.tools = replace(counter.tools, texts=reader)
    return reader


async def test_what_was_filed_is_read_and_what_was_only_uploaded_is_not(counter: Counter) -> None:
    maria = await counter.register()
    await counter.upload(maria, data=pdf_of("nadie lo presentó"))
    await file_of(counter, maria, pdf_of("Señor Ñaupari", "", "fin"))
    again = await counter.upload(maria, data=pdf_of("Señor Ñaupari", "", "fin"))
    await counter.file(maria, main_upload=again.id)

    await read_all(counter)

    assert await texts() == [
        {"state": TextState.DONE, "problem": None, "pages": 3, "pages_done": 3, "pages_without_text": 1,
         "characters": 16, "is_cut": False, "attempts": 0}
    ]  # fmt: skip
    assert await said() == [(1, 0, "Señor Ñaupari"), (3, 0, "fin")]
    assert await read_all(counter) == 0


@pytest.mark.parametrize(
    ("data", "problem", "without"),
    [
        (pdf_of("", ""), TextProblem.SCANNED, 2),
        (pdf_of("secreto", password="clave"), TextProblem.ENCRYPTED, 0),
        (pdf_of("algo")[:60], TextProblem.DAMAGED, 0),
    ],
)
async def test_a_file_without_text_says_why(counter: Counter, data: bytes, problem: TextProblem, without: int) -> None:
    await file_of(counter, await counter.register(), data)

    await read_all(counter)

    [told] = await texts()
    assert (told["state"], told["problem"], told["pages_without_text"]) == (TextState.NO_TEXT, problem, without)


def hostile() -> dict[str, bytes]:
    """Return files whose text is odd; made when they are asked for: that takes seconds."""
    return {
        "one word": docx_of("x" * 1_000_000),
        "NULs only": doc_of("\x00" * 10),
        "right to left": docx_of("\u202eשלום\u202c " * 100),
        "accents only": docx_of("\u0301" * 5_000),
        "each word once": docx_of(" ".join(map(str, range(200_000)))),
        "many bytes a word": docx_of(" ".join("\U00020000" * 5 + chr(0x4E00 + n % 20_000) for n in range(150_000))),
    }


async def test_no_text_is_too_odd_to_be_kept(counter: Counter) -> None:
    maria = await counter.register()
    for data in hostile().values():
        await file_of(counter, maria, data)
        counter.clock.advance(seconds=1)

        await read_all(counter)

    told = [(row["state"], row["characters"], row["is_cut"]) for row in await texts()]
    assert told == [
        (TextState.DONE, 1_000_000, True),
        (TextState.NO_TEXT, 0, False),
        (TextState.DONE, 499, False),
        (TextState.DONE, 5_000, False),
        (TextState.DONE, told[4][1], True),
        (TextState.DONE, told[5][1], True),
    ]
    assert told[4][1] > 990_000 < told[5][1]


async def test_what_is_stopped_in_the_midst_goes_on_where_it_was(counter: Counter) -> None:
    reader = with_reader(counter)
    pages = [f"página {n}" for n in range(1, 121)]
    await file_of(counter, await counter.register(), pdf_of(*pages))
    await extract_texts(counter.tools)
    reader.is_waiting = asyncio.Event()
    stopped = asyncio.create_task(extract_texts(counter.tools))
    await reader.is_waiting.wait()
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    reader.is_waiting, before = None, (await texts())[0]

    slices = await read_all(counter)

    assert (before["pages_done"], before["attempts"]) == (50, 0)
    assert (slices, reader.calls) == (2, 4)
    assert await said() == [(n, 0, text) for n, text in enumerate(pages, 1)]


async def test_what_comes_meanwhile_is_not_kept_waiting_by_what_is_left_of_before(counter: Counter) -> None:
    maria = await counter.register()
    await file_of(counter, maria, pdf_of(*["uno"] * 60))
    await extract_texts(counter.tools)
    counter.clock.advance(minutes=1)
    await file_of(counter, maria, pdf_of("dos"))
    last = await file_of(counter, maria, pdf_of("tres"))
    [file] = await last.attachments.all()
    await Content.filter(sha256=file.content_id).update(stored_at=counter.clock() - timedelta(days=900))

    assert [await extract_texts(counter.tools) for _ in range(2)] == [1, 1]

    rows = await ContentText.all().order_by("try_after")
    assert [(row.content_id == file.content_id, row.pages_done) for row in rows] == [(True, 0), (False, 60), (False, 1)]


async def test_a_content_whose_reader_was_killed_is_taken_up_after_its_lease_and_given_up_at_last(
    counter: Counter,
) -> None:
    await file_of(counter, await counter.register(), pdf_of("uno"))
    reader = with_reader(counter)
    reader.instead = _stuck
    await extract_texts(counter.tools)
    for _ in range(MOST_ATTEMPTS):
        counter.clock.advance(hours=7)
        now = counter.clock()
        claimed = await db().execute_query_dict(CLAIM, [uuid4(), now, now + LEASE])
        assert len(claimed) == 1
        assert await extract_texts(counter.tools) == 0

    counter.clock.advance(hours=7)
    await extract_texts(counter.tools)

    assert (await texts())[0]["state"] is TextState.FAILED
    assert reader.calls == 1


def _stuck() -> None:
    raise JailFailed("crash")


async def test_what_cannot_be_read_is_tried_five_times_ever_later_and_again_when_an_administrator_says_so(
    counter: Counter,
) -> None:
    reader = with_reader(counter)
    await file_of(counter, await counter.register(), pdf_of(*["uno"] * 60))
    await extract_texts(counter.tools)
    reader.instead = _stuck
    for wait in WAITS:
        assert await extract_texts(counter.tools) == 1
        assert await extract_texts(counter.tools) == 0
        counter.clock.advance(seconds=wait.total_seconds() - 1)
        assert await extract_texts(counter.tools) == 0
        counter.clock.advance(seconds=1)
    assert await extract_texts(counter.tools) == 1
    [failed] = await texts()
    counter.clock.advance(days=30)
    assert await extract_texts(counter.tools) == 0
    reader.instead = None
    clerk, boss = await clerk_of(counter), await counter.register(role=Role.ADMINISTRATOR)

    with pytest.raises(NotYourDuty):
        await retry_texts(counter.tools, clerk)
    assert await retry_texts(counter.tools, boss) == 1
    assert await read_all(counter) == 1

    assert (failed["state"], failed["problem"], failed["pages_done"]) == (TextState.FAILED, TextProblem.NOT_READ, 50)
    [told] = await texts()
    assert (told["state"], told["problem"], told["pages_done"]) == (TextState.DONE, None, 60)


@pytest.mark.parametrize("outage", [JailFull(), JailBroken(), OSError()])
async def test_an_outage_of_ours_is_nothing_of_the_files(counter: Counter, outage: Exception) -> None:
    reader = with_reader(counter)
    await file_of(counter, await counter.register(), pdf_of("uno"))

    def fail() -> None:
        raise outage

    reader.instead = fail
    for _ in range(MOST_ATTEMPTS + 2):
        with pytest.raises(type(outage)):
            await extract_texts(counter.tools)
    reader.instead = None

    assert await read_all(counter) == 1
    assert (await texts())[0]["state"] is TextState.DONE


@pytest.mark.parametrize("trouble", [ContentDamaged("a"), StoreLocked("2025")])
async def test_one_content_that_the_store_cannot_give_keeps_no_other_waiting(
    counter: Counter, trouble: Exception
) -> None:
    """As of an encrypted store, or of a bucket, which prove all that they give."""
    reader, maria = with_reader(counter), await counter.register()
    await file_of(counter, maria, pdf_of("uno"))
    await file_of(counter, maria, pdf_of("dos"))

    def fail_once() -> None:
        reader.instead = None
        raise trouble

    reader.instead = fail_once
    await read_all(counter)
    before = {each["state"]: each["attempts"] for each in await texts()}
    counter.clock.advance(hours=1)
    await read_all(counter)

    assert before == {TextState.PENDING: int(isinstance(trouble, ContentDamaged)), TextState.DONE: 0}
    assert [each["state"] for each in await texts()] == [TextState.DONE] * 2


async def test_one_content_is_read_by_one(counter: Counter) -> None:
    await file_of(counter, await counter.register(), pdf_of("uno"))

    done = await asyncio.gather(*(extract_texts(counter.tools) for _ in range(4)))

    assert sum(done) == 1
    assert await said() == [(1, 0, "uno")]


async def test_with_its_content_the_text_goes_and_with_the_same_bytes_it_comes_back(
    counter: Counter, database: Database
) -> None:
    maria, clerk = await counter.register(), await clerk_of(counter)
    secret = pdf_of("zarzuela secreta")
    await resolved(counter, clerk, maria, main_upload=(await counter.upload(maria, data=secret)).id)
    await read_all(counter)
    before = await said()
    years_later(counter, 11)
    await erase_all(counter)
    counter.clock.advance(days=1)
    await sweep_contents(counter.tools)

    connection = await asyncpg.connect(database.owner_url)
    left = await connection.fetchval("SELECT count(*) FROM content_texts WHERE words IS NOT NULL")
    await connection.close()

    assert before == [(1, 0, "zarzuela secreta")]
    assert await Content.filter(erased_at__isnull=False).exists()
    assert (await said(), left) == ([], 0)
    assert await read_all(counter) == 0
    await file_of(counter, maria, secret)
    await read_all(counter)
    assert await said() == before


async def test_a_content_that_is_erased_while_it_is_read_keeps_no_text(counter: Counter) -> None:
    maria, clerk = await counter.register(), await clerk_of(counter)
    await resolved(counter, clerk, maria, main_upload=(await counter.upload(maria, data=pdf_of("zarzuela"))).id)
    reader = with_reader(counter)
    years_later(counter, 11)
    real = reader.real

    class Erasing:
        async def read(self, sha256: str, **limits: int) -> Slice:
            found = await real.read(sha256, **limits)
            await erase_all(counter)
            return found

    reader.real = Erasing()
    await extract_texts(counter.tools)

    assert (await said(), await ContentText.all().count()) == ([], 0)


async def test_of_a_content_that_was_erased_before_it_was_read_nothing_is_queued(counter: Counter) -> None:
    await file_of(counter, await counter.register(), pdf_of("zarzuela"))
    await Content.all().update(erased_at=counter.clock())

    assert await read_all(counter) == 0
    assert await ContentText.all().count() == 0
