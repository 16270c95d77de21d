"""What is looked up for a mail in large tables reads a few rows; each index is missed when it is gone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.connection import get_connections

from models.catalogue import Office
from reading.mail_accounts import account_with, accounts_with
from reading.mails import MailFilter, page_of
from rules.access import Role
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.counter import Counter
    from tests.servers.postgres import Database

ROWS, FEW, PAGE = 20_000, 10, 10

FILL_USERS = f"""
INSERT INTO users SELECT (json_populate_record(u, json_build_object(
    'id', gen_random_uuid(), 'identity_number', to_char(n, 'FM00000000'), 'email', 'Persona' || n || '@example.pe'))).*
FROM users u, generate_series(1, {ROWS}) n WHERE u.id = $1
"""
FILL_MAILS = f"""
INSERT INTO mail_items (
    id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, suppression)
SELECT gen_random_uuid(), m.account, m.id, lpad(n::text, 64, '0'),
    repeat('a', 64), timestamptz '2022-01-01 12:00Z' + (n % {ROWS // 2}) * interval '1 hour', now(),
    CASE WHEN n < {FEW} OR n >= {ROWS // 2} + {FEW} THEN 'QUARANTINED' ELSE 'AUTOMATIC' END, 'NOT_FILED'
FROM generate_series(0, {ROWS - 1}) n
    JOIN mailboxes m ON m.id = CASE WHEN n < {ROWS // 2} THEN $1::uuid ELSE $2::uuid END
"""
"""Two mailboxes at the same times: of one few mails are quarantined, the earliest; of the other nearly all."""


async def rows_read(monkeypatch: pytest.MonkeyPatch, table: str, look: Callable[[], Awaitable[object]]) -> int:
    """Return how many rows of a table are touched."""
    client: Any = get_connections().get("default")
    asked: list[tuple[str, list[Any]]] = []

    def noting(execute: Any) -> Any:
        async def noted(self: Any, query: str, values: list[Any] | None = None) -> Any:
            asked.append((query, values or []))
            return await execute(self, query, values)

        return noted

    with monkeypatch.context() as patched:
        for name in ("execute_query", "execute_query_dict"):
            patched.setattr(type(client), name, noting(getattr(type(client), name)))
        await look()
    total = 0
    for query, values in asked:
        if re.search(rf'FROM "?{table}\b', query):
            [row] = await client.execute_query_dict(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", values)
            plan = row["QUERY PLAN"]
            total += touched((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    assert asked
    return total


def touched(node: dict[str, Any]) -> int:
    own = 0
    if "Relation Name" in node:
        own = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
    return int(own) + sum(touched(each) for each in node.get("Plans", []))


@pytest.mark.parametrize("is_indexed", [True, False])
async def test_the_account_of_a_sender_is_found_among_many(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch, is_indexed: bool
) -> None:
    ana = await counter.register(email="ana@example.pe")
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(FILL_USERS, ana.user_id)
    await connection.execute("SELECT 1" if is_indexed else "DROP INDEX users_verified_email")
    await connection.execute("ANALYZE users")
    await connection.close()

    read = await rows_read(monkeypatch, "users", lambda: account_with("PERSONA77@example.pe"))

    both = ["Ana@Example.pe", "PERSONA77@example.pe", None, "nadie@example.pe"]
    read_at_once = await rows_read(monkeypatch, "users", lambda: accounts_with(both))

    holder = await account_with("PERSONA77@example.pe")
    assert holder is not None
    assert await accounts_with(both) == {"ana@example.pe": ana.user_id, "persona77@example.pe": holder}
    assert (read_at_once <= FEW) is is_indexed
    assert await account_with("Ana@Example.pe") == ana.user_id
    assert (read <= FEW) is is_indexed


@pytest.mark.parametrize("is_indexed", [True, False])
async def test_the_few_mails_of_an_outcome_in_a_mailbox_are_found_among_many(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch, is_indexed: bool
) -> None:
    clerk = await counter.register(role=Role.CLERK, office="PUNO")
    connection = await asyncpg.connect(database.owner_url)
    wanted = await fill_mails(connection)
    await connection.execute("SELECT 1" if is_indexed else "DROP INDEX mail_items_mailbox_outcome")
    await connection.execute("ANALYZE mail_items")
    await connection.close()
    few = MailFilter(outcome=MailOutcome.QUARANTINED, mailbox_id=wanted)

    read = await rows_read(monkeypatch, "mail_items", lambda: page_of(clerk, few, first=PAGE, after=None))

    assert (read <= 3 * PAGE) is is_indexed


async def fill_mails(connection: asyncpg.Connection) -> UUID:
    """Make the two mailboxes and their mails; return the one of which few are quarantined."""
    mailboxes = [uuid4(), uuid4()]
    office = await Office.get(code="PUNO")
    for id_, account in zip(mailboxes, ("few", "many"), strict=True):
        await connection.execute(
            "INSERT INTO mailboxes (id, account, folder, office_id, epoch) VALUES ($1, $2, 'INBOX', $3, 0)",
            *(id_, account, office.id),
        )
    await connection.execute("INSERT INTO contents (sha256, size_bytes, stored_at) VALUES (repeat('a', 64), 1, now())")
    await connection.execute(FILL_MAILS, *mailboxes)
    return mailboxes[0]
