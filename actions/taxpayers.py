"""
Load SUNAT's register of taxpayers, as the owner of the tables.

One transaction does it all: fill a table of its own, index it, put it in the place of the last one. Whatever interrupts
it leaves the last register as it was, and nothing to clear away; readers wait only while the names change places. It
makes and drops tables, for which the application's role has no right and needs none: so it is given a connection of
the owner's, and knows neither `tx()` nor the models.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncpg

from rules.taxpayer_lines import RegisterReader

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping
    from datetime import date, datetime

    from rules.taxpayers import Fault

logger = logging.getLogger(__name__)

LOAD_LOCK: Final = 7_242_027
OTHER_LOAD_WAIT: Final = "60s"
"""A load that was killed may still be building its index; its server process looks up only then."""

SWAP_WAIT: Final = "2s"
"""How long readers may have to wait behind us, while we wait for those before us (a backup, say)."""

SWAP_PAUSE_SECONDS: Final = 3.0
SWAP_TRIES: Final = 120

NEXT_ID = "SELECT nextval(pg_get_serial_sequence('taxpayer_loads', 'id'))"
LAST_ROW_COUNT = "SELECT row_count FROM taxpayer_loads ORDER BY id DESC LIMIT 1"
PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'taxpayers'::regclass"
RECORD = """
INSERT INTO taxpayer_loads (id, published_on, loaded_at, row_count, bad_line_count) VALUES ($1, $2, $3, $4, $5)
"""
DROP_REPEATED = """
DELETE FROM {table} USING (
    SELECT ctid AS place, row_number() OVER (PARTITION BY ruc ORDER BY ctid DESC) AS nth FROM {table}
) AS ranked WHERE {table}.ctid = ranked.place AND nth > 1
"""


class CannotLoad(Exception):
    """Why the register was not loaded; the last one is as it was."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was loaded."""

    row_count: int
    repeated_count: int
    faults: Mapping[Fault, int]


async def load_taxpayers(
    connection: asyncpg.Connection,
    blocks: AsyncIterator[bytes],
    *,
    published_on: date,
    loaded_at: datetime,
    may_shrink: bool = False,
) -> Load:
    """
    Replace the register by the publication of *published_on*, whose file comes in *blocks*.

    Lines that cannot be used are left out and counted; of lines with the same RUC the last one counts. Memory is
    bounded by the size of a block.

    Raises:
        NotTheRegister: the file is something else.
        CannotLoad: another load is under way; or the new register has not half the rows of the last one and it *may
            not shrink*; or somebody, such as a backup, would not let go of the last one for minutes.
    """
    async with connection.transaction():
        await _wait_for_other_load(connection)
        load_id = await connection.fetchval(NEXT_ID)
        table = f"taxpayers_{load_id}"
        await connection.execute(f"CREATE TABLE {table} (LIKE taxpayers)")
        reader = RegisterReader()
        await connection.copy_to_table(
            table, source=_rows(reader, blocks), format="text", delimiter="|", encoding="latin1", freeze=True
        )
        repeated = await _index(connection, table)
        load = Load(reader.row_count - repeated, repeated, reader.faults)
        await _refuse_to_shrink(connection, load.row_count, may_shrink=may_shrink)
        await connection.execute(RECORD, load_id, published_on, loaded_at, load.row_count, reader.bad_line_count)
        await _swap(connection, table)
    logger.info("Register of taxpayers loaded", extra={"action": "taxpayers_loaded", "rows": load.row_count})
    return load


async def _rows(reader: RegisterReader, blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    async for block in blocks:
        yield reader.read(block)
    yield reader.finish()


async def _wait_for_other_load(connection: asyncpg.Connection) -> None:
    await connection.execute(f"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '{OTHER_LOAD_WAIT}'")
    try:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOAD_LOCK)
    except asyncpg.LockNotAvailableError:
        raise CannotLoad("Another load of the register is under way.") from None


async def _index(connection: asyncpg.Connection, table: str) -> int:
    """Make the primary key; return how many rows had to go because their RUC comes again."""
    primary_key = f"ALTER TABLE {table} ADD PRIMARY KEY (ruc)"
    try:
        async with connection.transaction():
            await connection.execute(primary_key)
    except asyncpg.UniqueViolationError:
        said = await connection.execute(DROP_REPEATED.format(table=table))
        await connection.execute(primary_key)
        return int(said.rpartition(" ")[2])
    return 0


async def _refuse_to_shrink(connection: asyncpg.Connection, row_count: int, *, may_shrink: bool) -> None:
    last = await connection.fetchval(LAST_ROW_COUNT) or 0
    if not row_count:
        raise CannotLoad("The file has no line that can be used.")
    if row_count * 2 < last and not may_shrink:
        raise CannotLoad(f"The file has {row_count:,} usable lines, less than half of the {last:,} that are loaded.")


async def _swap(connection: asyncpg.Connection, table: str) -> None:
    """Put *table* in the place of the last one, as soon as nobody reads; readers never wait long behind us."""
    await connection.execute(f"SET LOCAL lock_timeout = '{SWAP_WAIT}'")
    for _ in range(SWAP_TRIES):
        try:
            async with connection.transaction():
                await _change_places(connection, table)
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(SWAP_PAUSE_SECONDS)
        else:
            return
    raise CannotLoad("Somebody has been reading the last register for minutes: a backup? Try again when it is done.")


async def _change_places(connection: asyncpg.Connection, table: str) -> None:
    # The first load has nothing to detach, and attaching alone would let a reader go on with a plan that knows of none.
    await connection.execute("LOCK TABLE taxpayers IN ACCESS EXCLUSIVE MODE")
    for (last,) in await connection.fetch(PARTITIONS):
        await connection.execute(f"ALTER TABLE taxpayers DETACH PARTITION {last}")
        await connection.execute(f"DROP TABLE {last}")
    await connection.execute(f"ALTER TABLE taxpayers ATTACH PARTITION {table} FOR VALUES FROM (MINVALUE) TO (MAXVALUE)")
