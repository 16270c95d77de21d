"""What a search by words of files reads of a large table; and what would take too long is refused, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from reading.filters import Filter
from reading.finding import PAGE_LENGTH, Slice, counted_of, page_of
from reading.narrowing import narrowed
from rules.access import Role
from rules.orders import TramiteOrder
from tests.database.looking import FIND
from tests.database.test_finding_cost import FILL, ROWS, TODAY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from reading.access import Viewer
    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

# Each trámite has a file of its own, with words that all have and one that five of the oldest have.
FILES = f"""
WITH numbered AS (SELECT id, lpad(row_number() OVER (ORDER BY sent_at)::text, 64, '0') AS sha256 FROM tramites),
stored AS (
    INSERT INTO contents (sha256, size_bytes, stored_at) SELECT sha256, 1, now() FROM numbered RETURNING sha256),
attached AS (
    INSERT INTO attachments (id, tramite_id, version, role, position, name, content_id, size_bytes, awaits_text)
    SELECT gen_random_uuid(), n.id, 1, 'MAIN', 0, 'a.pdf', sha256, 1, false FROM numbered n JOIN stored USING (sha256))
INSERT INTO content_texts (id, content_id, state, try_after, done_at, characters, words)
SELECT gen_random_uuid(), sha256, 'DONE', now(), now(), 1, to_tsvector('public.spanish_plain',
    'instituto penitenciario' || CASE WHEN sha256 < lpad('6', 64, '0') THEN ' zarzuela' ELSE '' END
    || CASE WHEN sha256 > lpad('{ROWS - 300}', 64, '0') THEN '' ELSE ' quelonio' END)
FROM stored
"""

READ = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"


@pytest.fixture
async def owner(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def fill(counter: Counter, owner: asyncpg.Connection) -> list[Viewer]:
    """Fill the tables; return a supervisor, a clerk with thousands, and an applicant with five."""
    few, busy = await counter.register(), await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    offices = [row["id"] for row in await owner.fetch("SELECT id FROM offices ORDER BY position")]
    await owner.execute(FILL, few.user_id, [busy.user_id] * 24, offices[1], offices[:8], clerk.user_id)
    await owner.execute(FILES)
    await owner.execute("ANALYZE tramites, attachments, contents, content_texts")
    return [await counter.register(role=Role.SUPERVISOR), clerk, few]


async def read_for(owner: asyncpg.Connection, viewer: Viewer, words: str) -> tuple[int, int]:
    """Return how many rows are looked at for a page, and for its count."""
    order = TramiteOrder.SENT_LATEST_FIRST
    parts = await narrowed(viewer, Filter(in_files=words), order, today=TODAY)
    pages: list[Any] = [page_of(part, Slice(), order).limit(PAGE_LENGTH + 1) for part in parts]
    counts = [counted_of(part) for part in parts]
    return await _read_by(owner, pages), await _read_by(owner, counts)


async def _read_by(owner: asyncpg.Connection, queries: list[Any]) -> int:
    """Return how many rows are fetched for queries, also by the functions that they call."""
    read = 0
    for query in queries:
        query.sql()
        statement, values = query.query.get_parameterized_sql()
        async with owner.transaction():
            before = int(await owner.fetchval(READ) or 0)
            await owner.fetch(statement, *values)
            read += int(await owner.fetchval(READ) or 0) - before
    return read


async def test_a_rare_word_is_looked_up_and_a_frequent_one_met_on_the_way(
    counter: Counter, owner: asyncpg.Connection
) -> None:
    everybody = await fill(counter, owner)
    supervisor = everybody[0]

    rare = [await read_for(owner, viewer, "instituto zarzuela") for viewer in everybody]
    frequent = await read_for(owner, supervisor, "penitenciario")
    late = await read_for(owner, supervisor, "quelonio")
    await owner.execute("DROP INDEX content_texts_words")
    missed = await read_for(owner, supervisor, "instituto zarzuela")

    assert max(max(read) for read in rare) <= 60, rare
    assert frequent[0] <= 6 * PAGE_LENGTH
    assert late[0] <= 6 * (300 + PAGE_LENGTH)
    assert frequent[1] <= 6_000
    assert missed[0] > ROWS


SLOW = """
CREATE SEQUENCE tries;
GRANT USAGE ON tries TO PUBLIC;
CREATE OR REPLACE FUNCTION content_texts_having(p_words text, p_most int) RETURNS int
LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM nextval('tries'), pg_sleep(60); RETURN 0; END $$
"""


@pytest.mark.parametrize("statement_seconds", [1])
@pytest.mark.parametrize(
    "document", [FIND, "query($filter: TramiteFilter) { inbox(filter: $filter) { edges { cursor } } }"]
)
async def test_what_takes_too_long_is_refused_with_what_to_do(
    counter: Counter, owner: asyncpg.Connection, api: Api, document: str
) -> None:
    await owner.execute(SLOW)
    boss = await api.signed_in(counter, role=Role.SUPERVISOR)

    [error] = (await boss.answer(document, filter={"inFiles": "uno"}))["errors"]

    assert (error["extensions"]["code"], error["extensions"]["path"]) == ("SEARCH_TOO_BROAD", ["filter"])
    assert await owner.fetchval("SELECT last_value FROM tries") == 1, "it is not tried again"
