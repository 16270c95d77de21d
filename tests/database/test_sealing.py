"""A receipt is sealed once and kept; everybody is given these bytes, whoever asks, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest
from tortoise import Tortoise

from actions.contents import GRACE, sweep_contents
from actions.press import Press
from actions.sealing import read_receipt, seal_outstanding, sealed_receipt
from delivery.letters import enclosure_of, receipt_with
from delivery.worker import Bell, Delivery
from files.jail import JailBroken, JailFailed, JailTimeout
from files.store import StoredContent
from mesadepartes.database import connected, migrate, tortoise_config
from mesadepartes.migrating import run_migrations
from mesadepartes.verifying import verify
from models.files import Content
from models.receipts import Notice, Receipt
from models.tramites import Tramite
from rules.notices import NoticeKind, NoticeState
from seals.seal import SealUnavailable
from tests.counter import Clock, make_tools
from tests.database.test_delivery import relay_to
from tests.database.test_migrations import FILED_BEFORE
from tests.database.test_verifying import unseen
from tests.database.transfers import served
from tests.seals import KeySigner, curve_key, issue, make_seal, seal_certificate
from tests.servers.second_sealer import STEPS
from tests.stores import path_of
from tests.unit.receipts.samples import USUAL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import httpx

    from actions.credentials import PasswordPool
    from actions.tools import Tools
    from seals.seal import Seal
    from tests.counter import Counter
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

CALLERS = 10


async def issued(counter: Counter, count: int = 1) -> list[Receipt]:
    """File documents and return their receipts in the order of their issue, none of them sealed."""
    maria = await counter.register()
    for _ in range(count):
        await counter.file(maria)
        counter.clock.advance(seconds=1)
    return await Receipt.all().order_by("issued_at")


async def entries(database: Database) -> list[bytes]:
    """Return the leaves of the log of receipts."""
    connection = await asyncpg.connect(database.owner_url)
    rows = await connection.fetch("SELECT hash FROM receipt_log_nodes WHERE level = 0 ORDER BY position")
    assert len(rows) == await connection.fetchval("SELECT size FROM receipt_log")
    await connection.close()
    return [row["hash"] for row in rows]


def leaf(sha256: str) -> bytes:
    """Return the leaf of a file in the log (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\0" + bytes.fromhex(sha256)).digest()


async def second_process(
    counter: Counter, database: Database, receipt: Receipt, *, step: str = ""
) -> asyncio.subprocess.Process:
    """Start another process that seals a receipt."""
    folder = counter.tools.staging.path(uuid4()).parent.parent
    arguments = (database.web_url, str(folder), counter.clock().isoformat(), str(receipt.id), str(CALLERS), step)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.servers.second_sealer", *arguments, stdout=asyncio.subprocess.PIPE
    )


def stored_files(tools: Tools) -> set[str]:
    """Return the names of all that lies in the store."""
    return {path.name for path in path_of(tools.store, "0" * 64).parents[2].rglob("*") if path.is_file()}


def renewed(tools: Tools) -> Tools:
    """Return the tools as they are after a restart with another certificate: another seal makes other bytes."""
    return with_seal(tools, make_seal(tools.clock, issued=issue(curve_key(4711), serial=77)))


def with_seal(tools: Tools, seal: Seal) -> Tools:
    """Return the tools as they are after a restart with another seal."""
    return replace(tools, own_seal=seal, press=replace(tools.press, seal=seal))


