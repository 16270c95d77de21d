"""Heads of the log of receipts: made once each day is over in Lima, signed, mailed to who keeps them, time-stamped."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import ssl
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from actions import notices
from actions.anchors import MOST_LINES, tell_keeper
from actions.transaction import database, tx
from models.receipt_log import LogHead
from rules.anchors import MailedHead
from rules.receipt_proofs import Head
from rules.workdays import LIMA, day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from seals.seal import Seal

logger = logging.getLogger(__name__)

AFTER_MIDNIGHT = timedelta(minutes=10)
"""So long a day waits for what was begun on it, and for its receipts to be sealed."""

MOST_STAMPS = 20

GROUND = """
SELECT size, receipt_log_root(size) AS root, last.log, last.day,
    unsealed.id AS unsealed_id, unsealed.issued_at AS unsealed,
    CASE WHEN last.day IS NULL THEN (SELECT min(issued_at) FROM receipts) END AS oldest
FROM receipt_log
LEFT JOIN LATERAL (SELECT log, day FROM receipt_log_heads ORDER BY day DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (
    SELECT id, issued_at FROM receipts WHERE log_index IS NULL AND erased_at IS NULL ORDER BY issued_at, id LIMIT 1
) unsealed ON true
"""

# As in `receipts_keep_date`: whoever issues a receipt shares it.
LOCK = "SET LOCAL lock_timeout = '2s'; SELECT pg_advisory_xact_lock(7242034);"

NOT_HELD = """
SELECT EXISTS (SELECT FROM receipts WHERE log_index IS NULL AND erased_at IS NULL AND issued_at < $1)
    OR EXISTS (SELECT FROM receipts WHERE log_index >= $2 AND issued_at < $1) AS is_short
"""

PUBLISH = "SELECT receipt_log_publish($1, $2, $3, $4, $5, $6, $7) AS is_first"
STAMP = "SELECT receipt_log_stamp($1, $2) AS is_first"


@dataclass(frozen=True)
class _Ground:
    """The log as of one instant, which days wait for a head, from which on one must wait, and for which receipt."""

    log: str
    size: int
    root: bytes
    days: tuple[date, ...]
    waits_from: date | None
    waits_for: UUID | None

    def head(self, day: date) -> Head:
        return Head(log=self.log, day=day, size=self.size, root=self.root)


async def publish_heads(tools: Tools) -> int:
    """
    Publish a head for each day that is over in Lima and has none, in their order; return how many.

    The first one is that of the day of the oldest receipt, or of yesterday before there is any. A head holds every
    receipt issued until the end of its day; while one of them is not in the log, it waits, and so do the later ones. It
    may hold receipts of the days after. From its commit on the database refuses receipts dated on its day or before.
    Mails the heads to the configured address, if there is one.

    Raises:
        SealUnavailable: they cannot be signed for now.
        LockNotAvailableError: what is being issued took longer than is worth waiting for.
    """
    ground = await _look(tools)
    if ground.waits_from is not None:
        told = {"action": "head_waits", "day": ground.waits_from.isoformat(), "receipt_id": str(ground.waits_for)}
        logger.error("The head of %s waits for receipts that are not sealed", ground.waits_from, extra=told)
    if not ground.days:
        return 0
    signed = await asyncio.to_thread(_sign, tools.seal, [ground.head(day) for day in ground.days])
    async with tx() as connection:
        published = await _publish(connection, tools, signed)
        if published:
            await tell_keeper(tools, published[-1].day, [_line(head) for head in published])
    tools.wake(notices.NOTICES)
    return len(published)


async def stamp_heads(tools: Tools) -> int:
    """Get a time stamp (RFC 3161) for heads that have none, the oldest first; return for how many there was one."""
    if tools.stamps is None:
        return 0
    count = 0
    for head in await LogHead.filter(time_stamp__isnull=True).order_by("day").limit(MOST_STAMPS):
        token = await tools.stamps.stamp(hashlib.sha256(head.signature).digest())
        if token is None:
            break
        [told] = await database().execute_query_dict(STAMP, [head.day, token])
        count += told["is_first"]
    return count


async def _look(tools: Tools) -> _Ground:
    [row] = await database().execute_query_dict(GROUND, [])
    over = day_of(tools.clock() - AFTER_MIDNIGHT) - timedelta(days=1)
    first = row["day"] + timedelta(days=1) if row["day"] else _day_of(row["oldest"]) or over
    unsealed = _day_of(row["unsealed"])
    days = [first + timedelta(days=number) for number in range(min((over - first).days + 1, MOST_LINES))]
    held = tuple(day for day in days if unsealed is None or day < unsealed)
    waits_from = max(first, unsealed) if unsealed is not None and unsealed <= over else None
    return _Ground(
        row["log"] or tools.institution.public_url, row["size"], row["root"], held, waits_from, row["unsealed_id"]
    )


def _sign(seal: Seal, heads: Sequence[Head]) -> list[tuple[Head, bytes, str]]:
    chain = "".join(map(ssl.DER_cert_to_PEM_cert, seal.certificates))
    return [(head, seal.sign(hashlib.sha256(head.to_bytes()).digest()), chain) for head in heads]


async def _publish(
    connection: TransactionWrapper, tools: Tools, signed: Sequence[tuple[Head, bytes, str]]
) -> list[Head]:
    """Publish heads, within a transaction; none if another worker was first, or a receipt came that they lack."""
    await connection.execute_script(LOCK)
    last, _, _ = signed[-1]
    [told] = await connection.execute_query_dict(NOT_HELD, [_end_of(last.day), last.size])
    if told["is_short"]:
        logger.warning("A receipt came while the head of %s was made", last.day, extra={"action": "head_short"})
        return []
    for head, signature, chain in signed:
        values: list[Any] = [head.log, head.day, head.size, head.root, signature, chain, tools.clock()]
        [told] = await connection.execute_query_dict(PUBLISH, values)
        if not told["is_first"]:
            return []
    return [head for head, _, _ in signed]


def _line(head: Head) -> str:
    return MailedHead(head.day, head.size, head.root.hex()).line()


def _day_of(instant: datetime | None) -> date | None:
    return day_of(instant) if instant is not None else None


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), LIMA)
