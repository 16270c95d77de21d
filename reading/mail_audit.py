"""The ledger of mails held against itself, the trámites and the notices: what does not agree, in bounded questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from models.mail import Mailbox, MailItem
from rules.mail_audit import GRACE, Difference, DifferenceKind, is_stale

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import datetime
    from uuid import UUID

AT_ONCE = 500

NOT_TAKEN_IN = """
SELECT s.mailbox_id AS mailbox_id, s.uid AS uid FROM mail_slots s
WHERE s.item_id IS NULL AND (s.next_try_at IS NULL OR s.next_try_at < $1) ORDER BY s.mailbox_id, s.uid
"""
FILED_WITHOUT_TRAMITE = """
SELECT i.mailbox_id, i.id AS item_id FROM mail_items i
WHERE i.outcome = 'FILED' AND i.tramite_id IS NULL ORDER BY i.received_at
"""
TRAMITE_OF_UNFILED = """
SELECT i.mailbox_id, i.id AS item_id, i.tramite_id FROM mail_items i
WHERE i.tramite_id IS NOT NULL AND i.outcome IN ('QUARANTINED', 'AUTOMATIC', 'BOUNCE', 'REJECTED')
ORDER BY i.received_at
"""
TRAMITE_WITHOUT_MAIL = """
SELECT t.id AS tramite_id FROM tramites t
WHERE t.channel = 'EMAIL' AND NOT EXISTS (SELECT FROM mail_items i WHERE i.tramite_id = t.id AND i.outcome = 'FILED')
ORDER BY t.sent_at
"""
WRONG_DATE = """
SELECT i.mailbox_id, i.id AS item_id, i.tramite_id FROM mail_items i JOIN tramites t ON t.id = i.tramite_id
WHERE i.outcome = 'FILED' AND t.sent_at <> i.received_at ORDER BY i.received_at
"""
NOTICE_UNDECIDED = """
SELECT i.mailbox_id, i.id AS item_id, i.tramite_id FROM mail_items i
WHERE CASE WHEN i.outcome = 'FILED'
    THEN NOT EXISTS (SELECT FROM notices n WHERE n.tramite_id = i.tramite_id AND n.kind = 'SUBMISSION_RECEIPT')
    ELSE i.suppression IS NULL AND i.notice_id IS NULL AND NOT EXISTS (
        SELECT FROM mail_decisions d WHERE d.item_id = i.id AND d.kind = 'REJECTED' AND d.notice_id IS NOT NULL)
    END ORDER BY i.received_at
"""
ITEM_WITHOUT_SLOT = """
SELECT i.mailbox_id, i.id AS item_id, i.tramite_id FROM mail_items i
WHERE NOT EXISTS (SELECT FROM mail_slots s WHERE s.item_id = i.id) ORDER BY i.received_at
"""
DOUBLED = """
SELECT i.mailbox_id, i.id AS item_id, i.tramite_id FROM mail_items i
WHERE EXISTS (
    SELECT FROM mail_items o WHERE o.original_id = i.original_id AND o.mailbox_id = i.mailbox_id AND o.id <> i.id
) OR i.outcome = 'FILED' AND EXISTS (
    SELECT FROM mail_items o WHERE o.tramite_id = i.tramite_id AND o.outcome = 'FILED' AND o.id <> i.id
) ORDER BY i.received_at
"""

QUESTIONS = {
    DifferenceKind.FILED_WITHOUT_TRAMITE: FILED_WITHOUT_TRAMITE,
    DifferenceKind.TRAMITE_OF_UNFILED: TRAMITE_OF_UNFILED,
    DifferenceKind.TRAMITE_WITHOUT_MAIL: TRAMITE_WITHOUT_MAIL,
    DifferenceKind.WRONG_DATE: WRONG_DATE,
    DifferenceKind.NOTICE_UNDECIDED: NOTICE_UNDECIDED,
    DifferenceKind.ITEM_WITHOUT_SLOT: ITEM_WITHOUT_SLOT,
    DifferenceKind.DOUBLED: DOUBLED,
}
"""What is never so in a whole ledger, whenever it is asked."""

PLACES = """
SELECT s.uid, s.item_id IS NOT NULL AS is_taken, s.moved_at IS NOT NULL AS is_moved, s.next_try_at
FROM mail_slots s WHERE s.mailbox_id = $1 AND s.uidvalidity = $2 AND s.uid = ANY($3::bigint[])
"""
KNOWN = """
SELECT i.id, i.content_key, i.outcome, EXISTS (SELECT FROM mail_decisions d
    WHERE d.item_id = i.id AND d.kind <> 'ANSWERED') AS is_decided
