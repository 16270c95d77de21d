"""Migrations: they make what the models say and what the code relies on, once, whoever runs them at the same time."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg
import pytest
from tortoise import Tortoise

from actions.register import Record, append
from actions.transaction import tx
from mesadepartes.database import connected, migrate, tortoise_config
from mesadepartes.migrating import run_migrations
from mesadepartes.verifying import verify
from models.register import Entry
from reading.typed_words import search_words
from rules.access import Role
from rules.register import Act
from tests.database.test_verifying import unseen
from tests.words import said_with

if TYPE_CHECKING:
    from tests.servers.postgres import Database

UNIQUE = {
    ("attachments", 'tramite_id, version, "position"'),
    ("client_keys", "user_id, key"),
    ("invitations", "code_hash"),
    ("invitations", "lower((email)::text)"),
    ("recovery_codes", "user_id, code_hash"),
    ("second_factors", "user_id"),
    ("mail_items", "account, content_key, earlier_copies"),
    ("mail_items", "notice_id"),
    ("mail_links", "token_hash"),
    ("mail_slots", "mailbox_id, uidvalidity, uid"),
    ("mailboxes", "account, folder"),
    ("mailboxes", "id, account"),
    ("notices", "message_id"),
    ("offices", "code"),
    ("posts", "user_id, office_id"),
    ("recovery_requests", "stop_hash"),
    ("receipts", "log_index"),
    ("receipts", "tramite_id, kind, version"),
    ("receipts", "verification_code"),
    ("saved_searches", "owner_id, name"),
    ("sessions", "token_hash"),
    ("template_versions", "template_id, version"),
    ("tramites", "lookup_key"),
    ("tramites", "number"),
    ("users", "identity_kind, identity_number"),
}
"""Races are settled by these, so that they must exist in the database, not only in the models."""

FIND_UNIQUE = """
SELECT tablename, substring(split_part(indexdef, ' WHERE ', 1) from '\\((.*)\\)') AS columns FROM pg_indexes
WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE INDEX%' AND indexname NOT LIKE '%_pkey'
"""

FOREIGN_KEYS_WITHOUT_INDEX = """
SELECT c.conrelid::regclass::text || '.' || a.attname FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
"""

SMALL_OR_NEVER_SEARCHED = {
    "bounced_addresses.notice_id",
    "holidays.version_id",
    "hours_changes.version_id",
    "identity_claims.decided_by_id",
    "invitations.accepted_by_id",
    "mail_decisions.made_by_id",
    "mail_decisions.notice_id",
    "mailboxes.office_id",
    "notes.author_id",
    "posts.office_id",
    "recovery_requests.decided_by_id",
    "recovery_requests.notice_id",
    "referrals.to_office_id",
    "retention_versions.made_by_id",
    "tasks.done_by_id",
    "template_versions.office_id",
    "template_versions.saved_by_id",
    "templates.office_id",
}


async def test_what_races_are_settled_by_is_in_the_database(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)

    rows = await connection.fetch(FIND_UNIQUE)

    await connection.close()
    assert {(row["tablename"], row["columns"]) for row in rows} - {("migrations", "app, name")} >= UNIQUE


async def test_foreign_keys_that_are_searched_have_an_index(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)

    rows = await connection.fetch(FOREIGN_KEYS_WITHOUT_INDEX)

    await connection.close()
    assert {row[0] for row in rows} == SMALL_OR_NEVER_SEARCHED


async def test_several_may_migrate_at_once(empty_database: Database) -> None:
    program = "import asyncio, sys; from mesadepartes.database import migrate; asyncio.run(migrate(sys.argv[1]))"
    children = [await start_python(program, empty_database.owner_url) for _ in range(3)]

    codes = [await child.wait() for child in children]

    assert codes == [0, 0, 0]


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await migrate(database.owner_url)

    connection = await asyncpg.connect(database.owner_url)
    assert await connection.fetchval("SELECT count(*) FROM register_heads") == 2
    await connection.close()


FILED_BEFORE = """
WITH office AS (
    INSERT INTO offices (id, code, name, position, opens_at, closes_at)
    VALUES (gen_random_uuid(), 'SEDE', 'Sede', 1, '08:30', '16:30') RETURNING id)
INSERT INTO tramites (
    id, number, lookup_key, status, observed_before, channel, office_id, subject, sender_name, missing,
    sent_at, filed_on, filing_rule)
