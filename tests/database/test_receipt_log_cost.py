"""A proof about a large log reads as many rows as the tree is high, by one question of the log."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import asyncpg
import pytest

from models.receipts import Receipt
from reading.receipt_log import heads_of_year, prove_growth, prove_receipt
from rules import merkle
from tests.counter import MONDAY
from tests.database.test_mail_lookups_cost import rows_read

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

SIZE, YESTERDAY = 50_001, 40_000
HEIGHT = 16
MOST_ROWS = 2 * HEIGHT
"""Each end of the log is made of as many nodes as it is high, at most."""

LEAVES = f"""
INSERT INTO receipt_log_nodes (level, position, hash)
SELECT 0, n, sha256('\\x00'::bytea || sha256(int4send(n))) FROM generate_series(0, {SIZE - 1}) n
"""
NEXT_LEVEL = """
INSERT INTO receipt_log_nodes (level, position, hash)
SELECT $1 + 1, a.position / 2, sha256('\\x01'::bytea || a.hash || b.hash) FROM receipt_log_nodes a
JOIN receipt_log_nodes b ON b.level = $1 AND b.position = a.position + 1 WHERE a.level = $1 AND a.position % 2 = 0
"""
HEAD = "SELECT receipt_log_publish('https://mesa.pe', $1::date, $2, receipt_log_root($2), 'x', 'x', $1::date + 2)"


def entry(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(4, "big")).digest()


async def fill(database: Database) -> None:
    """Make a log of many entries, with heads of two days."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(LEAVES)
    for level in range(HEIGHT):
        await connection.execute(NEXT_LEVEL, level)
    await connection.execute(f"UPDATE receipt_log SET size = {SIZE}")
    for day, size in ((date(2026, 3, 9), YESTERDAY), (date(2026, 3, 10), SIZE)):
        assert await connection.fetchval(HEAD, day, size)
    await connection.execute("ANALYZE receipt_log_nodes")
    await connection.close()


async def without_index(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("ALTER TABLE receipt_log_nodes DROP CONSTRAINT receipt_log_nodes_pkey")
    await connection.close()


@pytest.mark.parametrize("is_indexed", [True, False])
async def test_a_proof_in_a_large_log_reads_few_nodes(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch, *, is_indexed: bool
) -> None:
    await fill(database)
    if not is_indexed:
        await without_index(database)
    sealed = [
        Receipt(issued_at=MONDAY, log_index=index, content_id=entry(index).hex()) for index in (0, 12_345, 39_999)
    ]

    read = [
        await rows_read(monkeypatch, "unnest", lambda receipt=each: prove_receipt(receipt, has_growth=True))
        for each in sealed
    ]
    read.append(await rows_read(monkeypatch, "unnest", lambda: prove_growth(YESTERDAY, SIZE)))

    assert all(0 < rows <= 2 * MOST_ROWS for rows in read) is is_indexed
    root, last = [merkle.root_of([entry(number) for number in range(size)]) for size in (YESTERDAY, SIZE)]
    for receipt in sealed:
        proof = await prove_receipt(receipt, has_growth=True)
        assert proof is not None
        leaf = merkle.leaf_hash(proof.sha256)
        assert merkle.is_included(leaf, proof.path, index=proof.index, size=proof.size, root=root)
        [growth] = proof.growths
        assert merkle.is_consistent(
            growth.path, first=growth.first, second=growth.second, first_root=root, second_root=last
        )


async def test_the_log_grows_on_from_there(counter: Counter, database: Database) -> None:
    await fill(database)
    connection = await asyncpg.connect(database.web_url)

    assert await connection.fetchval("SELECT receipt_log_append($1::bytea[])", [entry(SIZE), entry(SIZE + 1)]) == SIZE
    root = await connection.fetchval("SELECT receipt_log_root($1)", SIZE + 2)

    await connection.close()
    assert root == merkle.root_of([entry(number) for number in range(SIZE + 2)])


@pytest.mark.parametrize("is_indexed", [True, False])
async def test_the_file_of_a_year_reads_its_nodes_at_once(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch, *, is_indexed: bool
) -> None:
    await fill(database)
    if not is_indexed:
        await without_index(database)

    read = await rows_read(monkeypatch, "unnest", lambda: heads_of_year(2026))

    assert (0 < read <= MOST_ROWS) is is_indexed
