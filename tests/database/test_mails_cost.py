"""What a page of the ledger reads of a large one: its own rows and no more, whoever looks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.connection import get_connections

from models.catalogue import Office
from models.mail import MailItem
from reading.mails import MailFilter, page_of
from rules.access import Role
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

ROWS, PAGE = 20_000, 10

FILL = f"""
INSERT INTO mail_items (
    id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, suppression)
SELECT gen_random_uuid(), m.account, m.id, lpad(n::text, 64, '0'), repeat('a', 64),
    timestamptz '2022-01-01 12:00Z' + n * interval '1 hour', now(),
    CASE WHEN n % 2 = 0 AND n < 2000 THEN 'QUARANTINED' ELSE 'AUTOMATIC' END, 'NOT_FILED'
FROM generate_series(0, {ROWS - 1}) n
    JOIN mailboxes m ON m.id = CASE WHEN n < 2000 THEN $1::uuid ELSE $2::uuid END
"""


async def fill(counter: Counter, database: Database) -> Viewer:
    """Make a mailbox whose mails all came after those of another; return a clerk of the office of that other."""
    clerk = await counter.register(role=Role.CLERK, office="PUNO")
    connection = await asyncpg.connect(database.owner_url)
    mailboxes = [uuid4(), uuid4()]
    for id_, code in zip(mailboxes, ("PUNO", "CUSCO"), strict=True):
        office = await Office.get(code=code)
        await connection.execute(
            "INSERT INTO mailboxes (id, account, folder, office_id, epoch) VALUES ($1, $2, 'INBOX', $3, 0)",
            *(id_, code, office.id),
        )
    await connection.execute("INSERT INTO contents (sha256, size_bytes, stored_at) VALUES (repeat('a', 64), 1, now())")
    await connection.execute(FILL, *mailboxes)
    await connection.execute("ANALYZE mail_items")
    await connection.close()
    return clerk


async def rows_read(monkeypatch: pytest.MonkeyPatch, viewer: Viewer, wanted: MailFilter) -> int:
    """Return how many rows of the ledger are touched for the first page."""
    client: Any = get_connections().get("default")
    asked: list[tuple[str, list[Any]]] = []
    execute = type(client).execute_query

    async def noted(self: Any, query: str, values: list[Any] | None = None) -> Any:
        asked.append((query, values or []))
        return await execute(self, query, values)

    with monkeypatch.context() as patched:
        patched.setattr(type(client), "execute_query", noted)
        await page_of(viewer, wanted, first=PAGE, after=None)
    total = 0
    for query, values in asked:
        if "mail_items" in query:
            [row] = await client.execute_query_dict(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values)
            total += _touched(row["QUERY PLAN"])
    return total


def _touched(plan: Any) -> int:
    def walk(node: dict[str, Any]) -> int:
        own = 0
        if "Relation Name" in node:
            own = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
        return int(own) + sum(walk(each) for each in node.get("Plans", []))

    return walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def questions(earlier: UUID) -> dict[str, MailFilter]:
    return {
        "all": MailFilter(),
        "quarantined": MailFilter(outcome=MailOutcome.QUARANTINED),
        "of a mailbox": MailFilter(mailbox_id=earlier),
        "quarantined of a mailbox": MailFilter(outcome=MailOutcome.QUARANTINED, mailbox_id=earlier),
    }


async def test_a_page_of_mails_reads_its_own_rows(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await fill(counter, database)
    supervisor = await counter.register(role=Role.SUPERVISOR, office="PUNO", identity_number="44556677")
    first = await MailItem.all().order_by("received_at").first()
    assert first is not None
    earlier = first.mailbox_id

    read = {
        (viewer.role, name): await rows_read(monkeypatch, viewer, wanted)
        for viewer in (clerk, supervisor)
        for name, wanted in questions(earlier).items()
    }

    assert {question: count for question, count in read.items() if count > 3 * PAGE} == {}