SELECT gen_random_uuid(), 'MPD-2026-000001', 'K', 'PENDING', false, 'EMAIL', id, 'Sobre las <notificaciones>', 'María',
    '[]', now(), current_date, '{}' FROM office
"""


async def test_what_was_filed_before_the_search_knew_one_and_many_is_found(empty_database: Database) -> None:
    await run_migrations(tortoise_config(empty_database.owner_url, role=None), target="0013_notices")
    await Tortoise.close_connections()
    connection = await asyncpg.connect(empty_database.owner_url)
    await connection.execute(FILED_BEFORE)
    found = "SELECT count(*) FROM tramites WHERE search @@ to_tsquery('public.spanish_plain', $1)"
    before = await connection.fetchval(found, search_words("notificación"))

    await migrate(empty_database.owner_url)

    after = await connection.fetchval(found, search_words("notificación"))
    await connection.close()
    assert (before, after) == (0, 1)


SAID_BEFORE = """
SELECT register_append('{"act":"TASK_CLOSED","actor":null,"at":"2026-03-09T15:00:00.000000+00:00","detail":{},'
    '"from":null,"role":"SYSTEM","text":"Falta la «firma».","to":null,"tramite":null}')
"""


async def test_words_written_before_the_register_kept_digests_stay_and_verify(empty_database: Database) -> None:
    await run_migrations(tortoise_config(empty_database.owner_url, role=None), target="0017_tramite_owner")
    await Tortoise.close_connections()
    connection = await asyncpg.connect(empty_database.owner_url)
    await connection.execute(SAID_BEFORE)

    await migrate(empty_database.owner_url)

    await connection.execute(SAID_BEFORE)  # by code of before that still runs
    async with connected(empty_database.web_url), tx() as transaction:
        at = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
        await append(transaction, Record(Act.TASK_CLOSED, at, Role.SYSTEM, text="Ya está."))
        await append(transaction, Record(Act.TASK_CLOSED, at, Role.SYSTEM))
        said = {entry.sequence: await said_with(entry) for entry in await Entry.all().order_by("sequence")}
    proved = await verify(empty_database.web_url, None, anchors=[], progress=unseen)
    before = await connection.fetch("SELECT text FROM entries ORDER BY sequence")
    await connection.close()
    assert list(said.values()) == ["Falta la «firma».", "Falta la «firma».", "Ya está.", None]
    assert [row["text"] for row in before] == ["Falta la «firma».", "Falta la «firma».", None, None]
    assert [walk.sequence for walk in proved.walks] == [4, 0]


OPEN_BEFORE = """
WITH office AS (
    INSERT INTO offices (id, code, name, position, opens_at, closes_at)
    VALUES (gen_random_uuid(), 'SEDE', 'Sede', 1, '08:30', '16:30') RETURNING id),
tramite AS (
    INSERT INTO tramites (
        id, number, lookup_key, status, observed_before, channel, office_id, subject, sender_name, missing,
        sent_at, filed_on, filing_rule, correct_by)
    SELECT gen_random_uuid(), status || day, status || day, status, false, 'EMAIL', office.id, 'Pedido', 'María',
        '[]', day + time '12:00', day, '{}', day + 2
    FROM office, unnest(ARRAY['PENDING', 'OBSERVED', 'REFERRED', 'RESOLVED']) status,
        unnest(ARRAY[date '2026-03-09', date '2026-03-14']) day RETURNING id, sent_at),
content AS (
    INSERT INTO contents (sha256, size_bytes, stored_at) VALUES (repeat('a', 64), 1, now()) RETURNING sha256)
