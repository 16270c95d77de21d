"""What is never so in a whole ledger of mails, whenever it is asked: by kind of difference, in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.mail_audit import DifferenceKind

ITEM: Final = "SELECT i.mailbox_id, i.id AS item_id, i.tramite_id FROM mail_items i "
"""What each question about mails begins with; below is the rest of it."""

NOT_TAKEN_IN: Final = """
SELECT s.mailbox_id AS mailbox_id, s.uid AS uid FROM mail_slots s
WHERE s.item_id IS NULL AND (s.next_try_at IS NULL OR s.next_try_at < $1) ORDER BY s.mailbox_id, s.uid
"""
FILED_WITHOUT_TRAMITE: Final = "WHERE i.outcome IN ('FILED', 'REPLY') AND i.tramite_id IS NULL"
TRAMITE_OF_UNFILED: Final = "WHERE i.tramite_id IS NOT NULL AND i.outcome NOT IN ('FILED', 'REPLY')"
TRAMITE_WITHOUT_MAIL: Final = """
SELECT t.id AS tramite_id FROM tramites t
WHERE t.channel = 'EMAIL' AND NOT EXISTS (SELECT FROM mail_items i WHERE i.tramite_id = t.id AND i.outcome = 'FILED')
ORDER BY t.sent_at
"""
WRONG_TRAMITE: Final = """
JOIN tramites t ON t.id = i.tramite_id LEFT JOIN notices n ON n.id = i.notice_id
WHERE i.outcome = 'FILED' AND t.channel <> 'EMAIL' OR i.outcome IN ('FILED', 'REPLY') AND n.tramite_id <> i.tramite_id
"""
WRONG_DATE: Final = """
LEFT JOIN tramites t ON t.id = i.tramite_id LEFT JOIN notices n ON n.id = i.notice_id
WHERE i.outcome = 'FILED' AND t.sent_at <> i.received_at OR i.received_at > i.recorded_at
    OR (n.detail->>'receivedAt')::timestamptz <> i.received_at
"""
WRONG_OUTCOME: Final = """
LEFT JOIN mail_decisions d ON d.item_id = i.id AND d.kind <> 'ANSWERED'
WHERE d.kind = 'RELEASED' AND i.outcome NOT IN ('FILED', 'REPLY')
    OR d.kind = 'REJECTED' AND (i.outcome <> 'REJECTED' OR d.notice_id IS DISTINCT FROM i.notice_id)
    OR d.kind IS NULL AND CASE i.outcome
        WHEN 'FILED' THEN i.reason <> 'TOO_LARGE'
        WHEN 'REPLY' THEN i.reason <> 'STATUS'
        WHEN 'REJECTED' THEN i.reason IS NULL OR i.reason NOT IN ('STATUS', 'EMPTY')
        WHEN 'QUARANTINED' THEN i.reason IS NULL
        WHEN 'BOUNCE' THEN i.reason IS DISTINCT FROM 'BOUNCE'
        ELSE i.reason IS NULL OR i.reason = 'BOUNCE'
    END
"""
WRONG_PROOF: Final = """
LEFT JOIN tramites t ON t.id = i.tramite_id,
    LATERAL (SELECT i.proof IS NOT NULL AND i.proof IN ('PROVEN_BY_SERVER', 'PROVEN_BY_DKIM')) p (is_proven)
WHERE i.outcome = 'REPLY' AND NOT p.is_proven
    OR i.outcome = 'FILED' AND p.is_proven <> coalesce(t.sender_proof = 'PROVEN', false)
"""
NOTICE_UNDECIDED: Final = """
WHERE CASE
    WHEN i.outcome IN ('FILED', 'REPLY') OR i.outcome = 'REJECTED'
        AND NOT EXISTS (SELECT FROM mail_decisions d WHERE d.item_id = i.id AND d.kind = 'REJECTED')
    THEN i.outcome <> 'REJECTED' AND i.tramite_id IS NULL
        OR NOT EXISTS (SELECT FROM notices n WHERE n.id = i.notice_id)
    ELSE i.suppression IS NULL AND i.notice_id IS NULL END