@dataclass
class NoRunner:
    """A press that must not be used."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        raise AssertionError("what is sealed is not made again")


@dataclass
class Broken:
    """A press that does not get anything made."""

    why: Exception

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        raise self.why


@dataclass
class Token:
    """A token that answers, or does not."""

    is_there: bool = False
    waits: bool = True

    def sign(self, data: bytes) -> bytes:
        if not self.is_there:
            raise SealUnavailable("the token does not answer")
        return KeySigner(seal_certificate().key).sign(data)


async def test_twenty_callers_in_two_processes_are_given_one_file_that_is_logged_once(
    counter: Counter, database: Database
) -> None:
    [receipt] = await issued(counter)
    other = await second_process(counter, database, receipt)

    kept = await asyncio.gather(*(sealed_receipt(renewed(counter.tools), receipt) for _ in range(CALLERS)))

    answer, _ = await other.communicate()
    assert other.returncode == 0
    row = await Receipt.get(id=receipt.id)
    assert row.content_id is not None
    assert {each.sha256 for each in kept} | set(json.loads(answer)) == {row.content_id}
    assert (row.log_index, await entries(database)) == (0, [leaf(row.content_id)])
    assert row.facts == receipt.facts


@pytest.mark.parametrize("step", [f"{side}{name}" for name in STEPS for side in "-+"])
async def test_whoever_is_killed_while_sealing_loses_nothing_and_leaves_nothing(
    counter: Counter, database: Database, step: str
) -> None:
    [receipt] = await issued(counter)
    before = stored_files(counter.tools)
    killed = await second_process(counter, database, receipt, step=step)
    await killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    left = await Receipt.get(id=receipt.id)
    assert (left.content_id is not None) is (step == "+commit")

    kept = await sealed_receipt(renewed(counter.tools), receipt)

    row = await Receipt.get(id=receipt.id)
    assert row.content_id == kept.sha256 == (left.content_id or kept.sha256)
    assert (row.log_index, await entries(database)) == (0, [leaf(kept.sha256)])
    counter.clock.at = row.issued_at + GRACE * 3
    _make_old(counter.tools, timedelta(days=300))
    while await sweep_contents(counter.tools):
        pass
    assert stored_files(counter.tools) == before | {kept.sha256}
    assert hashlib.sha256(await read_receipt(counter.tools, row)).hexdigest() == kept.sha256


def _make_old(tools: Tools, age: timedelta) -> None:
    at = (tools.clock() - age).timestamp()
    for path in path_of(tools.store, "0" * 64).parents[2].rglob("*"):
        os.utime(path, (at, at))


async def test_mail_and_download_are_the_kept_file_before_and_after_a_restart_and_a_new_certificate(
    counter: Counter,
) -> None:
    [receipt] = await issued(counter)
    notice = await Notice.get(kind=NoticeKind.SUBMISSION_RECEIPT)
    enclosed = await receipt_with(notice)
    assert enclosed is not None
    first = await enclosure_of(counter.tools, enclosed)
    kept = await Receipt.get(id=receipt.id)

    later = renewed(counter.tools)
    again = await enclosure_of(later, enclosed)
    upgraded = replace(later, press=Press(NoRunner(), later.own_seal))
    last = await read_receipt(upgraded, kept)

    assert first.content == again.content == last
    assert hashlib.sha256(last).hexdigest() == kept.content_id
    counter.tools = upgraded
    async with asking(counter, receipt) as http:
        head, got = [await http.request(verb, f"/receipts/{receipt.id}") for verb in ("HEAD", "GET")]
    assert (head.status_code, got.status_code, got.content) == (200, 200, last)
    same = "etag", "content-length", "content-disposition", "repr-digest"
    assert [head.headers[name] for name in same] == [got.headers[name] for name in same]
    assert (head.headers["etag"], head.content) == (f'"{kept.content_id}"', b"")


@asynccontextmanager
async def asking(counter: Counter, receipt: Receipt) -> AsyncGenerator[httpx.AsyncClient]:
    """Serve the downloads, for somebody whose receipt it is."""
    async with served(counter) as server:
        maria = await server.person()
        await Tramite.filter(id=receipt.tramite_id).update(applicant_id=maria.viewer.user_id)
        async with maria.http as http:
            yield http


async def test_a_head_request_seals_what_is_not_sealed_and_is_no_read(counter: Counter) -> None:
    [receipt] = await issued(counter)
    async with asking(counter, receipt) as http:
        head = await http.head(f"/receipts/{receipt.id}")

    row = await Receipt.get(id=receipt.id)
    assert (head.status_code, head.headers["etag"]) == (200, f'"{row.content_id}"')


async def test_while_the_seal_is_away_filing_goes_on_mail_waits_and_the_download_says_so(
    counter: Counter, sink: Sink
) -> None:
    token = Token()
    counter.tools = with_seal(counter.tools, make_seal(counter.clock, signer=token))
    [receipt] = await issued(counter)
    async with asking(counter, receipt) as http:
        answers = [await http.request(verb, f"/receipts/{receipt.id}") for verb in ("GET", "HEAD")]
    await deliver(counter, sink)
    with pytest.raises(SealUnavailable):
        await seal_outstanding(counter.tools)

    assert [(each.status_code, each.headers["retry-after"]) for each in answers] == [(503, "60")] * 2
    assert answers[0].json()["code"] == "RECEIPT_NOT_SEALED_YET"
    waiting = await Notice.get(kind=NoticeKind.SUBMISSION_RECEIPT)
    assert (waiting.state, waiting.reason) == (NoticeState.PENDING, "RECEIPT_NOT_SEALED")
    assert (await Receipt.get(id=receipt.id)).content_id is None

    token.is_there = True
    counter.clock.advance(minutes=2)
    assert await seal_outstanding(counter.tools) == 1
    await deliver(counter, sink)

    [mail] = [each for each in sink.mails if "Constancia" in str(each.message["Subject"])]
    (attached,) = mail.message.iter_attachments()
    assert hashlib.sha256(attached.get_content()).hexdigest() == (await Receipt.get(id=receipt.id)).content_id


@pytest.mark.parametrize("broken", [JailFailed("crash"), JailTimeout(), JailBroken("no process")])
async def test_a_receipt_that_cannot_be_made_is_not_sealed_yet_for_who_downloads_it(
    counter: Counter, broken: Exception
) -> None:
    [receipt] = await issued(counter)
    counter.tools = replace(counter.tools, press=replace(counter.tools.press, runner=Broken(broken)))

    async with asking(counter, receipt) as http:
        answer = await http.get(f"/receipts/{receipt.id}")

    assert (answer.status_code, answer.json()["code"]) == (503, "RECEIPT_NOT_SEALED_YET")


async def deliver(counter: Counter, sink: Sink) -> None:
    """Send what is due."""
    delivery = Delivery(counter.tools, relay_to(sink.port), Bell(), asyncio.Event())
    while await delivery.deliver_next(uuid4()):
        pass


async def test_the_round_seals_the_oldest_first_in_batches_of_one_transaction(
    counter: Counter, database: Database
) -> None:
    receipts = await issued(counter, 20)

    assert await seal_outstanding(counter.tools) == 20
    assert await seal_outstanding(counter.tools) == 0

    rows = await Receipt.all().order_by("log_index")
    assert [row.id for row in rows] == [receipt.id for receipt in receipts]
    assert [row.log_index for row in rows] == list(range(20))
    assert await entries(database) == [leaf(str(row.content_id)) for row in rows]
    assert [row.facts for row in rows] == [receipt.facts for receipt in receipts]
    assert len(await _transactions(database)) == 2
    await verify(database.web_url, counter.tools.store, anchors=(), progress=unseen)


async def _transactions(database: Database) -> set[int]:
    connection = await asyncpg.connect(database.owner_url)
    found = {row[0] for row in await connection.fetch("SELECT xmin::text::bigint FROM receipts")}
    await connection.close()
    return found


async def test_one_that_cannot_be_made_is_told_and_passed_over(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    receipts = await issued(counter, 3)
    await Receipt.filter(id=receipts[0].id).update(facts={"layout": 2})

    assert await seal_outstanding(counter.tools) == 2

    told = [record for record in caplog.records if getattr(record, "action", None) == "receipt_unmade"]
    assert [getattr(record, "receipt_id", None) for record in told] == [str(receipts[0].id)]
    assert [row.log_index for row in await Receipt.all().order_by("issued_at")] == [None, 0, 1]


def of_first_layout(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts as they were frozen before receipts were sealed."""
    new = ("issued_at", "entity_ruc", "letterhead", "seal", "log_head")
    return {name: value for name, value in facts.items() if name not in new} | {"layout": 1}


