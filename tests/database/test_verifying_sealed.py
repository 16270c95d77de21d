"""What somebody does to sealed receipts, to their log or to its heads, with every right there is, is found by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import pytest_asyncio

from actions.receipt_heads import publish_heads
from actions.sealing import seal_outstanding
from models.receipt_log import LogHead
from models.receipts import Receipt
from rules.anchors import MailedHead
from tests.database.test_verifying import Day, day
from tests.database.test_verifying_record import told
from tests.stores import path_of

__all__ = ["day"]

SECOND = "(SELECT id FROM receipts WHERE log_index = 1)"
UNCHECKED = "ALTER TABLE receipts DROP CONSTRAINT receipts_sealed"
NODE = "UPDATE receipt_log_nodes SET hash = sha256('another'::bytea) WHERE level = {} AND position = {}"

OTHERS = "root, signature, certificates, made_at"
MORE = f"INSERT INTO receipt_log_heads (day, log, size, {OTHERS}) SELECT {{}}, {OTHERS} FROM receipt_log_heads"

EDITS = {
    # A receipt and its entry.
    f"UPDATE receipts SET content_id = (SELECT content_id FROM receipts WHERE log_index = 0) WHERE id = {SECOND}":
    "its sealed file is not what the log says of it",
    NODE.format(0, 0): "node 0 of level 1: it does not follow from the two below it",
    f"UPDATE receipts SET content_id = NULL, sealed_at = NULL, log_index = NULL WHERE id = {SECOND}":
    "log of receipts, entry 1: no receipt has this entry",
    f"{UNCHECKED}; UPDATE receipts SET log_index = NULL WHERE id = {SECOND}": "it is sealed, but not wholly",
    f"{UNCHECKED}; UPDATE receipts SET content_id = NULL WHERE id = {SECOND}": "it is sealed, but not wholly",
    f"UPDATE receipts SET content_id = repeat('0', 64) WHERE id = {SECOND}": "it is sealed, but not wholly",
    f"UPDATE receipts SET log_index = 999 WHERE id = {SECOND}": "its sealed file is not what the log says of it",
    f"DELETE FROM receipts WHERE id = {SECOND}": "the receipt that this act promises is missing",
    # The log.
    "DELETE FROM receipt_log_nodes WHERE level = 0 AND position = 1": "level 0: it has not the nodes",
    "DELETE FROM receipt_log_nodes WHERE level = 1 AND position = 0": "level 1: it has not the nodes",
    "INSERT INTO receipt_log_nodes (level, position, hash) SELECT 0, size, sha256('x'::bytea) FROM receipt_log":
    "level 0: it has not the nodes",
    "UPDATE receipt_log_nodes SET position = 70 WHERE level = 0 AND position = 1": "level 0: it has not the nodes",
    "UPDATE receipt_log SET size = size + 1": "it has not the nodes",
    "UPDATE receipt_log SET size = size - 1": "it has not the nodes",
    NODE.format(1, 0): "node 0 of level 1: it does not follow from the two below it",
    NODE.format(2, 0): "node 0 of level 2: it does not follow from the two below it",
    "SELECT receipt_log_append(ARRAY[sha256('a receipt that nobody issued'::bytea)])": "no receipt has this entry",
    # The heads.
    "UPDATE receipt_log_heads SET root = sha256('another'::bytea)": "it is not the root of the log as it was then",
    "UPDATE receipt_log_heads SET size = size - 1": "it is not the root of the log as it was then",
    "UPDATE receipt_log_heads SET size = size + 1000": "it is not the root of the log as it was then",
    "UPDATE receipts SET issued_at = issued_at - interval '3 days' WHERE log_index = (SELECT max(log_index) FROM"
    " receipts)": "the published head of its day does not hold it",
    "UPDATE receipt_log_heads SET size = 1, root = receipt_log_root(1)": "the head that it prints is not the published",
    "DELETE FROM receipt_log_heads": "the head that it prints is not the published one",
    "UPDATE receipt_log_heads SET day = day - 1": "the head that it prints is not the published one",
    MORE.format("day + 2, log, size"): "it does not go on from the one of the day before",
    MORE.format("day - 1, log, size + 1"): "it is not the root",
    MORE.format("day + 1, log || '/', size"): "it does not go on from the one of the day before",
}  # fmt: skip


@pytest_asyncio.fixture
async def sealed_day(day: Day) -> Day:
    """Return a day whose receipts are sealed and whose head is published, and one receipt of the day after."""
    tools = day.counter.tools
    assert await seal_outstanding(tools) >= 4
    day.counter.clock.advance(days=1)
    assert await publish_heads(tools) == 1
    await day.counter.file(await day.counter.register())
    assert await seal_outstanding(tools) == 1
    return day


async def test_an_edit_of_receipts_log_or_heads_is_found(sealed_day: Day) -> None:
    await sealed_day.verify()

    async with sealed_day.meddling() as connection:
        found = {edit: await told(connection, edit) for edit in EDITS}

    missed = {edit: said for edit, said in found.items() if EDITS[edit] not in said}
    assert missed == {}


@pytest.mark.parametrize(
    "edit", ["signature = signature || '\\x00'", "log = log || '/'", "certificates = ''", "signature = root"]
)
async def test_a_head_that_is_not_signed_is_found(sealed_day: Day, edit: str) -> None:
    await sealed_day.meddle(f"UPDATE receipt_log_heads SET {edit}")

    assert await sealed_day.fault() == (
        "log of receipts, head of 2026-03-09: it is not signed by the certificate noted with it"
    )


async def test_a_sealed_file_that_is_gone_or_altered_is_found_by_name(sealed_day: Day) -> None:
    receipt = await Receipt.get(log_index=2)
    assert receipt.content_id is not None
    path = path_of(sealed_day.counter.tools.store, receipt.content_id)
    kept = path.read_bytes()

    path.write_bytes(kept.replace(b"%%EOF", b"%%eof"))
    altered = await sealed_day.fault()
    path.unlink()
    missing = await sealed_day.fault()

    assert altered.startswith(f"file {receipt.content_id}: the bytes in the store are no longer")
    assert missing == f"file {receipt.content_id}: is missing from the store"
    path.write_bytes(kept)
    await sealed_day.verify()


async def test_heads_that_were_mailed_are_those_that_are_there(sealed_day: Day) -> None:
    row = await LogHead.get(day=date(2026, 3, 9))
    mailed = MailedHead(row.day, row.size, row.root.hex())

    await sealed_day.verify(mailed)

    another, later = replace(mailed, root="0" * 64), replace(mailed, day=date(2026, 3, 12))
    for given in ([another], [mailed, another], [another, mailed]):
        assert "head of 2026-03-09: it is not the one that was mailed" in await sealed_day.fault(*given)
    assert "head of 2026-03-12: it was mailed, but is gone" in await sealed_day.fault(mailed, later)


async def test_a_receipt_of_a_published_day_that_is_not_in_its_head_is_found(sealed_day: Day) -> None:
    receipt = await Receipt.get(log_index=4)
    await sealed_day.meddle(
        f"UPDATE receipts SET content_id = NULL, sealed_at = NULL, log_index = NULL WHERE id = '{receipt.id}'",
    )

    assert "no receipt has this entry" in await sealed_day.fault()
