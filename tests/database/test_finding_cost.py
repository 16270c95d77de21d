"""What lists read of a large table: their own page and no more, whoever looks; and each index is missed when gone."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg
import pytest
from tortoise.connection import get_connections

from reading.filters import Filter
from reading.finding import MOST_COUNTED, PAGE_LENGTH, Slice, counted_of, page_of
from reading.narrowing import narrowed, waiting
from rules.access import Role
from rules.catalogue import Channel, DocumentKind
from rules.lifecycle import TramiteStatus
from rules.orders import OwnerChoice, TramiteOrder
from rules.people import IdentityKind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from tortoise.queryset import QuerySet, ValuesListQuery

    from models.tramites import Tramite
    from reading.access import Viewer
    from reading.narrowing import Part
    from tests.counter import Counter
    from tests.servers.postgres import Database

ROWS = 24_000
TODAY = date(2024, 9, 20)
FEW = 5
A_PAGE = 3 * PAGE_LENGTH
A_COUNT = ROWS // 3
A_COUNTED = 2 * MOST_COUNTED
"""Where as many as are counted are met on the way."""

OF_NO_LIST = {
    "tramites_correct_by": "of the round that lapses trámites",
    "tramites_ended": "of the round that erases what is past its time",
}

# Offices have had their trámites one after the other, the first one in the beginning, so that whoever goes through all
# in their order goes through nearly all; applicants and referrals are everywhere.
FILL = f"""
INSERT INTO tramites (
    id, number, lookup_key, status, observed_before, channel, applicant_id, office_id, subject, sender_name, missing,
    sent_at, filed_on, filing_rule, correct_by, organization_ruc, document_kind, repeats, owner_id)
SELECT gen_random_uuid(), 'MPD-2025-' || to_char(n, 'FM000000'), 'K' || n,
    CASE WHEN n BETWEEN 3000 AND 5999 THEN 'LAPSED' WHEN n < {FEW} OR n BETWEEN 100 AND 299 THEN 'PENDING'
        WHEN n < 3000 OR n % 2 = 0 THEN 'RESOLVED' ELSE 'PENDING' END, false,
    CASE WHEN n BETWEEN 20 AND 29 THEN 'EMAIL' ELSE 'WEB' END,
    CASE WHEN n < {FEW} THEN $1::uuid ELSE ($2::uuid[])[1 + n % 24] END,
    CASE WHEN n < {FEW} THEN $3::uuid ELSE ($4::uuid[])[1 + n * 8 / {ROWS}] END,
    'Pedido ' || n || CASE WHEN n % 5000 = 7 THEN ' zarzuela' ELSE '' END,
    CASE WHEN n % 5000 = 11 THEN 'Zoila Zarate' ELSE 'María Pedido' END, '[]',
    at, at::date, '{{}}', CASE WHEN n % 10 = 3 THEN at::date + 2 END, CASE WHEN n % 5000 = 9 THEN '20131257750' END,
    CASE WHEN n BETWEEN 30 AND 39 THEN 'OTHER' ELSE 'LETTER' END, n BETWEEN 40 AND 49,
    CASE WHEN n BETWEEN 50 AND 59 OR n % 50 = 1 THEN ($2::uuid[])[1 + n % 24] WHEN n BETWEEN 60 AND 69 THEN $5::uuid END
