"""
Trámites by the million in minutes: some are made up one by one, the others are copies of them.

Copied is what lists and reports are read from: trámites, their applicants, the offices that they were in, and the facts
of reports; not the acts, receipts and mails. Each copy lies in another office and is of another kind, and so are its
facts: what is counted is what there is. Numbers go on as they would. All of it lies on the disk in the order in which
it was filed, as at a counter.
"""

from __future__ import annotations

import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from benchmarks.figures import Figure
from benchmarks.ground import prepared
from mesadepartes.multitude import FIRST_DNI, multiply
from models.people import User
from rules.access import Role

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from benchmarks.ground import Ground
    from reading.access import Viewer

FEW = 20_000
"""So many are made up one by one."""

OWNED = 0.2
STAFF = 50
"""The share of what is open that somebody has taken on, and how many have."""

READ = ("tramites", "past_offices", "report_steps")
WRITTEN = (
    "users",
    *READ,
    "report_positions",
    "report_acts",
    "report_waiting",
    "report_waiting_months",
    "report_months",
)

SETTINGS = {
    "session_replication_role": "replica",
    "synchronous_commit": "off",
    "maintenance_work_mem": "512MB",
    "work_mem": "256MB",
    "search_path": "public",
}
"""While copies are made no trigger fires, and nobody waits for the disk."""

INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1) AND indexdef NOT LIKE 'CREATE UNIQUE%'
"""
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> ALL($2)
"""

ENLIVEN = f"""
UPDATE tramites SET repeats = random() < 0.001,
    owner_id = CASE WHEN due_on IS NOT NULL AND random() < {OWNED} THEN ($1::uuid[])[1 + random() * {STAFF - 1}] END,
    channel = CASE WHEN due_on IS NOT NULL AND random() < 0.05 THEN 'EMAIL' ELSE 'WEB' END,
    organization_ruc = CASE WHEN due_on IS NOT NULL AND random() < 0.02 THEN '20131257750' END
"""
"""All that is made up hands in the same file by the web: some of it is made to differ."""

# Of each copy: its office, kind and channel for those of what it is copied from, and how many days before that it came.
TURNS = """
CREATE TEMP TABLE turned AS
WITH copies AS (SELECT copy FROM generate_series(0, $1::int) copy),
kinds AS (SELECT ARRAY['LETTER', 'OFFICIAL_LETTER', 'APPLICATION', 'OTHER'] AS names),
placed AS (SELECT id, row_number() OVER (ORDER BY position) - 1 AS place, count(*) OVER () AS total FROM offices)
SELECT copy, was.id AS office_id, k.kind AS document_kind, into_.id AS into_office,
    kinds.names[1 + (k.place - 1 + copy / was.total) % 4] AS into_kind, copy / (4 * was.total) AS days,
    copy % 7 = 6 AS by_mail
FROM copies, kinds, placed was JOIN placed into_ USING (total), unnest(kinds.names) WITH ORDINALITY k (kind, place)
WHERE into_.place = (was.place + copy) % was.total
"""
CELLS = """
CREATE TEMP TABLE led AS
SELECT c.id AS cell_id, t.copy, t.days::int AS days, t.into_office, t.into_kind, c.status,
    CASE WHEN t.by_mail THEN 'EMAIL' ELSE c.channel END AS into_channel
FROM report_cells c JOIN turned t USING (office_id, document_kind);
INSERT INTO report_cells (office_id, document_kind, channel, status)
SELECT DISTINCT into_office, into_kind, into_channel, status FROM led ON CONFLICT DO NOTHING;
CREATE TEMP TABLE leads AS
SELECT led.copy, led.days, led.cell_id, c.id AS into_cell FROM led JOIN report_cells c
    ON (c.office_id, c.document_kind, c.channel, c.status) = (into_office, into_kind, into_channel, led.status);
ANALYZE turned; ANALYZE leads;
"""

