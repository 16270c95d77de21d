"""What tests about what is kept need: whole tables compared, trámites that ended, stored bytes that are old."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from actions import tramites
from actions.applicant import void_tramite
from actions.erasing import erase_batch
from reading.retention import preview, retention_now
from rules.access import Role
from tests.stores import path_of

if TYPE_CHECKING:
    from uuid import UUID

    from models.tramites import Tramite
    from reading.access import Viewer
    from rules.kept_kinds import RetentionKind
    from tests.counter import Counter
    from tests.servers.postgres import Database

PASSING = {"rounds", "throttles", "spent_challenges"}
"""Tables that tell of nothing that was recorded."""


async def whole_tables(database: Database) -> dict[str, list[str]]:
    """Return all rows of all tables as text."""
    connection = await asyncpg.connect(database.owner_url)
    names = [
        row[0]
        for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        if row[0] not in PASSING
    ]
    found = {
        name: [row[0] for row in await connection.fetch(f'SELECT to_jsonb(t)::text FROM "{name}" t ORDER BY 1')]
        for name in names
    }
    await connection.close()
    return found


async def clerk_of(counter: Counter) -> Viewer:
    """Return a clerk of the main office."""
    return await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")


async def resolved(counter: Counter, clerk: Viewer, viewer: Viewer, **changes: object) -> Tramite:
    """File a document and answer it."""
    filed = await counter.file(viewer, **changes)
    return await tramites.resolve_tramite(counter.tools, clerk, filed.id, text="Se entregó la copia a María.")


async def voided(counter: Counter, viewer: Viewer, **changes: object) -> Tramite:
    """File a document and withdraw it."""
    filed = await counter.file(viewer, **changes)
    return await void_tramite(counter.tools, viewer, filed.id)


async def counts(counter: Counter) -> dict[RetentionKind, int]:
    """Return how many things of each kind are past their time."""
    return {found.kind: found.count for found in await preview(at=counter.clock())}


async def erase_all(counter: Counter) -> dict[RetentionKind, int]:
    """Erase all that is past its time; return how many of each kind."""
    done: dict[RetentionKind, int] = {}
    while any((batch := await erase_batch(counter.tools, await retention_now())).values()):
        done = {kind: done.get(kind, 0) + count for kind, count in batch.items()}
    return done


def years_later(counter: Counter, years: int) -> None:
    """Let years pass, also for the disk: what is in the store was put long before."""
    counter.clock.advance(days=365 * years + 1)
    at = (counter.clock() - timedelta(days=300)).timestamp()
    for path in path_of(counter.tools.store, "0" * 64).parents[2].rglob("*"):
        os.utime(path, (at, at))


async def columns(model: Any, id_: UUID, *names: str) -> tuple[Any, ...]:
    """Return some columns of a row."""
    return await model.get(id=id_).values_list(*names)
