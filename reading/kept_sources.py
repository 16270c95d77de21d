"""
Where each kind of what is kept about a person is read: `key`, `at` and `said`, a JSON object, of the account $1.

What others would rather not have told is no part of it: who acted is told by role, never by name, and what staff noted
among themselves only as being there. A further kind is a row here, and one of names in `reading.kept_facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.kept_kinds import RetentionKind as Kind

_TRAMITES = """
SELECT t.id AS key, t.sent_at AS at, jsonb_build_object(
    'number', t.number, 'status', t.status, 'sentAt', t.sent_at, 'filedOn', t.filed_on, 'documentKind', t.document_kind,
    'documentNumber', t.document_number, 'subject', t.subject, 'senderName', t.sender_name, 'ruc', t.organization_ruc,
    'organization', t.organization_name, 'email', t.contact_email, 'mobile', t.contact_mobile,
    'observation', t.observation, 'resolution', t.resolution, 'policy', t.privacy_policy_version,
    'erasedAt', t.erased_at, 'files', (SELECT jsonb_agg(jsonb_build_object(
        'name', a.name, 'sizeBytes', a.size_bytes, 'sha256', a.content_id, 'erasedAt', a.erased_at)
        ORDER BY a.version, a.position) FROM attachments a WHERE a.tramite_id = t.id)) AS said
FROM tramites t WHERE t.applicant_id = $1 AND t.status IN ({statuses})
"""
_FILES = """
SELECT a.id AS key, t.sent_at AS at, jsonb_build_object('number', t.number, 'name', a.name, 'sizeBytes', a.size_bytes,
    'sha256', a.content_id, 'erasedAt', a.erased_at, 'isSearchable', a.erased_at IS NULL AND EXISTS (
        SELECT FROM content_texts c JOIN content_text_pieces p ON p.text_of_id = c.id WHERE c.content_id = a.content_id)
    ) AS said
FROM tramites t JOIN attachments a ON a.tramite_id = t.id WHERE t.applicant_id = $1 AND t.status IN ({statuses})
"""
_OPEN, _RESOLVED, _UNDONE = "'PENDING', 'OBSERVED', 'REFERRED'", "'RESOLVED'", "'VOIDED', 'LAPSED'"

SOURCES: Final[Mapping[Kind, str]] = {
    Kind.ACCOUNT: """
SELECT u.id AS key, u.created_at AS at, jsonb_build_object('identityKind', u.identity_kind, 'identityNumber',
    u.identity_number, 'givenNames', u.given_names, 'firstSurname', u.first_surname, 'secondSurname', u.second_surname,
    'birthDate', u.birth_date, 'email', u.email, 'emailVerifiedAt', u.email_verified_at, 'mobile', u.mobile,
    'role', u.role, 'deactivatedAt', u.deactivated_at, 'courtesy', u.wants_courtesy_notices, 'frozenAt', u.frozen_at,
    'signedInAt', u.signed_in_at, 'password', true,
    'secondFactorAt', (SELECT f.confirmed_at FROM second_factors f WHERE f.user_id = u.id),
    'recoveryCodes', (SELECT nullif(count(*), 0) FROM recovery_codes c WHERE c.user_id = u.id), 'offices',
    (SELECT string_agg(o.name, ', ' ORDER BY o.position) FROM posts p JOIN offices o ON o.id = p.office_id
        WHERE p.user_id = u.id)) AS said
FROM users u WHERE u.id = $1""",
    Kind.SESSIONS: """
SELECT id AS key, created_at AS at, jsonb_build_object('device', device, 'kind', kind, 'lastSeenAt', last_seen_at,
    'expiresAt', expires_at, 'endedAt', ended_at) AS said
FROM sessions WHERE user_id = $1""",
    Kind.CODES: """
SELECT id AS key, sent_at AS at, jsonb_build_object('purpose', purpose, 'email', address, 'expiresAt', expires_at)
    AS said
FROM codes WHERE subject_id = $1
UNION ALL
SELECT i.id, i.invited_at, jsonb_build_object('purpose', 'STAFF_INVITED', 'email', i.email, 'role', i.role,
    'expiresAt', i.expires_at, 'finishedAt', coalesce(i.accepted_at, i.withdrawn_at))
FROM users u JOIN invitations i
    ON i.accepted_by_id = u.id OR lower(i.email) = lower(u.email) AND u.email_verified_at IS NOT NULL