"""
WRONG_NOTICE: Final = """
JOIN notices n ON n.id = i.notice_id LEFT JOIN receipts r ON r.id::text = n.detail->>'receipt'
WHERE NOT CASE i.outcome
        WHEN 'FILED' THEN n.kind = 'SUBMISSION_RECEIPT'
        WHEN 'REPLY' THEN n.kind IN ('CORRECTED', 'MAIL_STATUS')
        WHEN 'REJECTED' THEN n.kind = 'MAIL_STATUS_UNTOLD' AND i.reason = 'STATUS'
            OR n.kind IN ('MAIL_REFUSED', 'MAIL_REJECTED_BY_STAFF') AND i.reason IS DISTINCT FROM 'STATUS'
        ELSE false END
    OR i.suppression IS NOT NULL AND (n.state <> 'SUPPRESSED' OR n.reason IS DISTINCT FROM i.suppression)
    OR i.suppression IS NULL AND n.state = 'SUPPRESSED'
        AND n.reason NOT IN ('PREFERENCE', 'ADDRESS_BOUNCED', 'NO_ADDRESS')
    OR n.address <> r.facts->>'email'
UNION ALL SELECT i.mailbox_id, i.id, i.tramite_id FROM mail_decisions d JOIN mail_items i ON i.id = d.item_id
    LEFT JOIN notices n ON n.id = d.notice_id
WHERE d.kind = 'ANSWERED' AND n.kind IS DISTINCT FROM 'MAIL_ANSWERED_BY_STAFF'
"""
ITEM_WITHOUT_SLOT: Final = """
WHERE NOT EXISTS (
    SELECT FROM mail_slots s WHERE s.item_id = i.id AND s.mailbox_id = i.mailbox_id AND NOT s.duplicate)
"""
DOUBLED: Final = """
WHERE EXISTS (
    SELECT FROM mail_items o WHERE o.original_id = i.original_id AND o.mailbox_id = i.mailbox_id AND o.id <> i.id
) OR i.outcome = 'FILED' AND EXISTS (
    SELECT FROM mail_items o WHERE o.tramite_id = i.tramite_id AND o.outcome = 'FILED' AND o.id <> i.id
) OR (SELECT count(*) FROM mail_slots s WHERE s.item_id = i.id AND NOT s.duplicate) > 1
"""
WRONG_LINK: Final = """
SELECT l.tramite_id FROM mail_links l WHERE (l.used_at IS NOT NULL) <> CASE l.purpose
    WHEN 'CONFIRM' THEN EXISTS (SELECT FROM entries e
        WHERE e.tramite_id = l.tramite_id AND e.act = 'CONFIRMED' AND e.detail->>'link' = l.id::text)
    ELSE EXISTS (SELECT FROM entries e
        WHERE e.tramite_id = l.tramite_id AND e.act = 'COMPLETED' AND e.at >= l.made_at) END
ORDER BY l.made_at
"""

_OF_MAILS: Final[Mapping[DifferenceKind, str]] = {
    DifferenceKind.FILED_WITHOUT_TRAMITE: FILED_WITHOUT_TRAMITE,
    DifferenceKind.TRAMITE_OF_UNFILED: TRAMITE_OF_UNFILED,
    DifferenceKind.WRONG_TRAMITE: WRONG_TRAMITE,
    DifferenceKind.WRONG_DATE: WRONG_DATE,
    DifferenceKind.WRONG_OUTCOME: WRONG_OUTCOME,
    DifferenceKind.WRONG_PROOF: WRONG_PROOF,
    DifferenceKind.NOTICE_UNDECIDED: NOTICE_UNDECIDED,
    DifferenceKind.WRONG_NOTICE: WRONG_NOTICE,
    DifferenceKind.ITEM_WITHOUT_SLOT: ITEM_WITHOUT_SLOT,
    DifferenceKind.DOUBLED: DOUBLED,
}

QUESTIONS: Final[Mapping[DifferenceKind, str]] = {
    **{kind: ITEM + rest for kind, rest in _OF_MAILS.items()},
    DifferenceKind.TRAMITE_WITHOUT_MAIL: TRAMITE_WITHOUT_MAIL,
    DifferenceKind.WRONG_LINK: WRONG_LINK,
}
