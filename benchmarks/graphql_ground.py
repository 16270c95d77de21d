"""
What the benchmarks of the API are measured on: 200,000 trámites with 600,000 acts, and bearer tokens by the thousand.

It is made up once and kept in a folder, if one is named. A fifth of the applicants have forty trámites each, the others
two or three; tokens are those of that fifth, so that each page is full.
"""

from __future__ import annotations

import hashlib
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from actions.contents import record_content
from actions.register import Record
from actions.transaction import tx
from benchmarks.figures import Figure
from benchmarks.ground import prepared
from mesadepartes.multitude import PASSWORD, PDF, TRAMITES_EACH, Scene, add_tramites, people_for
from mesadepartes.multitude_rows import ENTRY_COLUMNS, HEAD, MOVE, Batch
from models.catalogue import Office
from rules.access import Role
from rules.register import Act
from rules.sessions import token_hash
from rules.verdicts import Judgement

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import AsyncGenerator

    from benchmarks.ground import Ground
    from models.people import User

TRAMITES = 200_000
APPLICANTS_EACH = 0.1
"""How many applicants there are for each trámite."""
EVENTS_EACH = 3
BUSY = 5
"""One applicant in so many is busy,"""
BUSIER = 16
"""and has so many times as many trámites as each of the others."""
RESENT = 4
"""How many more acts are written for each of the trámites that get some: it has more than five then."""

MEMORY = "2GB"
"""What a server of that size is given for its tables: a quarter of 8 GB, as PostgreSQL's documentation advises."""

ANNEXES = """
INSERT INTO attachments (id, tramite_id, version, role, position, name, content_id, size_bytes, awaits_text)
SELECT gen_random_uuid(), a.tramite_id, 1, 'ANNEX', n, 'anexo-' || n || '.pdf', a.content_id, a.size_bytes, true
FROM attachments a, LATERAL generate_series(1, ('x' || right(a.tramite_id::text, 4))::bit(16)::int % 3) n
WHERE a.role = 'MAIN'
"""
LEAST_TOLD = """
SELECT id, applicant_id FROM tramites WHERE status <> 'VOIDED' ORDER BY md5(id::text) LIMIT $1
"""
BUSIEST = """
SELECT applicant_id FROM tramites WHERE status <> 'VOIDED' GROUP BY applicant_id
ORDER BY count(*) DESC, applicant_id LIMIT $1
"""
SESSIONS = """
INSERT INTO sessions (id, token_hash, user_id, kind, device, created_at, expires_at, last_seen_at, idle_until)
SELECT id, hash, user_id, 'BEARER', 'wrk', now(), now() + interval '2 days', now() + interval '1 day',
    now() + interval '2 days'
FROM unnest($1::uuid[], $2::bytea[], $3::uuid[]) AS given (id, hash, user_id)
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, last_seen_at = excluded.last_seen_at,
    idle_until = excluded.idle_until
"""
"""Nobody has to note that they are in use: of what is compared each would do it once a minute and session."""