WHERE u.id = $1
UNION ALL
SELECT l.id, l.made_at, jsonb_build_object('purpose', 'MAIL_' || l.purpose, 'tramite', t.number,
    'expiresAt', l.expires_at, 'finishedAt', l.used_at)
FROM tramites t JOIN mail_links l ON l.tramite_id = t.id WHERE t.applicant_id = $1""",
    Kind.DRAFTS: """
SELECT id AS key, saved_at AS at, jsonb_build_object('form', form, 'expiresAt', expires_at) AS said
FROM drafts WHERE owner_id = $1""",
    Kind.UPLOADS: """
SELECT id AS key, created_at AS at, jsonb_build_object('name', name, 'sizeBytes', size_bytes, 'sha256', content_id,
    'expiresAt', expires_at) AS said
FROM uploads WHERE owner_id = $1 AND used_at IS NULL""",
    Kind.USED_UPLOADS: """
SELECT id AS key, used_at AS at, jsonb_build_object('name', name, 'sizeBytes', size_bytes, 'sha256', content_id,
    'erasedAt', erased_at) AS said
FROM uploads WHERE owner_id = $1 AND used_at IS NOT NULL""",
    Kind.CLIENT_KEYS: """
SELECT id AS key, created_at AS at, jsonb_build_object('clientKey', key) AS said FROM client_keys WHERE user_id = $1""",
    Kind.OPEN_TRAMITES: _TRAMITES.format(statuses=_OPEN),
    Kind.RESOLVED_TRAMITES: _TRAMITES.format(statuses=_RESOLVED),
    Kind.UNDONE_TRAMITES: _TRAMITES.format(statuses=_UNDONE),
    Kind.RESOLVED_FILES: _FILES.format(statuses=_RESOLVED),
    Kind.UNDONE_FILES: _FILES.format(statuses=_UNDONE),
    Kind.RECEIPTS: """
SELECT r.id AS key, r.issued_at AS at, jsonb_build_object('receipt', r.kind, 'number', t.number, 'code',
    r.verification_code, 'senderName', r.facts->'applicant', 'identityNumber', r.facts->'identity_number', 'email',
    r.facts->'email', 'mobile', r.facts->'mobile', 'subject', r.facts->'subject', 'sealedAt', r.sealed_at,
    'sha256', r.content_id, 'logIndex', r.log_index, 'erasedAt', r.erased_at) AS said
FROM tramites t JOIN receipts r ON r.tramite_id = t.id WHERE t.applicant_id = $1""",
    Kind.NOTICES: """
SELECT n.id AS key, n.created_at AS at, jsonb_build_object('notice', n.kind, 'number', t.number, 'email', n.address,
    'state', n.state, 'finishedAt', n.finished_at, 'erasedAt', n.erased_at) AS said
FROM notices n JOIN tramites t ON t.id = n.tramite_id WHERE t.applicant_id = $1
UNION ALL
SELECT n.id, n.created_at, jsonb_build_object('notice', n.kind, 'email', n.address, 'state', n.state, 'finishedAt',
    n.finished_at, 'erasedAt', n.erased_at)
FROM notices n WHERE n.user_id = $1 AND n.tramite_id IS NULL""",
    Kind.TASKS: """
SELECT k.id AS key, k.opened_at AS at, jsonb_build_object('task', k.kind, 'number', t.number, 'finishedAt', k.done_at,
    'hasNote', k.note IS NOT NULL, 'erasedAt', k.erased_at) AS said
FROM tasks k JOIN tramites t ON t.id = k.tramite_id WHERE t.applicant_id = $1
UNION ALL
SELECT k.id, k.opened_at, jsonb_build_object('task', k.kind, 'finishedAt', k.done_at, 'hasNote', k.note IS NOT NULL,
    'erasedAt', k.erased_at)
FROM tasks k WHERE k.user_id = $1 AND k.tramite_id IS NULL""",
    Kind.RECOVERIES: """
SELECT id AS key, asked_at AS at, jsonb_build_object('state', state, 'email', email, 'mobile', mobile, 'dueAt', due_at,
    'finishedAt', settled_at, 'reason', reason, 'erasedAt', erased_at) AS said
FROM recovery_requests WHERE user_id = $1""",
    # What was claimed against the account is told without who claimed; what was granted to them, with all they said.
    Kind.CLAIMS: """