FROM mail_items i WHERE i.mailbox_id = ANY($1::uuid[]) AND i.content_key = ANY($2::text[])
"""
EXPECTED = """
SELECT i.id FROM mail_items i
WHERE i.mailbox_id = $1 AND ($2::timestamptz IS NULL OR i.received_at >= $2) AND i.recorded_at < $4
    AND EXISTS (SELECT FROM mail_slots s WHERE s.item_id = i.id AND s.uidvalidity <> $3)
ORDER BY i.received_at
"""


@dataclass(frozen=True)
class Known:
    """What the ledger says of a content; `is_decided`: a person released or rejected it."""

    item_id: UUID
    outcome: str
    is_decided: bool


async def of_ledger(*, now: datetime) -> list[Difference]:
    """Return what does not agree within the database."""
    found = [await _asked(kind, question) for kind, question in QUESTIONS.items()]
    late = await _asked(DifferenceKind.NOT_TAKEN_IN, NOT_TAKEN_IN, now - GRACE)
    return [*late, *(each for part in found for each in part), *await _stale(now)]


async def _asked(kind: DifferenceKind, question: str, *values: object) -> list[Difference]:
    return [Difference(kind, **row) for row in await _rows(question, *values)]


async def _stale(now: datetime) -> list[Difference]:
    leased = [each for each in await Mailbox.all().order_by("id") if each.holder is not None]
    return [
        Difference(DifferenceKind.STALE_LEASE, mailbox_id=each.id, folder=each.folder)
        for each in leased
        if is_stale(each.leased_until, at=now)
    ]


async def kept_mails(*, since: datetime | None) -> AsyncIterator[MailItem]:
    """Yield all mails that are still kept, recorded since then; in pages, so that memory does not grow with them."""
    wanted = MailItem.filter(erased_at__isnull=True).order_by("id").limit(AT_ONCE)
    if since is not None:
        wanted = wanted.filter(recorded_at__gte=since)
    page = await wanted
    while page:
        for item in page:
            yield item
        page = await wanted.filter(id__gt=page[-1].id)


@dataclass(frozen=True)
class Place:
    """What the ledger says of a place on the server."""

    uid: int
    is_taken: bool
    is_moved: bool
    next_try_at: datetime | None


async def places_of(mailbox_id: UUID, uidvalidity: int, uids: Collection[int]) -> dict[int, Place]:
    """Return what the ledger knows of those places."""
    rows = await _rows(PLACES, mailbox_id, uidvalidity, list(uids))
    return {row["uid"]: Place(**row) for row in rows}


async def known_contents(mailbox_ids: Collection[UUID], keys: Collection[str]) -> dict[str, Known]:
    """Return the mails of those mailboxes that have those contents, by content key."""
    rows = await _rows(KNOWN, list(mailbox_ids), list(keys))
    return {row["content_key"]: Known(row["id"], row["outcome"], row["is_decided"]) for row in rows}


async def expected_on_server(mailbox_id: UUID, *, since: datetime | None, until: datetime, replayed: int) -> list[UUID]:
    """
    Return the mails that came from the server, received since one instant and recorded until the other.

    *replayed* is the UIDVALIDITY of those that came from no server.
    """
    return [row["id"] for row in await _rows(EXPECTED, mailbox_id, since, replayed, until)]


async def _rows(question: str, *values: object) -> list[dict[str, Any]]:
    return await get_connections().get("default").execute_query_dict(question, list(values))
