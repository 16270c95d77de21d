"""What the antivirus could not be asked when it came in is scanned later; what it finds then is told to the desk."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions.known_contents import FIRST_WAIT
from actions.tasks import open_task
from actions.transaction import database, tx
from files.store import ContentDamaged, ContentMissing
from models.tramites import Tramite
from rules.tasks import TaskKind
from rules.verdicts import Finding, Judgement, Scan

if TYPE_CHECKING:
    from datetime import datetime

    from actions.tools import Antivirus, Tools

logger = logging.getLogger(__name__)

BATCH: Final = 4
LEASE: Final = timedelta(minutes=10)
"""So long nobody else takes a content that somebody took: longer than a round lasts."""

LONGEST_WAIT: Final = timedelta(hours=1)
MOST_ATTEMPTS: Final = 6
"""After so many, each while the antivirus was there, it is the file's fault, and it counts as partly scanned."""

TOLD_WITHIN: Final = timedelta(hours=1)
"""So long it is looked whether what was found to be malware has come to be part of a trámite meanwhile."""

CLAIM = """
UPDATE contents SET scan_after = $2, scan_attempts = scan_attempts + 1 WHERE sha256 IN (
    SELECT sha256 FROM contents WHERE scan_after <= $1 ORDER BY scan_after LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING sha256, kind, findings, scan_attempts
"""

ENQUEUE = """
UPDATE contents SET scan = 'PENDING', scan_after = $1, scan_attempts = 0 WHERE sha256 IN (
    SELECT sha256 FROM contents WHERE scan IS NULL AND findings IS NOT NULL AND erased_at IS NULL
    ORDER BY stored_at DESC LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING 1
"""

RECORD = """
UPDATE contents SET scan = $2, signature = $3, scanned_at = $4, scan_after = $5, scan_attempts = $6
WHERE sha256 = $1 AND erased_at IS NULL AND (scan_after = $7 OR ($2 = 'INFECTED' AND scan <> 'INFECTED'))
"""
"""Malware is recorded even of what somebody else has had scanned since it was taken; nothing else is."""

FOUND = """
SELECT DISTINCT a.tramite_id, a.content_id FROM contents c JOIN attachments a ON a.content_id = c.sha256
WHERE c.scan = 'INFECTED' AND c.scanned_at > $1 AND a.erased_at IS NULL AND NOT EXISTS (
    SELECT FROM tasks t WHERE t.kind = $2 AND t.tramite_id = a.tramite_id AND (
        t.done_at IS NULL OR t.detail->>'sha256' = a.content_id))
ORDER BY 1, 2 LIMIT 100
"""


@dataclass(frozen=True)
class Claimed:
    """A content that was taken to be scanned, for the so-many-th time."""

    sha256: str
    judgement: Judgement
    attempts: int
    until: datetime


@dataclass(frozen=True)
class Said:
    """What was said of one; if it is pending, whether that is ours: the store cannot be asked."""

    scan: Scan
    signature: str | None = None
    is_ours: bool = False


async def scan_pending(tools: Tools) -> int:
    """
    Scan a few contents that wait for the antivirus, else some that came before there was one; return how many.

    While it is away one question tells, and nothing is touched. What is found to be malware stays where it is, for it
    was received: its finding shows, and whoever has the trámite is given a task.
    """
    antivirus = tools.antivirus
    if antivirus is None or not await antivirus.answers():
        return 0
    claimed = await _claim(tools) or (await _enqueue(tools) and await _claim(tools)) or []
    if claimed:
        await _scan(tools, antivirus, claimed)
    await _tell_desk(tools)
    return len(claimed)


async def watch_antivirus(tools: Tools) -> int:
    """Log each thing about the antivirus that is not as it should be; without one there is nothing to say."""
    for fault in await tools.antivirus.faults() if tools.antivirus else ():
        logger.error("The antivirus: %s", fault, extra={"action": "antivirus_fault"})
    return 0


async def _claim(tools: Tools) -> list[Claimed]:
    now = tools.clock()
    rows = await database().execute_query_dict(CLAIM, [now, now + LEASE, BATCH])
    return [
        Claimed(
            row["sha256"],
            Judgement(row["kind"], findings=tuple(map(Finding, row["findings"] or ()))),
            row["scan_attempts"],
            now + LEASE,
        )
        for row in rows
    ]


async def _enqueue(tools: Tools) -> bool:
    return bool(await database().execute_query_dict(ENQUEUE, [tools.clock(), BATCH]))


async def _scan(tools: Tools, antivirus: Antivirus, claimed: list[Claimed]) -> None:
    said = await asyncio.gather(*(_scan_one(tools, antivirus, each) for each in claimed))
    is_there = all(answer.scan is not Scan.PENDING for answer in said) or await antivirus.answers()
    for each, answer in zip(claimed, said, strict=True):
        await _record(tools, each, answer, counts=is_there and not answer.is_ours)


async def _scan_one(tools: Tools, antivirus: Antivirus, each: Claimed) -> Said:
    try:
        async with tools.store.as_file(each.sha256) as path:
            [(scan, signature)] = await antivirus.scan([path], [each.judgement])
            return Said(scan, signature)
    except (ContentMissing, ContentDamaged, OSError) as error:
        logger.warning("A content is not scanned: %s", type(error).__name__, extra={"action": "content_not_scanned"})
        return Said(Scan.PENDING, is_ours=isinstance(error, OSError))


async def _record(tools: Tools, each: Claimed, said: Said, *, counts: bool) -> None:
    """Record what was said; an attempt that failed *counts* if it was for the file."""
    now, scan, attempts = tools.clock(), said.scan, each.attempts if counts else each.attempts - 1
    if scan is Scan.PENDING and attempts >= MOST_ATTEMPTS:
        scan = Scan.PARTLY
        logger.warning("A file could not be scanned to its end", extra={"action": "file_given_up"})
    is_pending = scan is Scan.PENDING
    scanned_at, scan_after = (None, now + wait_after(attempts)) if is_pending else (now, None)
    values = [each.sha256, scan, said.signature, scanned_at, scan_after, attempts, each.until]
    async with tx() as connection:
        await connection.execute_query(RECORD, values)


def wait_after(attempts: int) -> timedelta:
    """Return how long a content waits after so many attempts."""
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), MOST_ATTEMPTS), LONGEST_WAIT)


async def _tell_desk(tools: Tools) -> None:
    values = [tools.clock() - TOLD_WITHIN, TaskKind.MALWARE_FOUND]
    for row in await database().execute_query_dict(FOUND, values):
        async with tx():
            tramite = await Tramite.get(id=row["tramite_id"])
            detail = {"sha256": row["content_id"]}
            await open_task(tools, TaskKind.MALWARE_FOUND, tramite=tramite, detail=detail)
