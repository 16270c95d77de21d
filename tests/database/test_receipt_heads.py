"""Heads of the log of receipts: one for each day that is over, only once all its receipts are in it, and for ever."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import pytest
from asn1crypto import cms

from actions.receipt_heads import publish_heads, stamp_heads
from actions.transaction import database as db
from models.receipt_log import LogHead
from models.receipts import Notice, Receipt
from rules import merkle
from rules.notices import NoticeKind
from rules.receipt_proofs import Head
from rules.receipts import LogHeadFacts, ReceiptFacts
from tests.counter import INSTITUTION, MONDAY

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

KEEPER = "custodia@otra-entidad.example"
TUESDAY = datetime(2026, 3, 10, 5, 10, tzinfo=UTC)
"""Ten past midnight in Lima, after the Monday of the test counter."""

SEAL = """
WITH content AS (
    INSERT INTO contents (sha256, size_bytes, stored_at) VALUES ($2, 1, $3) ON CONFLICT DO NOTHING),
appended AS (SELECT receipt_log_append(ARRAY[decode($2, 'hex')]) AS place)
UPDATE receipts SET content_id = $2, sealed_at = $3, log_index = place FROM appended WHERE id = $1 RETURNING place
"""


async def seal(counter: Counter, receipt: Receipt) -> bytes:
    """Note a receipt as sealed, as if its file were its own id; return the entry of the log."""
    entry = hashlib.sha256(receipt.id.bytes).digest()
    await db().execute_query_dict(SEAL, [receipt.id, entry.hex(), counter.clock()])
    return entry


async def seal_all(counter: Counter) -> list[bytes]:
    waiting = await Receipt.filter(log_index__isnull=True).order_by("issued_at", "id")
    return [await seal(counter, each) for each in waiting]


async def heads() -> list[tuple[date, int, bytes]]:
    return [(head.day, head.size, head.root) for head in await LogHead.all().order_by("day")]


async def test_a_day_that_is_over_gets_a_signed_head(counter: Counter) -> None:
    maria = await counter.register()
    for _ in range(3):
        await counter.file(maria)
    entries = await seal_all(counter)
    counter.clock.at = TUESDAY

    made = [await publish_heads(counter.tools) for _ in range(2)]

    assert made == [1, 0]
    [head] = await LogHead.all()
    assert (head.day, head.size, head.root) == (date(2026, 3, 9), 3, merkle.root_of(entries))
    signed = Head(log=INSTITUTION.public_url, day=head.day, size=3, root=head.root).to_bytes()
    assert head.signature == counter.tools.seal.sign(hashlib.sha256(signed).digest())
    assert cms.ContentInfo.load(head.signature)["content_type"].native == "signed_data"
    assert head.certificates.count("BEGIN CERTIFICATE") == len(counter.tools.seal.certificates)
    assert (head.made_at, head.time_stamp) == (TUESDAY, None)


async def test_a_day_is_left_ten_minutes_for_what_was_begun_on_it(counter: Counter) -> None:
    await counter.file(await counter.register())
    await seal_all(counter)
    counter.clock.at = TUESDAY - timedelta(seconds=1)

    await publish_heads(counter.tools)

    assert await heads() == []


async def test_a_head_waits_for_a_receipt_that_is_not_sealed(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    maria = await counter.register()
    await counter.file(maria)
    [first] = await seal_all(counter)
    await counter.file(maria)
    counter.clock.at = TUESDAY

    waited = await publish_heads(counter.tools)
    before, said = await heads(), caplog.text
    [told] = [record for record in caplog.records if getattr(record, "action", None) == "head_waits"]
    unsealed = await Receipt.get(log_index__isnull=True)
    [second] = await seal_all(counter)
    made = await publish_heads(counter.tools)

    assert (waited, before, made) == (0, [], 1)
    assert "The head of 2026-03-09 waits for receipts that are not sealed" in said
    assert getattr(told, "receipt_id", None) == str(unsealed.id)
    assert await heads() == [(date(2026, 3, 9), 2, merkle.root_of([first, second]))]


async def test_a_receipt_of_today_is_not_waited_for(counter: Counter) -> None:
    maria = await counter.register()
    await counter.file(maria)
    [entry] = await seal_all(counter)
    counter.clock.at = TUESDAY
    await counter.file(maria)

    assert await publish_heads(counter.tools) == 1
    assert await heads() == [(date(2026, 3, 9), 1, merkle.root_of([entry]))]


async def test_what_was_erased_before_it_was_sealed_is_not_waited_for(counter: Counter) -> None:
    await counter.file(await counter.register())
    await Receipt.all().update(erased_at=MONDAY, facts_sha256="0" * 64, facts={})
    counter.clock.at = TUESDAY

    assert await publish_heads(counter.tools) == 1


async def test_an_empty_log_and_an_empty_day_have_heads_too(counter: Counter) -> None:
    counter.clock.at = TUESDAY
    first = await publish_heads(counter.tools)
    await counter.file(await counter.register())
    [entry] = await seal_all(counter)
    counter.clock.advance(days=1)
    second = await publish_heads(counter.tools)
    counter.clock.advance(days=1)
    third = await publish_heads(counter.tools)

    assert (first, second, third) == (1, 1, 1)
    root = merkle.root_of([entry])
    assert await heads() == [
        (date(2026, 3, 9), 0, merkle.EMPTY_ROOT),
        (date(2026, 3, 10), 1, root),
        (date(2026, 3, 11), 1, root),
    ]


async def test_days_on_which_nothing_ran_are_caught_up_in_their_order_and_told_in_one_mail(counter: Counter) -> None:
    tools = replace(counter.tools, anchor_address=KEEPER)
    await counter.file(await counter.register())
    [entry] = await seal_all(counter)
    counter.clock.at = TUESDAY + timedelta(days=4)

    assert await publish_heads(tools) == 5

    days = [date(2026, 3, 9) + timedelta(days=number) for number in range(5)]
    assert await heads() == [(day, 1, merkle.root_of([entry])) for day in days]
    [mail] = await Notice.filter(kind=NoticeKind.REGISTER_ANCHORED)
    root = merkle.root_of([entry]).hex()
    assert (mail.address, mail.detail["anchors"]) == (KEEPER, [f"{day} receipts 1 {root}" for day in days])


async def test_days_before_one_that_waits_are_published(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    maria = await counter.register()
    await counter.file(maria)
    [entry] = await seal_all(counter)
    counter.clock.advance(days=2)
    await counter.file(maria)
    counter.clock.at = TUESDAY + timedelta(days=4)

    assert await publish_heads(counter.tools) == 2

    assert await heads() == [(date(2026, 3, day), 1, merkle.root_of([entry])) for day in (9, 10)]
    assert "The head of 2026-03-11 waits" in caplog.text


async def test_several_workers_publish_a_day_once(counter: Counter) -> None:
    tools = replace(counter.tools, anchor_address=KEEPER)
    await counter.file(await counter.register())
    await seal_all(counter)
    counter.clock.at = TUESDAY

    made = await asyncio.gather(*(publish_heads(tools) for _ in range(4)))

    assert sum(made) == await LogHead.all().count() == 1
    assert await Notice.filter(kind=NoticeKind.REGISTER_ANCHORED).count() == 1


async def test_new_receipts_print_the_last_head(counter: Counter) -> None:
    maria = await counter.register()
    first = await counter.file(maria)
    entries = await seal_all(counter)
    counter.clock.at = TUESDAY
    await publish_heads(counter.tools)
    second = await counter.file(maria)

    facts = [ReceiptFacts.from_json((await Receipt.get(tramite_id=each.id)).facts) for each in (first, second)]
    head = LogHeadFacts(day=date(2026, 3, 9), size=1, root_sha256=merkle.root_of(entries).hex())
    assert [each.log_head for each in facts] == [None, head]


INSERT = """
INSERT INTO receipts (id, tramite_id, kind, version, verification_code, facts, issued_at)
SELECT $1::uuid, tramite_id, kind, 9, replace($1::uuid::text, '-', ''), facts, $2 FROM receipts LIMIT 1
"""


async def publish_monday(counter: Counter) -> None:
    await counter.file(await counter.register())
    await seal_all(counter)
    counter.clock.at = TUESDAY
    assert await publish_heads(counter.tools) == 1


@pytest.mark.parametrize(
    "at", [MONDAY, datetime(2026, 3, 10, 4, 59, 59, 999999, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)]
)
async def test_no_receipt_is_dated_on_a_published_day_not_even_by_the_owner(
    counter: Counter, database: Database, at: datetime
) -> None:
    await publish_monday(counter)

    for url in (database.web_url, database.owner_url):
        connection = await asyncpg.connect(url)
        with pytest.raises(asyncpg.RestrictViolationError, match="the head of the log of that day is published"):
            await connection.execute(INSERT, uuid4(), at)
        with pytest.raises(asyncpg.RestrictViolationError, match="the date of a receipt stays"):
            await connection.execute("UPDATE receipts SET issued_at = $1", at - timedelta(days=1))
        await connection.close()
    assert await Receipt.all().count() == 1


async def test_the_first_instant_after_a_published_day_is_free(counter: Counter, database: Database) -> None:
    await publish_monday(counter)
    connection = await asyncpg.connect(database.web_url)
    await connection.execute(INSERT, uuid4(), datetime(2026, 3, 10, 5, 0, tzinfo=UTC))
    await connection.close()

    assert await Receipt.all().count() == 2


async def test_a_head_waits_for_a_receipt_in_flight_and_is_not_made_without_it(
    counter: Counter, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await counter.file(await counter.register())
    await seal_all(counter)
    counter.clock.at = TUESDAY
    connection = await asyncpg.connect(database.web_url)
    late = connection.transaction()
    await late.start()
    await connection.execute(INSERT, uuid4(), MONDAY)

    publishing = asyncio.create_task(publish_heads(counter.tools))
    await database.until_somebody_waits(unless=publishing)
    waited = not publishing.done()
    await late.commit()
    made = await publishing
    await connection.close()

    assert (waited, made, await heads()) == (True, 0, [])
    assert "A receipt came while the head of 2026-03-09 was made" in caplog.text
    entries = await seal_all(counter)
    assert (len(entries), await publish_heads(counter.tools)) == (1, 1)


async def test_a_receipt_that_comes_while_the_head_is_made_waits_and_is_refused(
    counter: Counter, database: Database
) -> None:
    await counter.file(await counter.register())
    await seal_all(counter)
    publisher, late = await asyncpg.connect(database.owner_url), await asyncpg.connect(database.web_url)
    head = publisher.transaction()
    await head.start()
    signed = ("https://x.pe", date(2026, 3, 9), 1, await publisher.fetchval("SELECT receipt_log_root(1)"), b"x", "x")
    assert await publisher.fetchval("SELECT receipt_log_publish($1, $2, $3, $4, $5, $6, $7)", *signed, TUESDAY)

    issuing = asyncio.create_task(late.execute(INSERT, uuid4(), MONDAY))
    await database.until_somebody_waits(unless=issuing)
    waited = not issuing.done()
    await head.commit()

    with pytest.raises(asyncpg.RestrictViolationError):
        await issuing
    assert waited
    await publisher.close()
    await late.close()


PUBLISH = "SELECT receipt_log_publish($1, $2, $3, receipt_log_root($4), 'x', 'x', $5)"
LOG = INSTITUTION.public_url


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("https://other.pe", date(2026, 3, 10), 1, 1, TUESDAY + timedelta(days=1)), "no head of the log"),
        ((LOG, date(2026, 3, 10), 2, 1, TUESDAY + timedelta(days=1)), "no head of the log"),
        ((LOG, date(2026, 3, 10), 0, 0, TUESDAY + timedelta(days=1)), "no head of the log"),
        ((LOG, date(2026, 3, 10), 1, 0, TUESDAY + timedelta(days=1)), "no head of the log"),
        ((LOG, date(2026, 3, 10), 1, 1, TUESDAY), "when its day is over"),
    ],
)
async def test_the_database_refuses_what_is_no_head(
    counter: Counter, database: Database, values: tuple[object, ...], said: str
) -> None:
    await publish_monday(counter)
    connection = await asyncpg.connect(database.web_url)

    with pytest.raises(asyncpg.CheckViolationError, match=said):
        await connection.fetchval(PUBLISH, *values)

    assert not await connection.fetchval(PUBLISH, LOG, date(2026, 3, 9), 1, 1, TUESDAY)
    assert not await connection.fetchval(PUBLISH, LOG, date(2026, 3, 8), 1, 1, TUESDAY)
    await connection.close()
    assert len(await heads()) == 1


class Stamping:
    """An authority that stamps what it is shown, or is away."""

    def __init__(self, *tokens: bytes | None) -> None:
        self.tokens = list(tokens)
        self.shown = list[bytes]()

    async def stamp(self, digest: bytes) -> bytes | None:
        """Return the next token."""
        self.shown.append(digest)
        return self.tokens.pop(0)


async def test_a_head_is_stamped_later_once_and_without_an_authority_never(
    counter: Counter, database: Database
) -> None:
    counter.clock.at = TUESDAY
    await publish_heads(counter.tools)
    [head] = await LogHead.all()
    authority = Stamping(None, b"token", b"another")
    tools = replace(counter.tools, stamps=authority)

    done = [await stamp_heads(each) for each in (counter.tools, tools, tools, tools)]

    assert done == [0, 0, 1, 0]
    assert authority.shown == [hashlib.sha256(head.signature).digest()] * 2
    assert (await LogHead.get(day=head.day)).time_stamp == b"token"
    connection = await asyncpg.connect(database.owner_url)
    assert not await connection.fetchval("SELECT receipt_log_stamp($1, 'other')", head.day)
    for change in ("time_stamp = 'other'", "time_stamp = NULL", "size = 9", "signature = 'x'", "made_at = now()"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(f"UPDATE receipt_log_heads SET {change}")
    await connection.close()