ISSUED_BEFORE = """
INSERT INTO receipts (id, tramite_id, kind, version, verification_code, facts, issued_at)
SELECT gen_random_uuid(), id, 'SUBMISSION', 1, 'K7QM-2F9X-8ZRD-4TBW', $1, sent_at FROM tramites
"""


async def test_what_was_issued_before_receipts_were_sealed_is_sealed_after_the_upgrade(
    empty_database: Database, tmp_path: Path, lasting_jail: LastingJail, password_pool: PasswordPool
) -> None:
    await run_migrations(tortoise_config(empty_database.owner_url, role=None), target="0033_one_mail_per_account")
    await Tortoise.close_connections()
    old, connection = of_first_layout(USUAL.to_json()), await asyncpg.connect(empty_database.owner_url)
    await connection.execute(FILED_BEFORE)
    await connection.execute(ISSUED_BEFORE, json.dumps(old))

    await migrate(empty_database.owner_url)

    tools = make_tools(tmp_path, clock=Clock(), jail=lasting_jail, hasher=password_pool)
    async with connected(empty_database.web_url):
        before = await Receipt.get()
        assert (before.content_id, before.sealed_at, before.log_index) == (None, None, None)
        assert await seal_outstanding(tools) == 1
        after = await Receipt.get()
        assert (await read_receipt(tools, after)).startswith(b"%PDF-")
    assert (after.facts, after.issued_at, after.log_index) == (old, before.issued_at, 0)
    assert await entries(empty_database) == [leaf(str(after.content_id))]
    await connection.close()