INSERT INTO attachments (id, tramite_id, version, role, position, name, content_id, size_bytes)
SELECT gen_random_uuid(), tramite.id, 1, 'MAIN', 0, 'a.pdf', sha256, 1 FROM tramite, content
"""


async def test_what_was_open_before_terms_were_kept_is_due_by_the_calendar(empty_database: Database) -> None:
    await run_migrations(tortoise_config(empty_database.owner_url, role=None), target="0017_tramite_owner")
    await Tortoise.close_connections()
    connection = await asyncpg.connect(empty_database.owner_url)
    await connection.execute(OPEN_BEFORE)

    await migrate(empty_database.owner_url)

    rows = await connection.fetch("SELECT number, due_on, attend_by, repeats FROM tramites")
    await connection.close()
    due = {row["number"]: row["due_on"] and row["due_on"].isoformat() for row in rows}
    assert due == {
        "PENDING2026-03-09": "2026-03-09", "PENDING2026-03-14": "2026-03-14",
        "OBSERVED2026-03-09": "2026-03-11", "OBSERVED2026-03-14": "2026-03-16",
        "REFERRED2026-03-09": "2026-04-22", "REFERRED2026-03-14": "2026-04-28",
        "RESOLVED2026-03-09": None, "RESOLVED2026-03-14": None,
    }  # fmt: skip
    assert sorted(row["repeats"] for row in rows) == [False] + [True] * 7


VALIDATED_BEFORE = """
INSERT INTO entries (sequence, at, act, tramite_id, role, detail, record, previous_hash, hash)
SELECT n, '2026-03-09T15:00:00Z'::timestamptz + make_interval(hours => n), act, t.id, 'CLERK', '{}', '{}', '', ''
FROM tramites t, (VALUES (1, 'FILED'), (2, 'REFERRED'), (3, 'RESOLVED')) AS acts (n, act)
"""


async def test_what_was_validated_before_counts_as_received_by_that(empty_database: Database) -> None:
    await run_migrations(tortoise_config(empty_database.owner_url, role=None), target="0017_tramite_owner")
    await Tortoise.close_connections()
    connection = await asyncpg.connect(empty_database.owner_url)
    await connection.execute(FILED_BEFORE)
    await connection.execute(VALIDATED_BEFORE)

    await migrate(empty_database.owner_url)

    received = await connection.fetchval("SELECT received_at FROM tramites")
    await connection.close()
    assert received == datetime(2026, 3, 9, 17, tzinfo=UTC)


TAKEN_IN_BEFORE = """
WITH office AS (
    INSERT INTO offices (id, code, name, position, opens_at, closes_at)
    VALUES (gen_random_uuid(), 'SEDE', 'Sede', 1, '08:30', '16:30') RETURNING id),
content AS (
    INSERT INTO contents (sha256, size_bytes, stored_at) VALUES (repeat('a', 64), 1, now()) RETURNING sha256),
mailbox AS (
    INSERT INTO mailboxes (id, account, folder, office_id, epoch)
    SELECT gen_random_uuid(), account, folder, office.id, 0
    FROM office, (VALUES ('a', 'INBOX'), ('a', 'Oficina'), ('b', 'INBOX')) AS told (account, folder)
    RETURNING id, account, folder)
INSERT INTO mail_items (
    id, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, reason, suppression)
SELECT gen_random_uuid(), mailbox.id, key, sha256, now(), now() - CASE folder WHEN 'Oficina' THEN interval '1 day'
    ELSE interval '0' END, 'AUTOMATIC', key, 'NOT_FILED'
FROM mailbox, content, unnest(ARRAY['k', 'l']) key WHERE key = 'k' OR folder = 'INBOX'
"""
TAKEN_IN_AGAIN = """
INSERT INTO mail_items (
    id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, reason, suppression)
SELECT gen_random_uuid(), account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, reason,
    suppression FROM mail_items WHERE account = 'a' AND content_key = 'k' AND earlier_copies = 1
"""


async def test_mails_that_an_account_had_twice_stay_and_come_no_third_time(empty_database: Database) -> None:
    await run_migrations(tortoise_config(empty_database.owner_url, role=None), target="0032_count_answers")
    await Tortoise.close_connections()
    connection = await asyncpg.connect(empty_database.owner_url)
    await connection.execute(TAKEN_IN_BEFORE)

    await migrate(empty_database.owner_url)

    rows = await connection.fetch(
        "SELECT i.account, m.folder, i.content_key, i.earlier_copies FROM mail_items i"
        " JOIN mailboxes m ON m.id = i.mailbox_id AND m.account = i.account ORDER BY 1, 2, 3"
    )
    assert [tuple(row) for row in rows] == [
        ("a", "INBOX", "k", 1),
        ("a", "INBOX", "l", 0),
        ("a", "Oficina", "k", 0),
        ("b", "INBOX", "k", 0),
        ("b", "INBOX", "l", 0),
    ]
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(TAKEN_IN_AGAIN)
    await connection.close()


async def start_python(program: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, *arguments)
