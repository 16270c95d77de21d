"""What reports read of large tables of facts: of days the period, of steps their months and a bucket; by an index."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from reading.reports import Wanted, cells_for, question, titles_of
from rules.reports import Period, ReportGroup

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from tests.counter import Counter
    from tests.servers.postgres import Database

TODAY = date(2026, 3, 9)
DAYS = 1_200
"""Some three years of days, each with one fact of each table and cell."""

FILL = f"""
INSERT INTO report_cells (office_id, document_kind, channel, status)
SELECT id, 'LETTER', 'WEB', 'RESOLVED' FROM offices;
CREATE TEMPORARY TABLE d AS SELECT c.id AS cell, n, date '{TODAY}' - n AS day
FROM report_cells c, generate_series(0, {DAYS - 1}) n;
INSERT INTO report_acts SELECT day, cell, 'RESOLVED', 1 FROM d;
INSERT INTO report_waiting SELECT cell, day, 1, 0 FROM d;
INSERT INTO report_steps SELECT 'RESOLUTION', n % 100, cell, day, n % 100 * 1000 + n % 7, n FROM d;
INSERT INTO report_months SELECT date_trunc('month', day::timestamp)::date, cell_id, step, bucket, count(*)
FROM report_steps GROUP BY 1, 2, 3, 4;
"""

A_MONTH = Wanted(period=Period(date(2026, 2, 1), date(2026, 2, 28)), group=ReportGroup.OFFICE)
A_WEEK = Wanted(period=Period(date(2026, 3, 2), date(2026, 3, 8)))
DAILY = Wanted(period=Period(date(2026, 2, 1), date(2026, 2, 28)), group=ReportGroup.DAY, office_codes=("PUNO",))
A_YEAR = Wanted(period=Period(date(2025, 3, 3), date(2026, 3, 2)), office_codes=("PUNO",))

MOST = {"report_acts": 9 * 28, "report_steps": 9 * 28 * 3, "report_months": 9 * 28, "report_waiting": 9 * DAYS}
"""Of the rows, with as many again that an index looks at; of one office a ninth."""


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
    """Return how many rows, or entries of an index, are looked at in each table."""
    cells, counted_on = await cells_for(wanted), min(TODAY, wanted.period.to_on)
    statement, values = question(wanted, cells, list(await titles_of(wanted, cells, counted_on)), counted_on)
    explained = await owner.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *values)
    [said] = json.loads(str(explained))
    read = dict[str, int]()
    for node in nodes_of(said["Plan"]):
        if (table := node.get("Relation Name")) is not None:
            removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            read[table] = read.get(table, 0) + int(node["Actual Loops"] * (node["Actual Rows"] + removed))
    return read


async def complaints(owner: asyncpg.Connection) -> list[str]:
    """Return what is read beyond what may be."""
    found = list[str]()
    for wanted in (A_MONTH, A_WEEK, DAILY, A_YEAR):
        most = {**MOST, "report_waiting": DAYS} if wanted.office_codes else MOST
        if wanted is A_YEAR:
            most = {**most, "report_acts": 366 * 9, "report_months": 13 * 31 * 9, "report_steps": 9 * 62}
        read = await read_of(owner, wanted)
        found += [f"{rows} of {table} for {wanted}" for table, rows in read.items() if rows > most.get(table, 20 * 20)]
    return found


async def test_no_report_reads_more_than_its_period_and_each_index_is_missed(
    counter: Counter, owner: asyncpg.Connection
) -> None:
    await owner.execute(FILL)
    for table in MOST:
        await owner.execute(f"VACUUM (ANALYZE) {table}")

    found = await complaints(owner)
    assert not found, "\n".join(found)
    for table in MOST:
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
