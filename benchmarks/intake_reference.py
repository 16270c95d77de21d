"""What the delay of a mail is compared with: its rows by hand in one transaction, and its bytes made durable."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from benchmarks.figures import Figure
from files.durable import fsync
from mesadepartes.database import APP_ROLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

ROWS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "contents": ("sha256", ("sha256",)),
    "tramites": ("id", ("id", "number", "lookup_key")),
    "attachments": ("tramite_id", ("id", "tramite_id", "content_id")),
    "receipts": ("tramite_id", ("id", "tramite_id", "verification_code")),
    "notices": ("tramite_id", ("id", "tramite_id", "message_id")),
    "mail_links": ("tramite_id", ("id", "tramite_id", "token_hash")),
    "mail_items": ("tramite_id", ("id", "tramite_id", "notice_id", "content_key", "original_id")),
    "mail_slots": ("item_id", ("id", "item_id", "uid")),
}
"""What a mail with one document writes, the register aside: by which column its rows are found, and what is new."""

COLUMNS: Final = """
SELECT attname FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
MODEL: Final = """
SELECT i.tramite_id, i.id AS item_id, i.tramite_id AS id, a.content_id AS sha256, e.record
FROM mail_items i JOIN attachments a USING (tramite_id) JOIN entries e USING (tramite_id)
WHERE e.act = 'FILED' ORDER BY e.sequence DESC LIMIT 1
"""
REGISTER: Final = "SELECT register_take_number('MANO-2026'), register_append($1)"
PAUSE_SECONDS: Final = 0.03
SIZE_BYTES: Final = 100 * 1024


async def measure_reference(url: str, folder: Path, *, number: int = 60) -> list[Figure]:
    """Measure the least that durable rows and durable bytes of a mail take, after some mails were recorded."""
    connection = await asyncpg.connect(url, server_settings={"role": APP_ROLE})
    model = await connection.fetchrow(MODEL)
    assert model is not None
    inserts = {table: await _insert(connection, table) for table in ROWS}

    async def rows() -> None:
        new = _new_values()
        async with connection.transaction():
            for table, insert in inserts.items():
                found_by, columns = ROWS[table]
                await connection.execute(insert, model[found_by], *(new(table, column) for column in columns))
            await connection.execute(REGISTER, model["record"])

    by_hand = await _times(rows, number)
    on_disk = await _times(lambda: asyncio.to_thread(_make_durable, folder), number)
    await connection.close()
    return [
        Figure("the same rows by hand, one after the other, p50", round(statistics.median(by_hand), 1), "ms"),
        Figure("the same rows by hand, one after the other, at the most", round(max(by_hand), 1), "ms"),
        Figure("two files of 100 kB made durable with their folders, p50", round(statistics.median(on_disk), 1), "ms"),
    ]


async def _insert(connection: asyncpg.Connection, table: str) -> str:
    """Return the statement that copies a row, but for what is new in it."""
    found_by, new = ROWS[table]
    columns = [row["attname"] for row in await connection.fetch(COLUMNS, table)]
    cells = ", ".join(f"${2 + new.index(column)}" if column in new else column for column in columns)
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {cells} FROM {table} WHERE {found_by} = $1 LIMIT 1"


def _new_values() -> Callable[[str, str], Any]:
    """Return what gives the new values of one mail, those that name the same thing alike."""
    ids = {name: uuid.uuid4() for name in ("tramite_id", "item_id", "notice_id")}
    content = uuid.uuid4().hex * 2
    own = {"tramites": ids["tramite_id"], "mail_items": ids["item_id"], "notices": ids["notice_id"]}

    def new(table: str, column: str) -> Any:
        match column:
            case "tramite_id" | "item_id" | "notice_id":
                return ids[column]
            case "sha256" | "content_id" | "original_id" | "content_key":
                return content
            case "id":
                return own.get(table) or uuid.uuid4()
            case "token_hash":
                return uuid.uuid4().bytes * 2
            case "uid":
                return uuid.uuid4().int % 2**31
            case _:
                return uuid.uuid4().hex[:24]

    return new


def _make_durable(folder: Path) -> None:
    for _ in range(2):
        leaf = folder / uuid.uuid4().hex
        leaf.mkdir()
        (leaf / "content").write_bytes(os.urandom(SIZE_BYTES))
        for path in (leaf / "content", leaf, folder):
            fsync(path)


async def _times(work: Callable[[], Awaitable[None]], number: int) -> list[float]:
    """Return how long it takes each time, in milliseconds, with a pause between, as between single mails."""
    found: list[float] = []
    for _ in range(number):
        began = time.perf_counter()
        await work()
        found.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(PAUSE_SECONDS)
    return found[3:]
