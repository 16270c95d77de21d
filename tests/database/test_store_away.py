"""While the store cannot be used, or has no room, people are told so, nothing is half-kept, and later it is done."""

from __future__ import annotations

import errno
import resource
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import pytest
import pytest_asyncio

from actions.sealing import seal_outstanding
from files.folder import Folder
from files.store import Store, StoreFull, StoreUnavailable
from models.files import Content, Upload
from models.receipts import Notice, Receipt
from models.tramites import Tramite
from rules.notices import NoticeKind, NoticeState
from tests.api import in_process, make_feed
from tests.counter import PDF
from tests.database.test_graphql_http import PREFLIGHT, operation, parts, send
from tests.database.test_sealing import asking, deliver, issued
from tests.database.test_transfers_uploads import told
from tests.database.transfers import served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection, Generator, Sequence
    from pathlib import Path

    from files.place import Held, Outgoing, StoredContent
    from tests.counter import Counter
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

AWAY, FULL = StoreUnavailable(errno.EIO, "it hangs"), StoreFull(errno.ENOSPC, "it is full")


class SickFolder(Folder):
    """A folder that fails in whatever it is asked while it has a trouble."""

    trouble: StoreUnavailable | None = None

    async def put_files(self, files: Sequence[Outgoing], *, over: bool = False) -> set[str]:
        return self._fail() if self.trouble else await super().put_files(files, over=over)

    async def put_bytes(self, name: str, data: bytes, *, over: bool = False) -> bool:
        return self._fail() if self.trouble else await super().put_bytes(name, data, over=over)

    async def put_copy(self, path: Path) -> StoredContent:
        return self._fail() if self.trouble else await super().put_copy(path)

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        if self.trouble:
            self._fail()
        async for chunk in super().read(name, start, end):
            yield chunk

    async def stat(self, name: str) -> Held:
        return self._fail() if self.trouble else await super().stat(name)

    async def must_hold(self, names: Collection[str]) -> None:
        return self._fail() if self.trouble else await super().must_hold(names)

    def _fail(self) -> NoReturn:
        assert self.trouble is not None
        raise self.trouble


@pytest_asyncio.fixture
async def sick(counter: Counter, tmp_path: Path) -> AsyncGenerator[SickFolder]:
    """Let the counter's store be one that can fail."""
    place = SickFolder(tmp_path / "store")
    store = Store(place)
    counter.tools = replace(counter.tools, store=store, texts=replace(counter.tools.texts, store=store))
    yield place
    place.trouble = None


@pytest.mark.parametrize(("trouble", "answer"), [(AWAY, (503, "STORE_UNAVAILABLE")), (FULL, (507, "NO_ROOM"))])
async def test_an_upload_is_refused_for_now_and_completed_by_the_next_try(
    counter: Counter, sick: SickFolder, trouble: StoreUnavailable, answer: tuple[int, str]
) -> None:
    async with served(counter) as site:
        maria = await site.person()
        async with maria.http:
            upload = await maria.open_upload("solicitud.pdf", PDF)
            sick.trouble = trouble

            refused = await maria.put(upload, PDF)

            assert (told(refused), refused.headers["retry-after"]) == (answer, "60")
            assert (await Upload.get(id=upload.id)).content_id is None
            assert not await Content.exists()
            sick.trouble = None
            again = await maria.put(upload, b"", offset=len(PDF))
            assert (again.status_code, again.json()["complete"]) == (200, True)


@contextmanager
def files_at_most(size_bytes: int) -> Generator[None]:
    """Let the system refuse to write files longer than that, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_fills_while_a_file_arrives_keeps_nothing_of_it(counter: Counter) -> None:
    data = PDF + bytes(3_000_000)
    async with served(counter) as site:
        maria = await site.person()
        async with maria.http:
            upload = await maria.open_upload("solicitud.pdf", data)

            with files_at_most(1_000_000):
                refused = await maria.put(upload, data)

            assert told(refused) == (507, "NO_ROOM")
            assert await maria.offset(upload) == ("0", str(len(data)), "?0")
            assert (await maria.put(upload, data)).json()["complete"]


async def test_a_filing_with_files_is_refused_with_a_reason_and_files_nothing(
    counter: Counter, sick: SickFolder, database: Database
) -> None:
    async with in_process(counter, make_feed(database)) as api:
        maria = await api.signed_in(counter)
        body, kind = parts(operation(), {"0": ["variables.input.mainUpload"]}, ("0", "a.pdf", PDF))
        sick.trouble = AWAY

        refused = (await send(maria, body, kind, **PREFLIGHT)).json()["data"]["fileTramite"]

        assert (refused["__typename"], refused["code"]) == ("TooManyRequests", "STORE_UNAVAILABLE")
        assert not await Tramite.exists()
        assert not list(counter.tools.staging.path(uuid4()).parent.iterdir())
        sick.trouble = None
        done = (await send(maria, body, kind, **PREFLIGHT)).json()["data"]["fileTramite"]
        assert done["__typename"] == "FileTramiteSuccess"


async def test_a_receipt_waits_for_the_store_and_is_sealed_and_mailed_later(
    counter: Counter, sick: SickFolder, sink: Sink
) -> None:
    [receipt] = await issued(counter)
    sick.trouble = AWAY

    async with asking(counter, receipt) as http:
        refused = await http.get(f"/receipts/{receipt.id}")
    await deliver(counter, sink)
    with pytest.raises(StoreUnavailable):
        await seal_outstanding(counter.tools)

    assert told(refused) == (503, "STORE_UNAVAILABLE")
    waiting = await Notice.get(kind=NoticeKind.SUBMISSION_RECEIPT)
    assert (waiting.state, waiting.reason) == (NoticeState.PENDING, "STORE_UNAVAILABLE")
    assert (await Receipt.get(id=receipt.id)).content_id is None
    sick.trouble = None
    counter.clock.advance(minutes=2)
    await deliver(counter, sink)
    assert (await Notice.get(id=waiting.id)).state is NoticeState.SENT
    sick.trouble = AWAY
    async with asking(counter, receipt) as http:
        assert told(await http.get(f"/receipts/{receipt.id}")) == (503, "STORE_UNAVAILABLE")
