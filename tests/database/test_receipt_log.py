"""The log of receipts in the database: what it holds is the tree of RFC 9162, and nobody changes what is in it."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

import asyncpg
import pytest

from rules import merkle
from rules.merkle import Place

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.servers.postgres import Database

APPEND = "SELECT receipt_log_append($1::bytea[])"


def entries(count: int, *, first: int = 0) -> list[bytes]:
    return [hashlib.sha256(b"sealed %d" % number).digest() for number in range(first, first + count)]


async def nodes_of(connection: asyncpg.Connection) -> dict[Place, bytes]:
    rows = await connection.fetch("SELECT level, position, hash FROM receipt_log_nodes")
    return {Place(row["level"], row["position"]): row["hash"] for row in rows}


@pytest.fixture
async def web(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.web_url)
    await connection.execute("SET ROLE mesa_app")
    yield connection
    await connection.close()


async def test_entries_appended_one_by_one_make_the_tree(web: asyncpg.Connection) -> None:
    known = entries(130)
    for size, entry in enumerate(known):
        assert await web.fetchval("SELECT receipt_log_root($1)", size) == merkle.root_of(known[:size])

        assert await web.fetchval(APPEND, [entry]) == size

    assert await nodes_of(web) == merkle.complete_nodes(known)
    for size in range(131):
        assert await web.fetchval("SELECT receipt_log_root($1)", size) == merkle.root_of(known[:size])


@pytest.mark.parametrize("batches", [[1, 2, 3], [7, 1, 8, 16, 5], [64, 64], [63, 1, 66], [100, 0, 3], [255, 2]])
async def test_entries_appended_in_batches_make_the_same_tree(web: asyncpg.Connection, batches: list[int]) -> None:
    total = 0
    for count in batches:
        assert await web.fetchval(APPEND, entries(count, first=total)) == total
        total += count

    assert await nodes_of(web) == merkle.complete_nodes(entries(total))
    assert await web.fetchval("SELECT size FROM receipt_log") == total


async def test_who_append_at_once_leave_no_gap_and_nothing_doubled(database: Database) -> None:
    async def append(worker: int) -> list[tuple[int, list[bytes]]]:
        connection = await asyncpg.connect(database.web_url)
        batches = [entries(1 + turn % 4, first=1000 * worker + 10 * turn) for turn in range(12)]
        done = [(await connection.fetchval(APPEND, batch), batch) for batch in batches]
        await connection.close()
        return done

    told = await asyncio.gather(*(append(worker) for worker in range(4)))

    connection = await asyncpg.connect(database.web_url)
    kept, size = await nodes_of(connection), await connection.fetchval("SELECT size FROM receipt_log")
    await connection.close()
    placed = {first + at: entry for done in told for first, batch in done for at, entry in enumerate(batch)}
    assert sorted(placed) == list(range(size)) == list(range(4 * 30))
    assert kept == merkle.complete_nodes([placed[at] for at in range(size)])


async def test_what_was_rolled_back_is_not_in_the_log(web: asyncpg.Connection) -> None:
    await web.fetchval(APPEND, entries(3))
    transaction = web.transaction()
    await transaction.start()
    await web.fetchval(APPEND, entries(5, first=50))
    await transaction.rollback()

    assert await web.fetchval(APPEND, entries(2, first=3)) == 3
    assert await nodes_of(web) == merkle.complete_nodes(entries(5))


@pytest.mark.parametrize("entry", [b"", b"x" * 31, b"x" * 33, None])
async def test_an_entry_is_a_digest(web: asyncpg.Connection, entry: bytes | None) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await web.fetchval(APPEND, [*entries(2), entry])

    assert await nodes_of(web) == {}
