"""What must hold when all lives are over: nothing lost, nothing doubled, each notice decided once, all in agreement."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.crash.letters import Letters
    from tests.servers.dovecot import Account

ITEMS = """
SELECT i.original_id, i.suppression, i.tramite_id, i.outcome, n.state FROM mail_items i
    LEFT JOIN notices n ON n.id = i.notice_id
"""
ANSWERS_TO_NOTHING = """
SELECT count(*) FROM notices n WHERE NOT EXISTS (SELECT FROM mail_items i WHERE i.notice_id = n.id)
"""
FILED = """
SELECT content_id, count(DISTINCT tramite_id) AS times FROM attachments WHERE role = 'MAIN' GROUP BY content_id
"""
NOTICES = """
SELECT t.id, t.contact_email, i.suppression, count(n.id) AS notices,
    count(*) FILTER (WHERE n.state = 'PENDING') AS pending, count(*) FILTER (WHERE n.state = 'SUPPRESSED') AS withheld
FROM tramites t LEFT JOIN mail_items i ON i.tramite_id = t.id AND i.outcome = 'FILED'
    LEFT JOIN notices n ON n.tramite_id = t.id AND n.kind = 'SUBMISSION_RECEIPT'
GROUP BY t.id, i.id
"""
UNSETTLED = "SELECT count(*) FROM mail_slots WHERE uidvalidity = $1 AND (item_id IS NULL OR moved_at IS NULL)"
NUMBERS = "SELECT number FROM tramites"


class Harm(StrEnum):
    """What may be wrong."""

    LOST = "LOST"
    DOUBLED = "DOUBLED"
    NOTICE = "NOTICE"
    DISAGREEMENT = "DISAGREEMENT"
    STALLED = "STALLED"


Findings = Counter[Harm]


async def judge(url: str, account: Account, letters: Letters, *, store: Path, told: Counter[str]) -> Findings:
    """Return how often each harm was done. *told* is who was written to during the lives."""
    connection = await asyncpg.connect(url)
    try:
        items = await connection.fetch(ITEMS)
        filed = {row["content_id"]: row["times"] for row in await connection.fetch(FILED)}
        notices = await connection.fetch(NOTICES)
        numbers = [row["number"] for row in await connection.fetch(NUMBERS)]
        unfounded = await connection.fetchval(ANSWERS_TO_NOTHING)
        unsettled = await connection.fetchval(UNSETTLED, await account.uid_validity())
    finally:
        await connection.close()
    found = Findings()
    found.update(_lost_and_doubled(items, filed, letters))
    found.update(_gaps(numbers))
    found.update(_decisions(items))
    found.update(_notices(notices, told))
    found[Harm.NOTICE] += unfounded
    found[Harm.DISAGREEMENT] += unsettled + _damaged(items, store) + await _misplaced(items, account, letters)
    return +found


def _lost_and_doubled(items: list[Any], filed: dict[str, int], letters: Letters) -> Iterator[Harm]:
    kept = Counter(item["original_id"] for item in items)
    wanted = {hashlib.sha256(content).hexdigest() for content in letters.delivered}
    for digest in wanted | kept.keys():
        yield from _once(kept[digest], wanted=digest in wanted)
    for digest in letters.filed | filed.keys():
        yield from _once(filed.get(digest, 0), wanted=digest in letters.filed)


def _once(times: int, *, wanted: bool) -> Iterator[Harm]:
    if wanted and not times:
        yield Harm.LOST
    elif times > wanted:
        yield Harm.DOUBLED


def _gaps(numbers: list[str]) -> Iterator[Harm]:
    serials = sorted(int(re.split("-", number)[2]) for number in numbers)
    if serials != list(range(1, len(serials) + 1)):
        yield Harm.DISAGREEMENT


def _decisions(items: list[Any]) -> Iterator[Harm]:
    """Each mail has one decision about its answer: a notice, withheld or not, or else why there is none."""
    for item in items:
        has_notice, is_withheld = item["state"] is not None, item["state"] in (None, "SUPPRESSED")
        wants_notice, has_reason = item["outcome"] in ("FILED", "REJECTED"), item["suppression"] is not None
        if (wants_notice, has_reason) != (has_notice, is_withheld):
            yield Harm.NOTICE
        if (item["outcome"] == "FILED") != (item["tramite_id"] is not None):
            yield Harm.DISAGREEMENT


def _notices(notices: list[Any], told: Counter[str]) -> Iterator[Harm]:
    """Each trámite has one receipt; whom a worker has written to is promised nothing more."""
    for row in notices:
        is_withheld = row["suppression"] is not None
        if row["notices"] != 1 or (row["withheld"] == 1) != is_withheld:
            yield Harm.NOTICE
        if not is_withheld and told[row["contact_email"]] + row["pending"] != 1:
            yield Harm.NOTICE


def _damaged(items: list[Any], store: Path) -> int:
    """Return how many originals the store does not have, byte by byte."""
    digests = [item["original_id"] for item in items]
    paths = [store / "sha256" / digest[:2] / digest[2:4] / digest for digest in digests]
    return sum(
        not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest
        for path, digest in zip(paths, digests, strict=True)
    )


async def _misplaced(items: list[Any], account: Account, letters: Letters) -> int:
    """Return how many mails lie where they should not, or not as often as they were delivered."""
    folders = await account.folders()
    lying = {folder: await account.mails(folder) for folder in folders}
    contents = Counter(mail.content for mails in lying.values() for mail in mails)
    differing = (contents - letters.delivered) + (letters.delivered - contents)
    doubtful = {item["original_id"] for item in items if item["outcome"] == "QUARANTINED"}
    misplaced = sum(
        (hashlib.sha256(mail.content).hexdigest() in doubtful) != (folder == "Cuarentena")
        for folder, mails in lying.items()
        for mail in mails
    )
    return differing.total() + misplaced + len(lying["INBOX"])