async def test_receipts_of_the_first_layout_are_sealed_as_they_were_issued(counter: Counter) -> None:
    receipts = await issued(counter, 2)
    old = of_first_layout(receipts[0].facts)
    await Receipt.filter(id=receipts[0].id).update(facts=old)

    assert await seal_outstanding(counter.tools) == 2

    row = await Receipt.get(id=receipts[0].id)
    assert (row.facts, row.log_index) == (old, 0)
    assert (await read_receipt(counter.tools, row)).startswith(b"%PDF-")


async def test_a_damaged_file_is_no_receipt_and_is_told(
    counter: Counter, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    [receipt] = await issued(counter)
    kept = await sealed_receipt(counter.tools, receipt)
    path = path_of(counter.tools.store, kept.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    await deliver(counter, sink)
    async with asking(counter, receipt) as http:
        response = await http.get(f"/receipts/{receipt.id}")

    assert response.status_code == 500
    waiting = await Notice.get(kind=NoticeKind.SUBMISSION_RECEIPT)
    assert (waiting.state, waiting.reason) == (NoticeState.PENDING, "RECEIPT_DAMAGED")
    lost = [record for record in caplog.records if getattr(record, "action", None) == "content_lost"]
    assert [getattr(record, "sha256", None) for record in lost] == [kept.sha256] * 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE receipts SET content_id = NULL, sealed_at = NULL, log_index = NULL WHERE id = $1",
        "UPDATE receipts SET sealed_at = sealed_at + interval '1 second' WHERE id = $1",
        "UPDATE receipts SET log_index = 7 WHERE id = $1",
        "DELETE FROM receipts WHERE id = $1",
    ],
)
async def test_the_database_lets_nobody_seal_a_receipt_again(
    counter: Counter, database: Database, statement: str
) -> None:
    [receipt] = await issued(counter)
    await sealed_receipt(counter.tools, receipt)
    owner = await asyncpg.connect(database.owner_url)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="sealed once"):
        await owner.execute(statement, receipt.id)

    await owner.close()


@pytest.mark.parametrize("columns", ["log_index = 0", "sealed_at = now()", "log_index = -1, sealed_at = now()"])
async def test_a_receipt_is_sealed_wholly_or_not(counter: Counter, database: Database, columns: str) -> None:
    [receipt] = await issued(counter)
    owner = await asyncpg.connect(database.owner_url)

    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(f"UPDATE receipts SET {columns} WHERE id = $1", receipt.id)

    await owner.close()


async def test_the_file_of_a_receipt_stays_though_it_was_taken_for_abandoned(counter: Counter) -> None:
    [receipt] = await issued(counter)
    kept = await sealed_receipt(counter.tools, receipt)
    await Content.filter(sha256=kept.sha256).update(abandoned_at=counter.clock())
    counter.clock.advance(days=1)
    _make_old(counter.tools, timedelta(days=300))

    await sweep_contents(counter.tools)

    assert await counter.tools.store.exists(kept.sha256)
    content = await Content.get(sha256=kept.sha256)
    assert (content.abandoned_at, content.erased_at) == (None, None)


async def test_the_bytes_are_there_when_the_row_says_so(counter: Counter) -> None:
    [receipt] = await issued(counter)

    kept = await sealed_receipt(counter.tools, receipt)

    content = await Content.get(sha256=kept.sha256)
    assert kept == StoredContent(content.sha256, content.size_bytes)
    assert (content.abandoned_at, content.erased_at) == (None, None)
    assert await counter.tools.store.size(kept.sha256) == kept.size_bytes