OF_TRAMITES = (
    "id", "number", "lookup_key", "office_id", "document_kind", "channel", "applicant_id", "owner_id", "repeats",
    "sent_at", "filed_on", "route_by", "attend_by", "correct_by",
)  # fmt: skip
TRAMITES = """
INSERT INTO tramites (id, number, lookup_key, office_id, document_kind, channel, applicant_id, owner_id, repeats,
    sent_at, filed_on, route_by, attend_by, correct_by, {columns})
SELECT md5(o.id::text || t.copy)::uuid,
    tramite_number(left(o.number, 8), split_part(o.number, '-', 3)::int + t.copy * most),
    left(o.lookup_key, 20) || '+' || t.copy, t.into_office, t.into_kind,
    CASE WHEN by_mail THEN 'EMAIL' ELSE channel END,
    CASE WHEN NOT by_mail THEN md5(applicant_id::text || t.copy)::uuid END,
    CASE WHEN due_on IS NOT NULL AND random() < {owned} THEN ($1::uuid[])[1 + random() * {last}] END, random() < 0.001,
    sent_at - t.days * interval '1 day' - random() * interval '1 hour', filed_on - t.days::int,
    route_by - t.days::int, attend_by - t.days::int, correct_by - t.days::int, {columns}
FROM (SELECT *, max(split_part(number, '-', 3)::int) OVER () AS most FROM originals ORDER BY sent_at) o
JOIN turned t USING (office_id, document_kind) WHERE t.copy > 0
"""
USERS = """
INSERT INTO users (id, identity_number, {columns})
SELECT md5(id::text || copy)::uuid, identity_number::int + copy * count(*) OVER (PARTITION BY copy), {columns}
FROM users, generate_series(1, $1::int) copy WHERE role = 'APPLICANT' AND identity_number >= $2
"""
PAST_OFFICES = """
INSERT INTO past_offices (id, tramite_id, office_id, status, sent_at, filed_on, due_on)
SELECT md5(p.id::text || t.copy)::uuid, c.id, t.into_office, c.status, c.sent_at, c.filed_on, c.due_on
FROM past_offices p JOIN originals o ON o.id = p.tramite_id
JOIN turned t ON t.office_id = p.office_id AND t.document_kind = o.document_kind AND t.copy > 0
JOIN tramites c ON c.id = md5(p.tramite_id::text || t.copy)::uuid
"""

FACTS = """
CREATE TEMP TABLE acts AS SELECT * FROM report_acts;
CREATE TEMP TABLE changes AS SELECT * FROM report_waiting;
TRUNCATE report_acts, report_waiting, report_waiting_months, report_months;
INSERT INTO report_positions (tramite_id, cell_id, since_on, late_on, route_by, attend_by, filed_at, observed_at,
    received_at, reopened_at)
SELECT md5(p.tramite_id::text || l.copy)::uuid, l.into_cell, since_on - days, late_on - days, route_by - days,
    attend_by - days, filed_at, observed_at, received_at, reopened_at
FROM report_positions p JOIN leads l USING (cell_id) WHERE l.copy > 0;
INSERT INTO report_steps (cell_id, day, step, bucket, seconds, sequence)
SELECT l.into_cell, day - days, step, bucket, seconds, sequence + 1000000000 * l.copy::bigint
FROM report_steps JOIN leads l USING (cell_id) WHERE l.copy > 0;
INSERT INTO report_acts (day, cell_id, act, times)
SELECT day - days, l.into_cell, act, sum(times) FROM acts JOIN leads l USING (cell_id) GROUP BY 1, 2, 3;
INSERT INTO report_waiting (cell_id, day, waiting, late)
SELECT l.into_cell, day - days, sum(waiting), sum(late) FROM changes JOIN leads l USING (cell_id) GROUP BY 1, 2;
INSERT INTO report_waiting_months (cell_id, month, waiting, late)
SELECT cell_id, date_trunc('month', day::timestamp)::date, sum(waiting), sum(late) FROM report_waiting
GROUP BY 1, 2 HAVING sum(waiting) <> 0 OR sum(late) <> 0;
INSERT INTO report_months (month, cell_id, step, bucket, times)
SELECT date_trunc('month', day::timestamp)::date, cell_id, step, bucket, count(*) FROM report_steps GROUP BY 1, 2, 3, 4;
"""


CLERK_DNI, SUPERVISOR_DNI = "70000001", "70000002"
COUNT = "SELECT count(*) FROM tramites"


