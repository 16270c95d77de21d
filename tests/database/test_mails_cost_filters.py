"""What a page of mails reads by each filter: its own rows, wherever in the ledger they lie; each index is missed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from reading import mails as reading
from reading.cursors import place_of
from reading.mails import MailFilter
from rules.access import Role
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

ROWS, PAGE, MAILBOXES = 20_000, 10, 3
A_PAGE = 3 * MAILBOXES * PAGE
"""How many rows a page of all mailboxes may read: one of each, and some more."""

# One mailbox had all its mails long ago, among them all that are in quarantine; of the two others one has few.
FILL = f"""
INSERT INTO mail_items (
    id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, suppression)
SELECT gen_random_uuid(), m.account, m.id,
    lpad(n::text, 64, '0'), repeat('a', 64), timestamptz '2022-01-01 12:00Z' + n * interval '2 minutes', now(),
    CASE WHEN n < 1000 AND n % 2 = 0 THEN 'QUARANTINED' WHEN n % 3 = 0 THEN 'AUTOMATIC' ELSE 'BOUNCE' END, 'NOT_FILED'
FROM generate_series(0, {ROWS - 1}) n
    JOIN mailboxes m ON m.id = CASE WHEN n < 2000 THEN $1::uuid WHEN n % 1000 = 7 THEN $2::uuid ELSE $3::uuid END
"""
LAST_DAY, FIRST_DAY = date(2022, 1, 28), date(2022, 1, 2)


@pytest.fixture
async def owner(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url, server_settings={"jit": "off"})
    yield connection
    await connection.close()


async def fill(owner: asyncpg.Connection, *, is_late_one_first: bool) -> list[UUID]:
    """Fill the ledger; return the ids of the mailboxes, in the order of which the planner makes much."""
    ids = sorted((uuid4() for _ in range(MAILBOXES)), reverse=is_late_one_first)
    codes = ("PUNO", "CUSCO", "LIMA")
    for id_, code in zip(ids, codes, strict=True):
        await owner.execute(
            "INSERT INTO mailboxes (id, account, folder, office_id, epoch)"
            " SELECT $1, $2::varchar, 'INBOX', id, 0 FROM offices WHERE code = $2",
            *(id_, code),
        )
    await owner.execute("ALTER TABLE mail_items SET (autovacuum_enabled = off)")
    await owner.execute("INSERT INTO contents (sha256, size_bytes, stored_at) VALUES (repeat('a', 64), 1, now())")
    await owner.execute(FILL, *ids)
    await owner.execute("ANALYZE mail_items")
    return ids


@dataclass(frozen=True)
class Question:
    """What somebody asks for, and after which mail."""

    viewer: Viewer
    wanted: MailFilter
    after: str | None = None

    async def rows_read(self, owner: asyncpg.Connection) -> int:
        """Return how many rows and entries of an index are looked at for its page."""
        return sum(
            [await _rows_of(owner, query) for query in await reading.pages(self.viewer, self.wanted, self.after)]
        )


async def _rows_of(owner: asyncpg.Connection, query: Any) -> int:
    query = query.limit(PAGE + 1)
    query.sql()
    statement, values = query.query.get_parameterized_sql()
    explained = await owner.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", *values)
    return _read_by(json.loads(str(explained))[0]["Plan"])


def _read_by(node: dict[str, Any]) -> int:
    own = 0
    if "Scan" in node["Node Type"]:
        removed = (node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
        own = int(node["Actual Loops"] * (node["Actual Rows"] + sum(removed)))
    return own + sum(_read_by(below) for below in node.get("Plans", []))


async def questions(counter: Counter, mailboxes: list[UUID]) -> dict[str, Question]:
    """Return all filters, asked by each who may, alone and together, from the beginning and from the middle."""
    clerk = await counter.register(role=Role.CLERK, office="PUNO")
    supervisor = await counter.register(role=Role.SUPERVISOR, office="PUNO")
    middle = place_of("2022-01-15T12:00:00+00:00", str(uuid4()))
    return {
        f"{viewer.role} {outcome} {mailbox} {day} {after}": Question(viewer, MailFilter(outcome, mailbox, day), after)
        for viewer in (clerk, supervisor)
        for outcome in (None, MailOutcome.QUARANTINED, MailOutcome.BOUNCE, MailOutcome.FILED)
        for mailbox in (None, *mailboxes)
        for day in (None, FIRST_DAY, LAST_DAY)
        for after in (None, middle)
    }


async def complaints(owner: asyncpg.Connection, asked: dict[str, Question]) -> dict[str, int]:
    read = {name: await question.rows_read(owner) for name, question in asked.items()}
    return {name: rows for name, rows in read.items() if rows > A_PAGE}


@pytest.mark.parametrize("is_late_one_first", [False, True])
async def test_a_page_by_any_filter_reads_its_own_rows_and_each_index_is_missed(
    counter: Counter, owner: asyncpg.Connection, *, is_late_one_first: bool
) -> None:
    asked = await questions(counter, await fill(owner, is_late_one_first=is_late_one_first))

    assert await complaints(owner, asked) == {}
    for index in ("mail_items_mailbox", "mail_items_mailbox_outcome"):
        gone = owner.transaction()
        await gone.start()
        await owner.execute(f"DROP INDEX {index}")
        assert await complaints(owner, asked) != {}, f"nothing is slower without {index}"
        await gone.rollback()
