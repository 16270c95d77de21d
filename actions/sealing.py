"""
Sealing: the PDF of a receipt is made, sealed and kept once; whoever asks for it later is given these bytes.

The row is the queue. Several may make the same file at the same time, here or in other processes; one of them is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING

from tortoise.expressions import Q

from actions.contents import expect_contents, take_contents
from actions.press import AT_ONCE, PressFull
from actions.transaction import OUTAGES, database, tx
from files.jail import JailBroken
from files.store import ContentDamaged, ContentMissing, StoredContent
from models.receipts import Receipt
from reading.files import ReceiptNoLongerKept
from rules.receipts import ReceiptFacts
from seals.seal import SealUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from actions.tools import Tools

logger = logging.getLogger(__name__)

FOR_ALL = (SealUnavailable, PressFull, JailBroken, *OUTAGES)
"""What keeps every receipt from being sealed for now, and says nothing of the one at hand."""

KEPT = """
SELECT r.id, c.sha256, c.size_bytes FROM receipts r JOIN contents c ON c.sha256 = r.content_id
WHERE r.id = ANY($1::uuid[]) AND r.erased_at IS NULL
"""

LOCK = """
SELECT id FROM receipts WHERE id = ANY($1::uuid[]) AND log_index IS NULL AND erased_at IS NULL
ORDER BY issued_at, id FOR NO KEY UPDATE
"""

APPEND = "SELECT receipt_log_append($1::bytea[]) AS first"

KEEP = """
UPDATE receipts SET content_id = told.sha256, log_index = told.index, sealed_at = $4
FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS told (id, sha256, index) WHERE receipts.id = told.id
"""


async def sealed_receipt(tools: Tools, receipt: Receipt) -> StoredContent:
    """
    Return the sealed file of a receipt, which is made now if there is none yet.

    Raises:
        ReceiptNoLongerKept: it is past its time.
        SealUnavailable, PressFull, JailFailed: it cannot be made for now.
    """
    kept = await _kept(receipt.id)
    if kept is None:
        if receipt.erased_at is not None:
            raise ReceiptNoLongerKept
        await _keep(tools, {receipt.id: await _press(tools, receipt)})
        kept = await _kept(receipt.id)
    if kept is None:
        raise ReceiptNoLongerKept
    return kept


async def read_receipt(tools: Tools, receipt: Receipt) -> bytes:
    """
    Return the bytes of the sealed file of a receipt, as `sealed_receipt`.

    Raises:
        ContentMissing, ContentDamaged: the kept file is gone, or other bytes are in its place; that was logged.
    """
    kept = await sealed_receipt(tools, receipt)
    try:
        return await _read(tools, kept.sha256)
    except (ContentMissing, ContentDamaged):
        logger.exception("Evidence is lost", extra={"action": "content_lost", "sha256": kept.sha256})
        raise


async def _read(tools: Tools, sha256: str) -> bytes:
    return b"".join([chunk async for chunk in tools.store.read(sha256)])


async def seal_outstanding(tools: Tools) -> int:
    """
    Seal all receipts that are not sealed yet, the oldest first, sixteen at a time; return how many were.

    One that cannot be made is told and passed over; the next round tries it again.

    Raises:
        SealUnavailable, JailBroken: none can be, for now; those made before are kept.
    """
    count, last = 0, None
    while batch := await _outstanding(after=last):
        made = await asyncio.gather(*(_press(tools, each) for each in batch), return_exceptions=True)
        pressed = {each.id: file for each, file in zip(batch, made, strict=True) if isinstance(file, bytes)}
        count += await _keep(tools, pressed) if pressed else 0
        for receipt, error in zip(batch, made, strict=True):
            if isinstance(error, FOR_ALL) or not isinstance(error, bytes | Exception):
                raise error
            if isinstance(error, Exception):
                told = {"action": "receipt_unmade", "receipt_id": str(receipt.id)}
                logger.error("Receipt %s cannot be made", receipt.id, exc_info=error, extra=told)
        last = batch[-1]
    return count


async def _outstanding(*, after: Receipt | None) -> list[Receipt]:
    """Return the next receipts of the queue."""
    waiting = Receipt.filter(log_index__isnull=True, erased_at__isnull=True)
    if after is not None:
        waiting = waiting.filter(Q(issued_at__gt=after.issued_at) | Q(issued_at=after.issued_at, id__gt=after.id))
    return await waiting.order_by("issued_at", "id").limit(2 * AT_ONCE)


async def _press(tools: Tools, receipt: Receipt) -> bytes:
    facts = ReceiptFacts.from_json(receipt.facts)
    emblem = facts.letterhead.emblem_sha256
    return await tools.press.press(facts, await _read(tools, emblem) if emblem else None)


async def _keep(tools: Tools, pressed: Mapping[UUID, bytes]) -> int:
    """Keep files as those of their receipts; return of how many: whoever was first has made the others."""
    files = {id_: StoredContent(hashlib.sha256(data).hexdigest(), len(data)) for id_, data in pressed.items()}
    await expect_contents(tools, list(files.values()))
    await asyncio.gather(*(tools.store.put_bytes(data) for data in pressed.values()))
    async with tx() as connection:
        locked = await connection.execute_query_dict(LOCK, [list(files)])
        ids = [row["id"] for row in locked]
        if not ids:
            return 0
        sha256s = [files[id_].sha256 for id_ in ids]
        await take_contents(tools, sha256s)
        # From here to the commit nobody else appends: a batch waits for the disk once.
        [told] = await connection.execute_query_dict(APPEND, [[bytes.fromhex(sha256) for sha256 in sha256s]])
        places = list(range(told["first"], told["first"] + len(ids)))
        await connection.execute_query(KEEP, [ids, sha256s, places, tools.clock()])
    return len(ids)


async def _kept(receipt_id: UUID) -> StoredContent | None:
    found = await database().execute_query_dict(KEPT, [[receipt_id]])
    return StoredContent(found[0]["sha256"], found[0]["size_bytes"]) if found else None