@dataclass(frozen=True)
class Crowd:
    """A counter with many trámites, a clerk of its office in Lima and a supervisor, and what making it up took."""

    ground: Ground
    clerk: Viewer
    supervisor: Viewer
    figures: list[Figure]


def add_arguments(command_line: argparse.ArgumentParser) -> None:
    """Let the command line say how many trámites there shall be, and where they are kept."""
    command_line.add_argument("--rows", type=int, default=FEW, help="trámites; a large institution has 1,000,000")
    command_line.add_argument(
        "--kept", type=Path, help="a folder for the database: what lies there is not made up again"
    )


@asynccontextmanager
async def crowded(arguments: argparse.Namespace) -> AsyncGenerator[Crowd]:
    """Yield a counter with as many trámites as *arguments* say, made up unless they were kept."""
    folder: Path | None = arguments.kept
    is_there = folder is not None and folder.exists()
    done = folder / "filled" if folder else None
    if is_there and done and not done.exists():
        raise SystemExit(f"What lies in {folder} was left half made; remove it.")
    async with prepared(folder) as ground:
        began = time.perf_counter()
        clerk = await _staff(ground, CLERK_DNI, Role.CLERK, office="LIMA")
        supervisor = await _staff(ground, SUPERVISOR_DNI, Role.SUPERVISOR)
        figures = list[Figure]()
        if not is_there:
            await fill(ground, arguments.rows, clerk=clerk)
            figures.append(Figure("made up in", time.perf_counter() - began, "s"))
        if done:
            done.touch()
        owner = await asyncpg.connect(ground.owner_url)
        figures.append(Figure("trámites", await owner.fetchval(COUNT), "trámites"))
        await owner.close()
        yield Crowd(ground, clerk, supervisor, figures)


async def _staff(ground: Ground, number: str, role: Role, *, office: str | None = None) -> Viewer:
    """Sign a member of staff in, who is registered unless they are."""
    counter = ground.counter
    if not await User.exists(identity_number=number):
        return await counter.register(role=role, office=office, identity_number=number)
    return await counter.sign_in(replace(counter.registration(), identity_number=number))


async def fill(ground: Ground, rows: int, *, clerk: Viewer) -> None:
    """Make up *rows* trámites, rounded up to so many times what is made up one by one; *clerk* owns some."""
    few = min(FEW, rows)
    await multiply(ground.counter.tools, ground.owner_url, few, chance=random.Random(1), told=lambda _: None, busiest=0)
    others = await User.filter(identity_number__gte=str(FIRST_DNI)).limit(STAFF - 1).values_list("id", flat=True)
    owners = [clerk.user_id, *others]
    connection = await asyncpg.connect(ground.superuser_url, server_settings=SETTINGS)
    try:
        async with _without_indexes(connection):
            await connection.execute("SELECT setseed(0.5)")
            await connection.execute(ENLIVEN, owners)
            await _copy(connection, -(-rows // few) - 1, owners)
        for table in WRITTEN:
            await connection.execute(f"VACUUM (ANALYZE) {table}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection) -> AsyncGenerator[None]:
    """Make the indexes of what is copied anew after it, which takes a fraction of the time."""
    indexes = await connection.fetch(INDEXES, list(READ))
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['indexname']}")
    yield
    for index in indexes:
        await connection.execute(index["indexdef"])


async def _copy(connection: asyncpg.Connection, copies: int, owners: list[Any]) -> None:
    if not copies:
        return
    await connection.execute("CREATE TEMP TABLE originals AS SELECT * FROM tramites")
    await connection.execute(f"{TURNS.replace('$1', str(copies))}; {CELLS}")
    columns = await connection.fetchval(COLUMNS, "users", ["id", "identity_number"])
    await connection.execute(USERS.format(columns=columns), copies, str(FIRST_DNI))
    columns = await connection.fetchval(COLUMNS, "tramites", list(OF_TRAMITES))
    await connection.execute(TRAMITES.format(columns=columns, owned=OWNED, last=STAFF - 1), owners)
    await connection.execute(PAST_OFFICES)
    await connection.execute(FACTS)
