"""The register from SQL: what the application's login may not do, whatever it tries, nor even the owner."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import asyncpg
import pytest

from actions import applicant
from actions.anchors import anchor_yesterday
from actions.reads import look_at_tramite
from reading.chains import prove_acts, prove_reads
from rules import merkle
from rules.access import Role

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

LOG_TABLES = ("receipt_log", "receipt_log_nodes", "receipt_log_heads")
TABLES = (
    "entries",
    "entry_texts",
    "read_entries",
    "register_heads",
    "number_series",
    "anchors",
    "report_acts",
    "report_positions",
    *LOG_TABLES,
)
A_COLUMN = {
    "entries": "act = 'VOIDED'",
    "entry_texts": "text = 'x'",
    "read_entries": "kind = 'FILE'",
    "register_heads": "sequence = 0",
    "number_series": "last_given = 1",
    "anchors": "sequence = 1",
    "report_acts": "times = 1",
    "report_positions": "late_on = NULL",
    "receipt_log": "size = 0",
    "receipt_log_nodes": "hash = sha256('x')",
    "receipt_log_heads": "size = 9",
}
FUNCTIONS = (
    "register_append(text, text, bytea)",
    "register_take_number(text)",
    "register_erase_text(bigint)",
    "reads_append(text)",
    "register_anchor(date, timestamptz)",
    "receipt_log_append(bytea[])",
    "receipt_log_publish(text, date, bigint, bytea, bytea, text, timestamptz)",
    "receipt_log_stamp(date, bytea)",
)
LOG = """
SELECT receipt_log_append(ARRAY[sha256('one'), sha256('another')]);
SELECT receipt_log_publish('https://mesa.pe', '2026-03-08', 2, receipt_log_root(2), 'x', 'x', '2026-03-09 12:00Z');
"""


@pytest.fixture
async def web(counter: Counter, database: Database) -> AsyncGenerator[asyncpg.Connection]:
    """Return a connection of the application's login, not narrowed down to its role, to a register with entries."""
    maria = await counter.register()
    tramite = await counter.file(maria)
    await applicant.void_tramite(counter.tools, maria, tramite.id, reason="Un motivo")
    await look_at_tramite(counter.tools, await counter.register(role=Role.SUPERVISOR), tramite.number)
    assert await anchor_yesterday(counter.tools) == 2
    connection = await asyncpg.connect(database.web_url)
    await connection.execute(LOG)
    yield connection
    await connection.close()


async def contents(connection: asyncpg.Connection) -> dict[str, list[asyncpg.Record]]:
    return {table: await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in TABLES}


