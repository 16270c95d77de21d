"""How many filings a second the real action makes durable, beside the same rows in one statement written by hand."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from actions import filing
from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from mesadepartes.database import APP_ROLE, POOL_SIZE, leave_as_it_is
from models.files import Content, Upload

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from uuid import UUID

    from actions.filing_forms import FilingForm
    from benchmarks.ground import Ground
    from reading.access import Viewer
    from tests.counter import Counter

Filing: TypeAlias = Callable[[], Awaitable[object]]
"""One filing that is ready to be made."""

TARGET_RATIO = 0.7
TOGETHER = 200
SERIES = "MANO-2026"
TABLES = ("tramites", "attachments", "receipts", "notices", "client_keys")


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """File in turns by each way, then two hundred at once."""
    async with prepared() as ground:
        counter = ground.counter
        viewer = await counter.register()
        pool = await _pool(ground)
        by_hand = await ByHand.made(pool, await _filed_id(counter, viewer))
        ways: dict[str, Callable[[FilingForm], Awaitable[Filing]]] = {
            "recording": lambda form: by_recording(counter, viewer, form),
            "action": lambda form: by_action(counter, viewer, form),
            "hand": by_hand.filing,
        }
        best = dict.fromkeys(ways, 0.0)
        for _ in range(arguments.repeats):
            for name, way in ways.items():
                forms = await forms_for(counter, viewer, arguments.filings)
                rate = await rate_of([await way(form) for form in forms], arguments.clients)
                best[name] = max(best[name], rate)
        await pool.close()
        gaps = await _gaps(counter)
    return _figures(best, gaps)


async def _pool(ground: Ground) -> asyncpg.Pool:
    """Return a pool as the application has it."""
    settings = {"role": APP_ROLE}
    return await asyncpg.create_pool(
        ground.url, min_size=POOL_SIZE, max_size=POOL_SIZE, server_settings=settings, reset=leave_as_it_is
    )


async def _filed_id(counter: Counter, viewer: Viewer) -> UUID:
    (form,) = await forms_for(counter, viewer, 1)
    return (await filing.file_tramite(counter.tools, viewer, form)).id


async def forms_for(counter: Counter, viewer: Viewer, count: int) -> list[FilingForm]:
    """Return forms with a main document and an annex each, whose uploads have arrived."""
    now = counter.clock()
    names = [name for _ in range(count) for name in ("solicitud.pdf", "anexo.pdf")]
    contents = [Content(sha256=uuid.uuid4().hex * 2, size_bytes=1000, stored_at=now) for _ in names]
    uploads = [
        Upload(
            owner_id=viewer.user_id, name=name, size_bytes=1000, content_id=content.sha256, created_at=now,
            expires_at=now.replace(year=now.year + 1),
        )
        for name, content in zip(names, contents, strict=True)
    ]  # fmt: skip
    await Content.bulk_create(contents)
    await Upload.bulk_create(uploads)
    pairs = zip(uploads[::2], uploads[1::2], strict=True)
    return [await counter.form(viewer, main_upload=main.id, annex_uploads=(annex.id,)) for main, annex in pairs]


async def by_action(counter: Counter, viewer: Viewer, form: FilingForm) -> Filing:
    return lambda: filing.file_tramite(counter.tools, viewer, form)


async def by_recording(counter: Counter, viewer: Viewer, form: FilingForm) -> Filing:
    """Return the transaction of the action alone: what it reads and judges before is done already."""
    judged = await filing.judge_filing(counter.tools, viewer, form)
    return lambda: filing.record_filing(counter.tools, viewer, form, judged)


async def rate_of(filings: Sequence[Filing], clients: int) -> float:
    """Return how many *filings* a second so many *clients* make, each the next one when its last is durable."""
    left = iter(filings)

    async def client() -> None:
        for file in left:
            await file()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return len(filings) / (time.perf_counter() - began)


@dataclass
class ByHand:
    """One statement with all rows of a filing, numbered and chained; a filing that was made is its model."""

    pool: asyncpg.Pool
    statement: str
    values: list[Any]
    fresh: dict[int, bool]
    """Places of the values that differ from filing to filing; True for the id of the trámite."""
    record: str

    @classmethod
    async def made(cls, pool: asyncpg.Pool, tramite_id: UUID) -> ByHand:
        """Return the statement that writes once more what was written of that trámite."""
        generated = {row["attname"] for row in await pool.fetch(GENERATED, list(TABLES))}
        model = {
            table: [
                {column: value for column, value in row.items() if column not in generated}
                for row in await pool.fetch(_select(table), tramite_id)
            ]
            for table in TABLES
        }
        record = await pool.fetchval("SELECT record FROM entries WHERE tramite_id = $1", tramite_id)
        return _statement_of(pool, model, record)

    async def filing(self, form: FilingForm) -> Filing:
        """Return one more filing, of other ids."""
        return lambda: self._file([each.id for each in form.named_uploads()])

    async def _file(self, uploads: Sequence[UUID]) -> None:
        tramite_id, values = uuid.uuid4(), list(self.values)
        for place, is_tramite in self.fresh.items():
            values[place] = tramite_id if is_tramite else _anew(values[place])
        values[-2:] = [list(uploads), re.sub(r'"tramite":"[^"]*"', f'"tramite":"{tramite_id}"', self.record)]
        await self.pool.execute(self.statement, *values)


def _select(table: str) -> str:
    column = {"tramites": "id", "client_keys": "made_id"}.get(table, "tramite_id")
    return f"SELECT * FROM {table} WHERE {column} = $1"


def _anew(value: object) -> object:
    return uuid.uuid4() if isinstance(value, uuid.UUID) else uuid.uuid4().hex


FRESH = {
    "tramites": {"id": True, "lookup_key": False},
    "attachments": {"id": False, "tramite_id": True},
    "receipts": {"id": False, "tramite_id": True, "verification_code": False},
    "notices": {"id": False, "tramite_id": True, "message_id": False},
    "client_keys": {"id": False, "key": False, "made_id": True},
}
"""Columns that differ from filing to filing; True for the id of the trámite."""

GENERATED = "SELECT attname FROM pg_attribute WHERE attrelid = ANY($1::text[]::regclass[]) AND attgenerated <> ''"
"""Columns that the database makes: nobody may say what they hold."""


@dataclass
class _Writing:
    """The statement as far as it is written, and its values."""

    values: list[Any] = field(default_factory=list[Any])
    fresh: dict[int, bool] = field(default_factory=dict[int, bool])

    def insert(self, table: str, rows: list[dict[str, Any]]) -> str:
        """Return the insert of *rows* into *table* as a part of the statement."""
        columns = list(rows[0])
        written = ", ".join(
            f"({', '.join(self._cell(table, column, row[column]) for column in columns)})" for row in rows
        )
        return f"w_{table} AS (INSERT INTO {table} ({', '.join(columns)}) VALUES {written} RETURNING 1)"

    def _cell(self, table: str, column: str, value: object) -> str:
        if (table, column) == ("tramites", "number"):
            return f"(SELECT '{SERIES}-' || lpad(serial::text, 6, '0') FROM n)"
        if column in FRESH[table]:
            self.fresh[len(self.values)] = FRESH[table][column]
        self.values.append(value)
        return f"${len(self.values)}"


def _statement_of(pool: asyncpg.Pool, model: dict[str, list[dict[str, Any]]], record: str) -> ByHand:
    writing = _Writing()
    parts = ", ".join(writing.insert(table, rows) for table, rows in model.items())
    done = ", ".join(f"w_{table}" for table in model)
    count = len(writing.values)
    statement = f"""
        WITH n AS MATERIALIZED (SELECT register_take_number('{SERIES}') AS serial), {parts},
        u AS (UPDATE uploads SET used_at = now() WHERE id = ANY(${count + 1}::uuid[]) RETURNING 1)
        SELECT register_append(${count + 2}) FROM (SELECT count(*) FROM {done}, u) done"""
    return ByHand(pool, statement, [*writing.values, None, None], writing.fresh, record)


async def _gaps(counter: Counter) -> int:
    """File two hundred at once in one office; return how many numbers are out of line."""
    viewer = await counter.register()
    forms = await forms_for(counter, viewer, TOGETHER)
    filed = await asyncio.gather(*(filing.file_tramite(counter.tools, viewer, form) for form in forms))
    serials = sorted(int(tramite.number.split("-")[2]) for tramite in filed)
    return sum(serial != serials[0] + place for place, serial in enumerate(serials))


def _figures(best: dict[str, float], gaps: int) -> list[Figure]:
    ratio = best["recording"] / best["hand"]
    return [
        Figure("filings recorded by the action's transaction", best["recording"], "1/s"),
        Figure("filings by the whole action, reading and judging included", best["action"], "1/s"),
        Figure("the same rows in one statement by hand", best["hand"], "1/s"),
        Figure("action's transaction ÷ hand", ratio, "", f">= {TARGET_RATIO:g}", ratio >= TARGET_RATIO),
        Figure("whole action ÷ hand", best["action"] / best["hand"], ""),
        Figure(f"numbers out of line among {TOGETHER} at once", gaps, "numbers", "0", gaps == 0),
    ]


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--filings", type=int, default=100, help="filings per turn")
    command_line.add_argument("--repeats", type=int, default=8, help="turns of each way; the best counts")
    command_line.add_argument("--clients", type=int, default=POOL_SIZE, help="how many file at the same time")
    run(command_line.parse_args(), measure)