FROM generate_series(0, {ROWS - 1}) n, LATERAL (SELECT timestamptz '2022-01-01 12:00Z' + n * interval '1 hour') t (at)
"""
REFER = f"""
INSERT INTO referrals (id, tramite_id, from_office_id, to_office_id, referred_at)
SELECT gen_random_uuid(), id, CASE WHEN n <= {FEW} THEN $1::uuid ELSE ($2::uuid[])[1 + n % 8] END, office_id, sent_at
FROM (SELECT *, row_number() OVER (ORDER BY sent_at) + {ROWS // 2} AS r FROM tramites) t,
    LATERAL (SELECT r - {ROWS // 2}) s (n)
"""


@dataclass(frozen=True)
class Question:
    """A list that somebody asks for, and how many rows may be read for its page, and for its count."""

    viewer: Viewer
    wanted: Filter
    order: TramiteOrder
    page: int = A_PAGE
    count: int | None = A_PAGE
    is_inbox: bool = False

    async def everything(self) -> list[Part]:
        """Return the queries."""
        if self.is_inbox:
            return await waiting(
                self.viewer, sorted(self.viewer.office_ids) or None, self.wanted, self.order, today=TODAY
            )
        return await narrowed(self.viewer, self.wanted, self.order, today=TODAY)


Statement = tuple[str, list[Any]]


class Asked(NamedTuple):
    """A page or a count in words, how many rows may be read for it, and what is asked of the database."""

    words: str
    most: int
    statements: list[Statement]


async def many(counter: Counter, owner: asyncpg.Connection) -> list[Question]:
    """Fill the tables; return the questions, of people with few trámites and with many."""
    few, busy = await counter.register(), await counter.register()
    others = [busy, *[await counter.register() for _ in range(23)]]
    offices = {row["code"]: row["id"] for row in await owner.fetch("SELECT id, code FROM offices ORDER BY position")}
    remote = offices.pop("PUNO")
    spread = list(offices.values())
    quiet_clerk, busy_clerk = [
        await counter.register(role=Role.CLERK, office=code) for code in ("PUNO", "SEDE-CENTRAL")
    ]
    people = [other.user_id for other in others]
    for table in ("tramites", "past_offices"):  # what is vacuumed meanwhile is planned otherwise
        await owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    await owner.execute(FILL, few.user_id, people, remote, spread, busy_clerk.user_id)
    await owner.execute(REFER, remote, spread)
    await owner.execute("ANALYZE tramites")
    await owner.execute("ANALYZE past_offices")
    supervisor = await counter.register(role=Role.SUPERVISOR)
    narrow = (
        Filter(text="pedido"),
        Filter(statuses=(TramiteStatus.OBSERVED,)),
        Filter(number="MPD-2025-00000"),
        Filter(sent_from=date(2022, 1, 1), sent_to=date(2024, 12, 31)),
        Filter(filed_from=date(2022, 1, 1), filed_to=date(2024, 12, 31)),
        Filter(organization_ruc="20131257750"),
        Filter(office_codes=("PUNO", "LIMA")),
    )
    return [
        *(
            Question(viewer, wanted, order)
            for viewer in (few, quiet_clerk)
            for order in TramiteOrder
            for wanted in (Filter(), *narrow)
        ),
        *(Question(viewer, Filter(), order, count=A_COUNT) for viewer in (busy, supervisor) for order in TramiteOrder),
        *(Question(busy_clerk, Filter(), order, page=3 * A_PAGE, count=None) for order in TramiteOrder),
        Question(busy, Filter(office_codes=("HUANCAYO",)), TramiteOrder.SENT_LATEST_FIRST, count=A_COUNT),
        *(
            Question(supervisor, wanted, TramiteOrder.SENT_LATEST_FIRST)
            for wanted in (
                Filter(text="zarzuela pedido"),
                Filter(organization_ruc="20131257750"),
                Filter(office_codes=("PUNO",)),
                Filter(number="MPD-2025-00001"),
            )
        ),
        *of_the_desk(supervisor, busy_clerk),
    ]


def of_the_desk(supervisor: Viewer, clerk: Viewer) -> list[Question]:
    """Return what staff with much to see ask for; what they look for is among the oldest, where it is met last."""
    due, sent = TramiteOrder.DUE_SOONEST_FIRST, TramiteOrder.SENT_LATEST_FIRST
    earliest = TramiteOrder.SENT_EARLIEST_FIRST
    backlog = Filter(statuses=(TramiteStatus.LAPSED, TramiteStatus.PENDING))
    rare = (
        Filter(channel=Channel.EMAIL),
        Filter(document_kinds=(DocumentKind.OTHER,)),
        Filter(name="zoila"),
        Filter(repeats_file=True),
        Filter(identity_kind=IdentityKind.DNI, identity_number="10000001"),
        Filter(owner=OwnerChoice.ME),
    )
    return [
        *(Question(who, wanted, sent, page=2 * A_PAGE, count=None) for who in (supervisor, clerk) for wanted in rare),
        *(
            Question(who, wanted, order, page=page, count=None)
            for who, wanted, page in (
                (supervisor, replace(backlog, statuses=(TramiteStatus.LAPSED,)), A_PAGE),
                (supervisor, backlog, 3 * A_PAGE),
                (clerk, backlog, 4 * A_PAGE),
            )
            for order in (sent, TramiteOrder.FILED_LATEST_FIRST, earliest)
        ),
        Question(supervisor, Filter(owner=OwnerChoice.SOMEBODY), sent, count=None),
        *(Question(who, Filter(), due, count=None, is_inbox=True) for who in (supervisor, clerk)),
        Question(supervisor, Filter(is_late=True), due, count=None),
        *(Question(supervisor, _sent_in(days), by, count=A_COUNT) for by in (sent, earliest) for days in (10, 30, 90)),
        Question(supervisor, Filter(text="pedido"), sent, count=A_COUNTED),
        Question(supervisor, Filter(name="maría"), sent, count=A_COUNTED),
        Question(clerk, Filter(due_to=date(2022, 1, 3)), due, page=3 * A_PAGE, count=None),
    ]


def _sent_in(days: int) -> Filter:
    """Return the filter of what was sent in the latest days."""
    return Filter(sent_from=TODAY - timedelta(days=days), sent_to=TODAY)


@pytest.fixture
async def owner(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def asked_by(question: Question) -> AsyncGenerator[Asked]:
    """Yield what the database is asked where it is bounded what may be read: for the page, and for the count."""
    everything = await question.everything()
    inbox = "inbox " if question.is_inbox else ""
    words = f"{question.viewer.role} {question.wanted} {question.order}"
    pages = [page_of(part, Slice(), question.order).limit(PAGE_LENGTH + 1) for part in everything]
    yield Asked(f"{inbox}page of {words}", question.page, [statement_of(page) for page in pages])
    if question.count is not None:
        counts = [counted_of(part) for part in everything]
        yield Asked(f"{inbox}count of {words}", question.count, [statement_of(count) for count in counts])


async def complaints(owner: asyncpg.Connection, asked: list[Asked]) -> AsyncGenerator[str]:
    """Yield what is read beyond what may be."""
    for each in asked:
        read = sum([await rows_read(owner, statement) for statement in each.statements])
        if read > each.most:
            yield f"{each.words}: {read:.0f} rows"


async def is_too_slow(owner: asyncpg.Connection, asked: list[Asked]) -> bool:
    """Tell whether there is anything to complain of."""
    async with aclosing(complaints(owner, asked)) as found:
        return await anext(found, None) is not None


def statement_of(query: QuerySet[Tramite] | ValuesListQuery[Any]) -> Statement:
    """Return what a query asks the database, and its values."""
    query.sql()
    return query.query.get_parameterized_sql()


async def rows_read(owner: asyncpg.Connection, asked: Statement) -> int:
    """Return how many rows and entries of an index are looked at."""
    statement, values = asked
    explained = await owner.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *values)
    [said] = json.loads(str(explained))
    return sum(_read_by(node) for node in nodes_of(said["Plan"]) if "Scan" in node["Node Type"])


def _read_by(node: dict[str, Any]) -> int:
    removed = (node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return node["Actual Loops"] * (node["Actual Rows"] + sum(removed))


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes_of(below)


async def indexes(owner: asyncpg.Connection) -> list[str]:
    """Return the indexes that are there for the sake of speed."""
    query = """SELECT indexname FROM pg_indexes WHERE tablename IN ('tramites', 'past_offices')
        AND indexdef NOT LIKE 'CREATE UNIQUE%' ORDER BY indexname"""
    return [row["indexname"] for row in await owner.fetch(query) if row["indexname"] not in OF_NO_LIST]


async def test_no_list_reads_the_whole_table_and_each_index_is_missed(
    counter: Counter, owner: asyncpg.Connection
) -> None:
    asked = [each for question in await many(counter, owner) async for each in asked_by(question)]

    found = [complaint async for complaint in complaints(owner, asked)]
    assert not found, "\n".join(found)
    not_missed = list[str]()
    for index in await indexes(owner):
        gone = owner.transaction()
        await gone.start()
        await owner.execute(f"DROP INDEX {index}")
        if not await is_too_slow(owner, asked):
            not_missed.append(index)
        await gone.rollback()
    assert not not_missed, "nothing is slower without these"


async def test_no_list_is_compiled_or_shared_out_among_processes(counter: Counter) -> None:
    settings = [
        (await get_connections().get("default").execute_query_dict(f"SHOW {name}"))[0][name]
        for name in ("jit", "max_parallel_workers_per_gather")
    ]

    assert settings == ["off", "0"]