@pytest.mark.parametrize("table", TABLES)
async def test_the_application_may_only_read_the_tables_of_the_register(web: asyncpg.Connection, table: str) -> None:
    before = await contents(web)
    assert all(before.values())

    for statement in (
        f"UPDATE {table} SET {A_COLUMN[table]}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"TRUNCATE {table} CASCADE",
        f"INSERT INTO {table} SELECT * FROM {table}",
        f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT DO NOTHING",
        f"MERGE INTO {table} t USING {table} s ON false WHEN NOT MATCHED THEN INSERT VALUES (s.*)",
        f"COPY {table} FROM STDIN",
        f"COPY {table} TO PROGRAM 'cat'",
        f"COPY {table} FROM PROGRAM 'echo'",
        f"COPY {table} TO '/tmp/mesa-chain'",
        f"SELECT * FROM {table} FOR UPDATE",
        f"ALTER TABLE {table} ADD COLUMN mine int",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} OWNER TO mesa_web",
        f"ALTER TABLE {table} RENAME TO other",
        f"DROP TABLE {table} CASCADE",
        f"CREATE INDEX mine ON {table} ((1))",
        f"CREATE RULE mine AS ON SELECT TO {table} DO INSTEAD SELECT 1",
        f"CREATE POLICY mine ON {table}",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        f"CREATE STATISTICS mine ON ctid, xmin FROM {table}",
        f"COMMENT ON TABLE {table} IS 'x'",
        f"DO $$ BEGIN LOCK TABLE {table}; END $$",
        f"PREPARE p AS DELETE FROM {table}; EXECUTE p",
        f"DO $$ BEGIN EXECUTE 'DELETE FROM {table}'; END $$",
        f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT * FROM gone",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await web.execute(statement)

    # Who holds another right is not refused: there is a warning, and nothing is granted.
    await web.execute(f"GRANT UPDATE ON {table} TO mesa_web")
    assert await contents(web) == before
    assert not await web.fetchval(
        "SELECT has_table_privilege('mesa_web', $1, 'UPDATE, DELETE, TRUNCATE, INSERT')", table
    )


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE mesa_owner",
        "SET SESSION AUTHORIZATION mesa_owner",
        "SET LOCAL ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT set_config('role', 'mesa_owner', false)",
        "SELECT set_config('session_authorization', 'mesa_owner', false)",
        "SET session_replication_role = replica",
        "GRANT mesa_owner TO mesa_web",
        "ALTER ROLE mesa_web SUPERUSER",
        "CREATE TABLE public.mine (x int)",
        "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION dblink",
        "ALTER SCHEMA public OWNER TO mesa_web",
        "ALTER DATABASE postgres OWNER TO mesa_web",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "DO LANGUAGE plpgsql $$ BEGIN EXECUTE 'SET ROLE mesa_owner'; END $$",
        "ALTER FUNCTION receipt_log_root(bigint) SET search_path = pg_temp",
        "DROP TRIGGER receipts_not_before_head ON receipts",
        "ALTER TABLE receipts DISABLE TRIGGER receipts_not_before_head",
        *(f"ALTER FUNCTION {function} SECURITY INVOKER" for function in FUNCTIONS),
        *(f"ALTER FUNCTION {function} SET search_path = pg_temp" for function in FUNCTIONS),
        *(f"DROP FUNCTION {function} CASCADE" for function in FUNCTIONS),
        "CREATE OR REPLACE FUNCTION reads_append(p_record text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "DROP TRIGGER entries_append_only ON entries",
        "SELECT setval(pg_get_serial_sequence('anchors', 'id'), 1)",
        "SELECT lo_export(lo_from_bytea(0, 'x'), '/tmp/mesa-chain')",
        "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION register_refuse_change()",
        "CREATE CAST (text AS bytea) WITHOUT FUNCTION",
        "CREATE OPERATOR public.|| (FUNCTION = byteacat, LEFTARG = bytea, RIGHTARG = bytea)",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "CREATE ROLE mine SUPERUSER",
        "CREATE TABLESPACE mine LOCATION '/tmp'",
        "ALTER SYSTEM SET fsync = off",
        "ALTER ROLE mesa_owner PASSWORD 'x'",
        "ALTER ROLE mesa_app SET session_replication_role = replica",
        "REASSIGN OWNED BY mesa_owner TO mesa_web",
        "DROP OWNED BY mesa_owner CASCADE",
        "ALTER DEFAULT PRIVILEGES FOR ROLE mesa_owner GRANT UPDATE ON TABLES TO mesa_web",
        "LOAD '/tmp/mine.so'",
        "SELECT report_take(e) FROM entries e LIMIT 1",
        "UPDATE pg_class SET relowner = 'mesa_web'::regrole WHERE relname = 'entries'",
    ],
)
async def test_the_application_cannot_become_more_than_it_is(web: asyncpg.Connection, statement: str) -> None:
    before = await contents(web)

    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidAuthorizationSpecificationError)):
        await web.execute(statement)

    assert await contents(web) == before


