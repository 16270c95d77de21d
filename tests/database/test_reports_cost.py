"""What reports read of large tables of facts: of days the period, of steps months and a bucket; each by its index."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from reading.reports import Wanted, question
from rules.reports import Period, ReportGroup

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from tests.counter import Counter
    from tests.servers.postgres import Database

TODAY = date(2026, 3, 9)
DAYS = 1_200
EACH = 6
"""Steps on each day in each cell."""

FILL = f"""
INSERT INTO report_cells (office_id, document_kind, channel, status)
SELECT id, 'LETTER', 'WEB', 'RESOLVED' FROM offices;
CREATE TEMPORARY TABLE d AS SELECT c.id AS cell, n, date '{TODAY}' - n AS day
FROM report_cells c, generate_series(0, {DAYS - 1}) n;
INSERT INTO report_acts SELECT day, cell, act, 1 FROM d, unnest(ARRAY['FILED', 'REFERRED', 'RESOLVED', 'VOIDED']) act;
INSERT INTO report_waiting SELECT cell, day, 1, 0 FROM d;
INSERT INTO report_waiting_months
SELECT cell, date_trunc('month', day::timestamp)::date, count(*), 0 FROM d GROUP BY 1, 2;
INSERT INTO report_steps SELECT cell, day, 5, bucket, bucket * 1000 + n % 7, n
FROM d, generate_series(1, {EACH}) e, LATERAL (SELECT (n * 7 + e * 31) % 100) b (bucket);
INSERT INTO report_months SELECT date_trunc('month', day::timestamp)::date, cell_id, step, bucket, count(*)
FROM report_steps GROUP BY 1, 2, 3, 4;
"""

ASKED = {
    "a month by office": Wanted(period=Period(date(2026, 1, 1), date(2026, 1, 31)), group=ReportGroup.OFFICE),
    "a year of one office": Wanted(period=Period(date(2025, 3, 3), date(2026, 3, 2)), office_codes=("PUNO",)),
    "a month of one office by day": Wanted(
        period=Period(date(2025, 1, 1), date(2025, 1, 31)), group=ReportGroup.DAY, office_codes=("PUNO",)
    ),
}

MOST = {"report_acts": 130, "report_waiting": 50, "report_waiting_months": 10, "report_steps": 170, "report_months": 80}
"""Blocks that a report may read of each table and its indexes."""

TOO_SMALL = "report_waiting_months"
"""A row for each cell and month: it is read through in no time, and its key is there to add to a row."""


@pytest.fixture
async def owner(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes_of(below)


async def read_of(owner: asyncpg.Connection, wanted: Wanted) -> dict[str, int]:
    """Return how many blocks are looked at of each table and its indexes."""
    statement, values = question(wanted, min(TODAY, wanted.period.to_on))
    explained = await owner.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}", *values)
    [said] = json.loads(str(explained))
    read = dict[str, int]()
    for node in nodes_of(said["Plan"]):
        if table := node.get("Relation Name"):
            read[table] = read.get(table, 0) + node["Shared Hit Blocks"] + node["Shared Read Blocks"]
    return read


async def complaints(owner: asyncpg.Connection) -> list[str]:
    """Return what is read beyond what may be."""
    found = list[str]()
    for name, wanted in ASKED.items():
        read = await read_of(owner, wanted)
        found += [
            f"{blocks} blocks of {table} for {name}"
            for table, most in MOST.items()
            if (blocks := read.get(table, 0)) > most
        ]
    return found


async def test_no_report_reads_more_than_its_period_and_each_index_is_missed(
    counter: Counter, owner: asyncpg.Connection
) -> None:
    await owner.execute("SET synchronous_commit = on")  # else VACUUM may not take what is there for seen by all
    await owner.execute(FILL)
    for table in MOST:
        await owner.execute(f"VACUUM (ANALYZE) {table}")

    found = await complaints(owner)
    assert not found, "\n".join(found)
    for table in MOST.keys() - {TOO_SMALL}:
        assert await missed(owner, f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey"), table
    assert await missed(owner, "DROP INDEX report_steps_day")


async def missed(owner: asyncpg.Connection, statement: str) -> list[str]:
    """Return what is read beyond what may be without what *statement* takes away."""
    gone = owner.transaction()
    await gone.start()
    await owner.execute(statement)
    found = await complaints(owner)
    await gone.rollback()
    return found