SELECT id AS key, claimed_at AS at, jsonb_build_object('claim', 'AGAINST', 'state', state, 'finishedAt', decided_at,
    'erasedAt', erased_at) AS said
FROM identity_claims WHERE user_id = $1
UNION ALL
SELECT c.id, c.claimed_at, jsonb_build_object('claim', 'OWN', 'state', c.state, 'givenNames', c.given_names,
    'firstSurname', c.first_surname, 'secondSurname', c.second_surname, 'email', c.email, 'mobile', c.mobile,
    'statement', c.statement, 'finishedAt', c.decided_at, 'erasedAt', c.erased_at)
FROM users u JOIN identity_claims c ON c.identity_number = u.identity_number AND c.identity_kind = u.identity_kind
WHERE u.id = $1 AND c.state = 'HANDED_OVER' AND lower(c.email) = lower(u.email) AND c.user_id IS DISTINCT FROM u.id""",
    Kind.MAILS: """
SELECT m.id AS key, m.received_at AS at, jsonb_build_object('number', t.number, 'outcome', m.outcome, 'sha256',
    m.original_id, 'erasedAt', m.erased_at) AS said
FROM tramites t JOIN mail_items m ON m.tramite_id = t.id WHERE t.applicant_id = $1
UNION ALL
SELECT d.id, d.made_at, jsonb_build_object('number', t.number, 'answer', d.text)
FROM tramites t JOIN mail_items m ON m.tramite_id = t.id JOIN mail_decisions d ON d.item_id = m.id
WHERE t.applicant_id = $1 AND d.text IS NOT NULL""",
    Kind.BOUNCED_ADDRESSES: """
SELECT b.notice_id AS key, b.marked_at AS at, jsonb_build_object('email', b.address, 'code', b.status, 'expiresAt',
    b.expires_at, 'finishedAt', b.lifted_at) AS said
FROM users u JOIN bounced_addresses b ON b.address = lower(u.email) WHERE u.id = $1""",
    Kind.CLOSURES: """
SELECT id AS key, asked_at AS at, jsonb_build_object('state', state, 'dueAt', due_at, 'finishedAt', settled_at) AS said
FROM account_closures WHERE user_id = $1""",
    # The key is made of the place in the register: whoever asks for what comes after it needs one of the same kind.
    Kind.REGISTER: """
SELECT lpad(to_hex(sequence), 32, '0')::uuid AS key, at, jsonb_build_object('act', act, 'role', role, 'number',
    number, 'sequence', sequence) AS said
FROM (
    SELECT e.sequence, e.at, e.act, e.role, t.number FROM tramites t JOIN entries e ON e.tramite_id = t.id
    WHERE t.applicant_id = $1 AND e.act NOT IN ('NOTE_ADDED', 'OWNER_CHANGED')
    UNION
    SELECT e.sequence, e.at, e.act, e.role, NULL FROM entries e
    WHERE e.detail->>'user' = $1::uuid::text AND e.detail->>'user' IS NOT NULL AND e.tramite_id IS NULL
    UNION
    SELECT e.sequence, e.at, e.act, e.role, t.number FROM entries e LEFT JOIN tramites t ON t.id = e.tramite_id
    WHERE e.actor_id = $1 AND e.role NOT IN ('APPLICANT', 'SYSTEM')
) e""",
    # By whom is told by role, never by name; what the person looked at themselves is in it as staff only.
    Kind.READS: """
SELECT lpad(to_hex(sequence), 32, '0')::uuid AS key, at, jsonb_build_object('read', kind, 'role', role, 'number',
    number, 'sequence', sequence) AS said
FROM (
    SELECT r.sequence, r.at, r.kind, r.role, t.number FROM tramites t JOIN read_entries r ON r.tramite_id = t.id
    WHERE t.applicant_id = $1
    UNION
    SELECT r.sequence, r.at, r.kind, r.role, t.number FROM read_entries r LEFT JOIN tramites t ON t.id = r.tramite_id
    WHERE r.viewer_id = $1
) r""",
    Kind.SEARCHES: """
SELECT id AS key, saved_at AS at, jsonb_build_object('searchName', name, 'wanted', wanted) AS said
FROM saved_searches WHERE owner_id = $1
UNION ALL
SELECT id, opened_at, jsonb_build_object('wanted', wanted, 'expiresAt', expires_at) FROM exports WHERE owner_id = $1""",
}
