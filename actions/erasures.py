"""How each kind is erased: what told of people goes, and the row that the record needs stays, with its digests."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from actions.contents import abandon_contents
from actions.erased_texts import erase_texts
from models.receipts import Receipt
from rules.kept_kinds import RetentionKind as Kind
from rules.receipts import ReceiptFacts
from rules.retention import GONE

if TYPE_CHECKING:
    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

Eraser: TypeAlias = Callable[["TransactionWrapper", "Tools", list[Any]], Awaitable[list[str]]]
"""Erases what has the keys, locked within a transaction; returns the contents whose bytes perhaps nobody needs now."""

FILES = """
UPDATE attachments SET erased_at = $2 WHERE tramite_id = ANY($1::uuid[]) AND erased_at IS NULL RETURNING content_id
"""
MAILS_FILED = """
UPDATE mail_items SET erased_at = $2 WHERE tramite_id = ANY($1::uuid[]) AND erased_at IS NULL
RETURNING original_id AS content_id
"""
MAILS = "UPDATE mail_items SET erased_at = $2 WHERE id = ANY($1::uuid[]) RETURNING original_id AS content_id"
WRITTEN_OF_FILED = """
UPDATE mail_decisions d SET text = NULL FROM mail_items m
WHERE m.id = d.item_id AND m.tramite_id = ANY($1::uuid[]) AND d.text IS NOT NULL
"""
WRITTEN = "UPDATE mail_decisions SET text = NULL WHERE item_id = ANY($1::uuid[]) AND text IS NOT NULL"

TRAMITES = """
UPDATE tramites SET erased_at = $2, revision = revision + 1, sender_name = $3::text, subject = $3::text,
    document_number = NULL, contact_email = NULL, contact_mobile = NULL, organization_ruc = NULL,
    organization_name = NULL, observation_points = '[]',
    observation = CASE WHEN observation IS NOT NULL THEN $3::text END,
    resolution = CASE WHEN resolution IS NOT NULL THEN $3::text END
WHERE id = ANY($1::uuid[])
"""
NAMES = r"""
UPDATE attachments
SET name = 'archivo-' || version || '-' || position || coalesce(substring(name from '\.[A-Za-z]{1,4}$'), '')
WHERE tramite_id = ANY($1::uuid[])
"""
NOTES = "UPDATE notes SET text = $2::text, salt = NULL WHERE tramite_id = ANY($1::uuid[])"
CHANGED = "UPDATE tramites SET revision = revision + 1 WHERE id = ANY($1::uuid[])"
NOTICES = """
UPDATE notices SET erased_at = $2, address = NULL, in_reply_to = NULL, detail = CASE
    WHEN detail ? 'receipt' THEN jsonb_build_object('receipt', detail->'receipt') ELSE '{}' END
WHERE id = ANY($1::uuid[])
"""
TASKS = "UPDATE tasks SET erased_at = $2, note = $3::text WHERE id = ANY($1::uuid[])"
RECOVERIES = """
UPDATE recovery_requests SET erased_at = $2, email = NULL, mobile = NULL, reason = NULL WHERE id = ANY($1::uuid[])
"""
CLAIMS = """
UPDATE identity_claims SET erased_at = $2, identity_number = '-' || left(replace(id::text, '-', ''), 19),
    given_names = '', first_surname = '', second_surname = '', email = '', mobile = '', statement = '', reason = NULL
WHERE id = ANY($1::uuid[])
"""
USED_UPLOADS = "UPDATE uploads SET erased_at = $2, name = '' WHERE id = ANY($1::uuid[])"
CLIENT_KEYS = "DELETE FROM client_keys WHERE id = ANY($1::uuid[])"
BOUNCED_ADDRESSES = "DELETE FROM bounced_addresses WHERE address = ANY($1::text[])"


async def _erase_files(connection: TransactionWrapper, tools: Tools, tramite_ids: list[Any]) -> list[str]:
    now = tools.clock()
    await connection.execute_query(CHANGED, [tramite_ids])
    files = await connection.execute_query_dict(FILES, [tramite_ids, now])
    mails = await connection.execute_query_dict(MAILS_FILED, [tramite_ids, now])
    await connection.execute_query(WRITTEN_OF_FILED, [tramite_ids])
    return await _abandon(tools, [*files, *mails])


async def _erase_mails(connection: TransactionWrapper, tools: Tools, ids: list[Any]) -> list[str]:
    await connection.execute_query(WRITTEN, [ids])
    return await _abandon(tools, await connection.execute_query_dict(MAILS, [ids, tools.clock()]))


async def _abandon(tools: Tools, rows: list[dict[str, Any]]) -> list[str]:
    sha256s = sorted({row["content_id"] for row in rows})
    await abandon_contents(tools, sha256s)
    return sha256s


async def _erase_tramites(connection: TransactionWrapper, tools: Tools, ids: list[Any]) -> list[str]:
    await connection.execute_query(TRAMITES, [ids, tools.clock(), GONE])
    await connection.execute_query(NAMES, [ids])
    await connection.execute_query(NOTES, [ids, GONE])
    # Locked: who is sealing one of them comes first, or finds that there is nothing to seal any more.
    receipts = await Receipt.filter(tramite_id__in=ids, erased_at__isnull=True).order_by("id").select_for_update()
    for receipt in receipts:
        await _blank_receipt(tools, receipt)
    await erase_texts(connection, ids)
    sealed = sorted({receipt.content_id for receipt in receipts if receipt.content_id is not None})
    await abandon_contents(tools, sealed)
    return sealed


async def _blank_receipt(tools: Tools, receipt: Receipt) -> None:
    """Leave of a receipt what is verified by its code: numbers, dates and digests."""
    facts = ReceiptFacts.from_json(receipt.facts)
    blank = replace(
        facts,
        applicant=GONE,
        identity_kind=None,
        identity_number=None,
        organization=None,
        ruc=None,
        email=None,
        mobile=None,
        document_number=None,
        subject=GONE,
        correction=GONE if facts.correction else None,
        files=tuple(replace(file, name=f"archivo-{file.ordinal}") for file in facts.files),
    )
    receipt.facts, receipt.facts_sha256 = blank.to_json(), hashlib.sha256(facts.to_bytes()).hexdigest()
    receipt.erased_at = tools.clock()
    await receipt.save(update_fields=["facts", "facts_sha256", "erased_at"])


def _by(statement: str, *more: object, is_dated: bool = True) -> Eraser:
    async def erase(connection: TransactionWrapper, tools: Tools, keys: list[Any]) -> list[str]:
        await connection.execute_query(statement, [keys, *([tools.clock()] if is_dated else []), *more])
        return []

    return erase


ERASURES: Final[Mapping[Kind, Eraser]] = {
    Kind.RESOLVED_FILES: _erase_files,
    Kind.UNDONE_FILES: _erase_files,
    Kind.RESOLVED_TRAMITES: _erase_tramites,
    Kind.UNDONE_TRAMITES: _erase_tramites,
    Kind.NOTICES: _by(NOTICES),
    Kind.TASKS: _by(TASKS, GONE),
    Kind.RECOVERIES: _by(RECOVERIES),
    Kind.CLAIMS: _by(CLAIMS),
    Kind.MAILS: _erase_mails,
    Kind.USED_UPLOADS: _by(USED_UPLOADS),
    Kind.CLIENT_KEYS: _by(CLIENT_KEYS, is_dated=False),
    Kind.BOUNCED_ADDRESSES: _by(BOUNCED_ADDRESSES, is_dated=False),
}
"""One for each kind of `reading.overdue.OVERDUE`."""
