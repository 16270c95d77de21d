"""The ledger of mails held against itself, the trámites and the notices: what does not agree, in bounded questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections

from models.mail import Mailbox, MailItem
from reading.mail_questions import NOT_TAKEN_IN, QUESTIONS
from rules.mail_audit import GRACE, Difference, DifferenceKind, is_stale

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from datetime import datetime
    from uuid import UUID

AT_ONCE = 500

PLACES = """
SELECT s.uid, s.item_id, s.moved_at FROM mail_slots s
WHERE s.mailbox_id = $1 AND s.uidvalidity = $2 AND s.uid = ANY($3::bigint[])
"""
KNOWN = """
SELECT i.content_key, i.id AS item_id, i.mailbox_id, i.outcome, i.received_at, i.recorded_at,
    EXISTS (SELECT FROM mail_decisions d WHERE d.item_id = i.id AND d.kind <> 'ANSWERED') AS is_decided,
    EXISTS (SELECT FROM mail_slots s WHERE s.item_id = i.id AND s.uidvalidity = $3) AS is_replayed
FROM mail_items i WHERE i.account = $1 AND i.content_key = ANY($2::text[])
ORDER BY i.content_key, i.earlier_copies
"""
EXPECTED = """
SELECT i.id FROM mail_items i
WHERE i.mailbox_id = $1 AND ($2::timestamptz IS NULL OR i.received_at >= $2) AND i.recorded_at < $4
    AND EXISTS (SELECT FROM mail_slots s WHERE s.item_id = i.id AND s.uidvalidity <> $3)
ORDER BY i.received_at
"""
FILES = """
SELECT a.id, a.content_id, i.mailbox_id, i.id AS item_id, i.tramite_id FROM attachments a
JOIN mail_items i ON i.tramite_id = a.tramite_id AND i.outcome IN ('FILED', 'REPLY')
WHERE a.erased_at IS NULL AND ($1::timestamptz IS NULL OR i.recorded_at >= $1) AND (a.id, i.id) > ($2, $3)
ORDER BY a.id, i.id LIMIT $4
"""
ANSWERS = """
SELECT i.mailbox_id, i.id AS item_id, i.tramite_id, n.address, n.answer_key FROM notices n
JOIN (
    SELECT id, notice_id FROM mail_items UNION SELECT item_id, notice_id FROM mail_decisions
) of (item_id, notice_id) ON of.notice_id = n.id
JOIN mail_items i ON i.id = of.item_id
WHERE n.answer_key IS NOT NULL AND n.address IS NOT NULL AND n.kind <> 'CORRECTED'
    AND ($1::timestamptz IS NULL OR n.created_at >= $1)
"""
FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Known:
    """What the ledger says of a content; `is_decided`: a person released or rejected it."""

    item_id: UUID
    mailbox_id: UUID
    outcome: str
    received_at: datetime
    recorded_at: datetime
    is_decided: bool
    is_replayed: bool


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
class MailedFile:
    """A file of a trámite of which a mail is a part."""

    sha256: str
    mailbox_id: UUID
    item_id: UUID
    tramite_id: UUID


async def mailed_files(*, since: datetime | None) -> AsyncIterator[MailedFile]:
    """Yield the files that are still kept of what mails recorded since then became; in pages."""
    page = await _rows(FILES, since, FIRST, FIRST, AT_ONCE)
    while page:
        for row in page:
            yield MailedFile(row["content_id"], row["mailbox_id"], row["item_id"], row["tramite_id"])
        page = await _rows(FILES, since, page[-1]["id"], page[-1]["item_id"], AT_ONCE)


@dataclass(frozen=True)
class Addressed:
    """A notice that answers a mail: to whom it goes, and the key under which that address was counted."""

    mailbox_id: UUID
    item_id: UUID
    tramite_id: UUID | None
    address: str
    answer_key: bytes


async def addressed_answers(*, since: datetime | None) -> list[Addressed]:
    """Return the answers that were promised since then to the sender of a mail, and not to the party of a trámite."""
    return [Addressed(**row) for row in await _rows(ANSWERS, since)]


@dataclass(frozen=True)
class Place:
    """What the ledger says of a place on the server: what was taken from it, if anything, and when that was moved."""

    uid: int
    item_id: UUID | None
    moved_at: datetime | None


async def places_of(mailbox_id: UUID, uidvalidity: int, uids: Collection[int]) -> dict[int, Place]:
    """Return what the ledger knows of those places."""
    rows = await _rows(PLACES, mailbox_id, uidvalidity, list(uids))
    return {row["uid"]: Place(**row) for row in rows}


async def known_contents(account: str, keys: Collection[str], *, replayed: int) -> dict[str, list[Known]]:
    """Return the mails of an account that have those contents, by content key, the first first; *replayed* as below."""
    found: dict[str, list[Known]] = {}
    for row in await _rows(KNOWN, account, list(keys), replayed):
        found.setdefault(row.pop("content_key"), []).append(Known(**row))
    return found


async def expected_on_server(mailbox_id: UUID, *, since: datetime | None, until: datetime, replayed: int) -> list[UUID]:
    """
    Return the mails that came from the server, received since one instant and recorded until the other.

    *replayed* is the UIDVALIDITY of those that came from no server.
    """
    return [row["id"] for row in await _rows(EXPECTED, mailbox_id, since, replayed, until)]


async def _rows(question: str, *values: object) -> list[dict[str, Any]]:
    return await get_connections().get("default").execute_query_dict(question, list(values))
