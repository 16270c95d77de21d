"""Files that are handed in are judged where they arrive: by the sieve, then by the antivirus, if there is one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions.known_contents import FIRST_WAIT
from actions.transaction import database
from files.sieve.judge import VERSION
from files.store import ContentDamaged, ContentMissing
from rules.verdicts import NOT_JUDGED, Finding, Scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from actions.tools import Tools
    from rules.verdicts import Judgement

logger = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=40)
"""So long somebody at the web waits for the antivirus: with the sieve, and a retry of the store, about a minute."""

WAITS: Final = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=12))
"""So long after each try that failed comes the next."""

MOST_TRIES: Final = 1 + len(WAITS)

LEASE: Final = timedelta(minutes=10)
"""Whoever tries and dies of it, or is cut off, has used up a try, and the next one comes after this."""

AT_ONCE: Final = 20
OF_BEFORE_AT_ONCE: Final = 100

CLAIM = """
UPDATE contents SET judge_attempts = judge_attempts + 1, judge_after = $2 WHERE sha256 IN (
    SELECT sha256 FROM contents WHERE judge_after <= $1 ORDER BY judge_after LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING sha256, judge_attempts
"""

LEARN = """
UPDATE contents SET kind = $3, pages = $4, pages_problem = $5, findings = $6, judged_version = $7, judge_after = NULL,
    judge_attempts = 0
WHERE sha256 = $1 AND judge_attempts = $2
"""

FAIL = """
UPDATE contents SET judge_after = $3, findings = coalesce(findings, $4),
    judged_version = CASE WHEN $3::timestamptz IS NULL THEN $5 ELSE judged_version END
WHERE sha256 = $1 AND judge_attempts = $2
"""
"""What was found before stays. Of what is given up nothing more will be found by this version."""

GIVE_BACK = """
UPDATE contents SET judge_after = $2, judge_attempts = judge_attempts - 1
WHERE sha256 = ANY ($1::text[]) AND judge_attempts > 0
"""

OF_BEFORE = """
UPDATE contents SET judge_after = CASE WHEN is_file THEN $2::timestamptz END, judge_attempts = 0,
    judged_version = CASE WHEN is_file THEN judged_version ELSE $1 END
FROM (
    SELECT sha256 AS key, erased_at IS NULL AND (
        EXISTS (SELECT FROM attachments WHERE content_id = sha256)
        OR EXISTS (SELECT FROM uploads WHERE content_id = sha256)) AS is_file
    FROM contents WHERE coalesce(judged_version, 0) < $1 AND judge_after IS NULL
    ORDER BY coalesce(judged_version, 0) LIMIT $3 FOR UPDATE SKIP LOCKED
) old WHERE sha256 = key
"""
"""What nobody handed in, or is gone, is passed over: receipts, mails as they came."""


async def judged_soon(tools: Tools, path: Path) -> Judgement:
    """Return what one file is found to be, for somebody who waits: what takes the antivirus long, it scans later."""
    [judgement] = await judged(tools, [path], patience=PATIENCE)
    return judgement


async def judged(tools: Tools, paths: Sequence[Path], *, patience: timedelta | None = None) -> list[Judgement]:
    """
    Return what each of the files is found to be; whatever goes wrong with looking at one is a finding of it.

    The names under which they come are judged where they are put in their place. Without *patience* the antivirus has
    all of its own time, which for a file that is full of others is minutes.
    """
    judgements = await tools.sieve.judge(paths)
    if tools.antivirus is None or not paths:
        return judgements
    try:
        async with asyncio.timeout(patience.total_seconds() if patience else None):
            scanned = await tools.antivirus.scan(paths, judgements)
    except TimeoutError:
        logger.warning("The antivirus took too long to wait for", extra={"action": "scan_left_for_later"})
        return [replace(judgement, scan=Scan.PENDING) for judgement in judgements]
    return [
        replace(judgement, scan=scan, signature=signature)
        for judgement, (scan, signature) in zip(judgements, scanned, strict=True)
    ]


async def judge_again(tools: Tools) -> int:
    """
    Judge what could not be judged when it came in, at most twenty; return how many were tried.

    Each is tried five times, with growing waits, and stays marked after that. When none is due, some of those that an
    older sieve has judged, or none, are to be judged at the next time. Whatever is found, what was filed stays filed.

    Raises:
        OSError: the store cannot be asked.
    """
    now = tools.clock()
    claimed = await database().execute_query_dict(CLAIM, [now, now + LEASE, AT_ONCE])
    waiting = {row["sha256"]: row["judge_attempts"] for row in claimed}
    try:
        for row in claimed:
            await _judge_again(tools, row["sha256"], tries=row["judge_attempts"])
            del waiting[row["sha256"]]
    except OSError:
        # The store cannot be asked: no fault of theirs, and no try.
        await database().execute_query(GIVE_BACK, [list(waiting), tools.clock() + FIRST_WAIT])
        raise
    if not claimed:
        await database().execute_query(OF_BEFORE, [VERSION, now, OF_BEFORE_AT_ONCE])
    return len(claimed)


async def _judge_again(tools: Tools, sha256: str, *, tries: int) -> None:
    judgement = await _stored_judgement(tools, sha256) if tries <= MOST_TRIES else NOT_JUDGED
    if Finding.NOT_JUDGED in judgement.findings:
        after = tools.clock() + WAITS[tries - 1] if tries < MOST_TRIES else None
        await database().execute_query(FAIL, [sha256, tries, after, list(NOT_JUDGED.findings), VERSION])
        return
    found = [judgement.kind, judgement.pages, judgement.problem, list(judgement.findings), VERSION]
    await database().execute_query(LEARN, [sha256, tries, *found])


async def _stored_judgement(tools: Tools, sha256: str) -> Judgement:
    try:
        async with tools.store.as_file(sha256) as path:
            [judgement] = await tools.sieve.judge([path])
    except (ContentMissing, ContentDamaged) as error:
        logger.warning("A content is not judged: %s", type(error).__name__, extra={"action": "content_not_judged"})
        return NOT_JUDGED
    return judgement