SHADOWS = """
CREATE TEMP TABLE register_heads (chain text, sequence bigint, hash bytea);
INSERT INTO register_heads VALUES ('acts', 999, 'x'), ('reads', 999, 'x');
CREATE TEMP TABLE entries AS SELECT * FROM public.entries WITH NO DATA;
CREATE TEMP TABLE entry_texts AS SELECT * FROM public.entry_texts WITH NO DATA;
CREATE TEMP TABLE read_entries AS SELECT * FROM public.read_entries WITH NO DATA;
CREATE TEMP TABLE number_series (series text PRIMARY KEY, last_given int);
CREATE TEMP TABLE anchors AS SELECT * FROM public.anchors WITH NO DATA;
CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT 'forged'::bytea $$;
CREATE FUNCTION pg_temp.convert_to(text, name) RETURNS bytea LANGUAGE sql AS $$ SELECT 'forged'::bytea $$;
CREATE FUNCTION pg_temp.int8send(bigint) RETURNS bytea LANGUAGE sql AS $$ SELECT 'forged'::bytea $$;
CREATE FUNCTION pg_temp.cat(bytea, bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT 'forged'::bytea $$;
CREATE OPERATOR pg_temp.|| (FUNCTION = pg_temp.cat, LEFTARG = bytea, RIGHTARG = bytea);
CREATE DOMAIN pg_temp.jsonb AS text;
CREATE DOMAIN pg_temp.uuid AS text;
CREATE TEMP TABLE report_positions AS SELECT * FROM public.report_positions WITH NO DATA;
CREATE TEMP TABLE tramites AS SELECT * FROM public.tramites WITH NO DATA;
CREATE TEMP TABLE receipt_log AS SELECT id, size FROM public.receipt_log;
CREATE TEMP TABLE receipt_log_nodes AS SELECT * FROM public.receipt_log_nodes WITH NO DATA;
CREATE TEMP TABLE receipt_log_heads AS SELECT * FROM public.receipt_log_heads WITH NO DATA;
SET search_path = pg_temp, public, pg_catalog;
"""


async def test_what_shadows_the_register_in_a_session_changes_nothing(
    web: asyncpg.Connection, database: Database
) -> None:
    record = await web.fetchval("SELECT record FROM public.entries WHERE act = 'REGISTERED' LIMIT 1")
    read = await web.fetchval("SELECT record FROM public.read_entries")
    await web.execute(SHADOWS)

    acts = await web.fetchval("SELECT public.register_append($1)", record)
    reads = await web.fetchval("SELECT public.reads_append($1)", read)
    await web.fetch("SELECT * FROM public.register_anchor('2026-03-10', now())")

    assert await web.fetchval("SELECT public.receipt_log_append(ARRAY[pg_catalog.sha256('third')])") == 2
    third = merkle.leaf_hash(hashlib.sha256(b"third").digest())
    assert await web.fetchval("SELECT hash FROM public.receipt_log_nodes WHERE (level, position) = (0, 2)") == third
    shadows = ("entries", "entry_texts", "read_entries", "anchors", "receipt_log_nodes", "receipt_log_heads")
    for shadow in shadows:
        assert await web.fetchval(f"SELECT count(*) FROM pg_temp.{shadow}") == 0
    beside = await asyncpg.connect(database.web_url)
    async with beside.transaction(readonly=True):
        walks = [await prove(beside, {}, lambda _: None) for prove in (prove_acts, prove_reads)]
    await beside.close()
    assert [walk.sequence for walk in walks] == [acts, reads]


async def test_a_record_without_the_digest_of_its_text_is_refused(web: asyncpg.Connection) -> None:
    record = await web.fetchval("SELECT record FROM entries WHERE act = 'VOIDED'")
    before = await contents(web)

    for text, salt in ((None, None), ("Otro motivo", b"x" * 16), ("Un motivo", b"x" * 16), ("Un motivo", None)):
        with pytest.raises(asyncpg.CheckViolationError):
            await web.fetchval("SELECT register_append($1, $2, $3)", record, text, salt)

    assert await contents(web) == before


@pytest.mark.parametrize("table", ["entries", "entry_texts", "read_entries", "anchors", *LOG_TABLES])
async def test_not_even_the_owner_changes_what_was_recorded(
    web: asyncpg.Connection, database: Database, table: str
) -> None:
    before = await contents(web)
    owner = await asyncpg.connect(database.owner_url)

    for statement in (f"UPDATE {table} SET {A_COLUMN[table]}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)

    await owner.close()
    assert await contents(web) == before


async def test_whatever_runs_as_the_owner_finds_its_names_where_nobody_else_writes(web: asyncpg.Connection) -> None:
    functions = await web.fetch(
        "SELECT p.oid::regprocedure::text AS name, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE')"
        " AS is_open FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace ORDER BY 1"
    )

    paths = {row["name"]: row["proconfig"] for row in functions}
    assert set(FUNCTIONS) <= {
        name.replace("timestamp with time zone", "timestamptz").replace(",", ", ") for name in paths
    }
    assert {name for name, path in paths.items() if path != ["search_path=pg_catalog, public, pg_temp"]} == set()
    assert [row["name"] for row in functions if row["is_open"]] == []