@dataclass(frozen=True)
class Crowd:
    """A counter with many trámites, and the tokens of those who look at theirs."""

    ground: Ground
    tokens: list[str]
    figures: list[Figure]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what says how much there is, and where it is kept."""
    parser.add_argument("--scale", type=float, default=1.0, help="1 for 200,000 trámites, 0.01 for 2,000")
    parser.add_argument("--keep", dest="kept", type=Path, help="folder in which what is made up is kept, or found")


@asynccontextmanager
async def peopled(arguments: Namespace) -> AsyncGenerator[Crowd]:
    """Yield a counter with as much as *arguments* say, made up unless it was kept."""
    folder: Path | None = arguments.kept
    is_there, done = folder is not None and folder.exists(), folder / "filled" if folder else None
    if is_there and done and not done.exists():
        raise SystemExit(f"What lies in {folder} was left half made; remove it.")
    async with prepared(folder, memory=MEMORY) as ground:
        figures = list[Figure]()
        if not is_there:
            began = time.perf_counter()
            await fill(ground, round(TRAMITES * arguments.scale))
            figures.append(Figure("made up in", time.perf_counter() - began, "s"))
        if done:
            done.touch()
        owner = await asyncpg.connect(ground.owner_url)
        for table in ("tramites", "users", "entries", "attachments"):
            figures.append(Figure(table, await owner.fetchval(f"SELECT count(*) FROM {table}"), "rows"))
        tokens = await begin_sessions(owner)
        figures.append(Figure("sessions", len(tokens), "sessions"))
        await owner.close()
        yield Crowd(ground, tokens, figures)


async def fill(ground: Ground, count: int) -> None:
    """Make up *count* trámites, and what belongs to them."""
    tools, chance = ground.counter.tools, random.Random(8)
    stored = await tools.store.put_bytes(PDF)
    async with tx():
        await record_content(tools, stored, Judgement("pdf", pages=1))
    password_hash = await tools.hasher.hash(PASSWORD)
    many = round(count * APPLICANTS_EACH) * TRAMITES_EACH
    users = await people_for(tools, many, password_hash=password_hash, chance=chance)
    scene = Scene(tools, await Office.all().order_by("position"), _weighed(users), users[-1], stored, chance)
    owner = await asyncpg.connect(ground.owner_url)
    try:
        await add_tramites(owner, scene, count, busiest=0, until=tools.clock(), told=lambda _: None)
        await _add_acts(owner, scene, count * EVENTS_EACH)
    finally:
        await owner.close()
    superuser = await asyncpg.connect(ground.superuser_url)
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(ANNEXES)
    await superuser.execute("VACUUM (ANALYZE)")
    await superuser.execute("CHECKPOINT")
    await superuser.close()


def _weighed(users: list[User]) -> list[User]:
    """Return the applicants in the order in which they file, the busy ones every round."""
    busy, others = users[1 : 1 + len(users) // BUSY], users[1 + len(users) // BUSY :]
    return [users[0], *(each for turn in range(BUSIER) for each in (*busy, *others[turn::BUSIER]))]


async def _add_acts(owner: asyncpg.Connection, scene: Scene, wanted: int) -> None:
    """Write further acts into the register, which change nothing: that receipts were sent again."""
    missing = wanted - int(await owner.fetchval("SELECT count(*) FROM entries WHERE tramite_id IS NOT NULL") or 0)
    at = scene.tools.clock() - timedelta(hours=1)
    async with owner.transaction():
        head = await owner.fetchrow(HEAD)
        assert head is not None
        batch = Batch(head["sequence"], head["hash"])
        for row in await owner.fetch(LEAST_TOLD, max(0, missing) // RESENT):
            for _ in range(RESENT):
                batch.append(
                    Record(Act.RECEIPT_SENT_AGAIN, at, Role.CLERK, actor_id=scene.clerk.id, tramite_id=row["id"])
                )
        await owner.copy_records_to_table("entries", columns=ENTRY_COLUMNS, records=batch.entries)
        await owner.execute(MOVE, batch.sequence, batch.hash)


async def begin_sessions(owner: asyncpg.Connection) -> list[str]:
    """Begin a session for each of the busy applicants, or let it last longer; return their tokens."""
    busy = int(await owner.fetchval("SELECT count(DISTINCT applicant_id) FROM tramites") or 0) // BUSY
    users: list[UUID] = [row["applicant_id"] for row in await owner.fetch(BUSIEST, busy)]
    tokens = [hashlib.sha256(b"benchmark" + user.bytes).hexdigest() for user in users]
    ids = [uuid5(NAMESPACE_URL, token) for token in tokens]
    await owner.execute(SESSIONS, ids, [token_hash(token) for token in tokens], users)
    await owner.execute("VACUUM (ANALYZE) sessions")
    return tokens
