"""Whether trámites, receipts, referrals and notes say what the register says of them, and what is erased was erased."""

from __future__ import annotations

from reading.checks import Check
from rules.promises import RECEIPT_OF

PLACE = "lpad(e.sequence::text, 19, '0')"
"""Before a value: the greatest such text is that of the last entry, and the value begins at its 20th character."""

TOLD = f"""
SELECT e.tramite_id, count(*) FILTER (WHERE e.act = 'FILED') AS filings,
    min(e.at) FILTER (WHERE e.act = 'FILED') AS sent_at,
    min(e.at) FILTER (WHERE e.act IN ('RECEIVED', 'REFERRED', 'RESOLVED')) AS received_at,
    substr(max(({PLACE} || e.actor_id::text) COLLATE "C") FILTER (WHERE e.act IN ('FILED', 'CONFIRMED')), 20)::uuid
        AS applicant_id,
    max(e.detail->>'channel') FILTER (WHERE e.act = 'FILED') AS channel,
    substr(max(({PLACE} || (e.detail->>'senderProof')) COLLATE "C"), 20) AS sender_proof,
    bool_or(e.act = 'OBSERVED') AS is_observed, bool_or(e.act = 'ERASED') AS is_erased,
    substr(max(({PLACE} || (e.detail->>'filedOn')) COLLATE "C"), 20) AS filed_on,
    substr(max(({PLACE} || (e.detail->>'correctBy')) COLLATE "C"), 20) AS correct_by,
    substr(max(({PLACE} || coalesce(
        e.detail->'changes'->'officeCode'->>'after', e.detail->>'toOffice', e.detail->>'officeCode')) COLLATE "C"), 20
    ) AS office,
    substr(max(({PLACE} || coalesce(e.detail->'changes'->'documentKind'->>'after', e.detail->>'documentKind')
        ) COLLATE "C"), 20) AS document_kind,
    substr(max(({PLACE} || coalesce(
        e.detail->'changes'->'folios'->>'after', CASE e.act WHEN 'FOLIOS_CORRECTED' THEN e.detail->>'after' END)
        ) COLLATE "C"), 20) AS folios
FROM public.entries e WHERE e.tramite_id IS NOT NULL GROUP BY e.tramite_id
"""  # noqa: S608 - our own text
"""What the register says of each trámite, in one pass; what it does not say is null."""

ASTRAY = f"""
SELECT * FROM (
    SELECT 'trámite ' || t.number AS "where", CASE
        WHEN s.filings IS DISTINCT FROM 1 THEN 'the register does not file it exactly once'
        WHEN s.filed_on::date <> t.filed_on THEN 'its legal date is not the one that the register gave it'
        WHEN s.sent_at <> t.sent_at THEN 'it was not sent when the register says'
        WHEN s.received_at IS DISTINCT FROM t.received_at THEN 'it was not received when the register says'
        WHEN s.office <> o.code THEN 'its office is not the one to which the register sent it'
        WHEN s.document_kind <> coalesce(t.document_kind, '') THEN 'its kind is not the one that the register says'
        WHEN s.folios::int <> t.folios THEN 'its folios are not those that the register says'
        WHEN s.channel <> t.channel THEN 'its channel is not the one that the register says'
        WHEN s.applicant_id IS DISTINCT FROM t.applicant_id THEN 'its applicant is not the one that the register says'
        WHEN s.sender_proof IS DISTINCT FROM t.sender_proof THEN 'its sender is not proven as the register says'
        WHEN s.is_observed <> t.observed_before THEN 'the register does not say whether it was observed as it does'
        WHEN s.correct_by::date IS DISTINCT FROM t.correct_by THEN 'its term is not the one that the register says'
        WHEN t.erased_at IS NOT NULL AND NOT s.is_erased THEN 'it was erased, but the register does not say so'
    END AS what
    FROM public.tramites t LEFT JOIN ({TOLD}) s ON s.tramite_id = t.id LEFT JOIN public.offices o ON o.id = t.office_id
) c WHERE c.what IS NOT NULL ORDER BY c."where"
"""  # noqa: S608 - as above

MISSAID = """
SELECT 'chain acts, entry ' || e.sequence || ', trámite ' || t.number AS "where" FROM public.tramites t
JOIN (
    SELECT tramite_id, max(sequence) FILTER (WHERE act = 'OBSERVED') AS observed,
        max(sequence) FILTER (WHERE act = 'RESOLVED') AS resolved
    FROM public.entries WHERE act IN ('OBSERVED', 'RESOLVED') GROUP BY tramite_id
) l ON l.tramite_id = t.id
CROSS JOIN LATERAL (VALUES (l.observed), (CASE t.status WHEN 'RESOLVED' THEN l.resolved END)) v (sequence)
JOIN public.entries e ON e.sequence = v.sequence
LEFT JOIN public.entry_texts w ON w.sequence = e.sequence
WHERE t.erased_at IS NULL AND w.erased_at IS NULL AND coalesce(w.text, e.text)
    IS DISTINCT FROM CASE e.act WHEN 'OBSERVED' THEN t.observation ELSE t.resolution END
ORDER BY e.sequence
"""

MISREFERRED = """
SELECT coalesce('chain acts, entry ' || e.sequence, 'referral ' || r.id) AS "where" FROM (
    SELECT sequence, tramite_id, detail FROM public.entries WHERE act = 'REFERRED'
) e FULL JOIN (
    SELECT r.id, r.id::text AS name, r.tramite_id, f.code AS from_code, i.code AS to_code FROM public.referrals r
    JOIN public.offices f ON f.id = r.from_office_id JOIN public.offices i ON i.id = r.to_office_id
) r ON r.name = e.detail->>'referral' AND r.tramite_id = e.tramite_id
WHERE e.sequence IS NULL OR r.id IS NULL AND e.detail ? 'referral'
    OR r.from_code <> e.detail->>'fromOffice' OR r.to_code <> e.detail->>'toOffice'
ORDER BY e.sequence
"""

UNNOTED = """
SELECT coalesce('chain acts, entry ' || e.sequence, 'note ' || n.id) AS "where" FROM (
    SELECT sequence, tramite_id, actor_id, detail FROM public.entries WHERE act = 'NOTE_ADDED'
) e FULL JOIN public.notes n ON n.id::text = e.detail->>'note' AND n.tramite_id = e.tramite_id
    AND n.author_id = e.actor_id
LEFT JOIN public.tramites t ON t.id = n.tramite_id
WHERE e.sequence IS NULL OR n.id IS NULL OR e.detail ? 'text' AND t.erased_at IS NULL
    AND encode(sha256(n.salt || convert_to(n.text, 'UTF8')), 'hex') IS DISTINCT FROM e.detail->>'text'
ORDER BY e.sequence
"""

FALSE_RECEIPT = """
SELECT * FROM (
    SELECT 'receipt ' || r.id || ', trámite ' || t.number AS "where", CASE
        WHEN (r.facts->>'number', r.facts->>'verification_code', r.facts->>'kind',
            coalesce(r.facts->>'version', '1'), r.facts->>'channel') IS DISTINCT FROM
            (t.number, r.verification_code, r.kind, r.version::text, t.channel)
            THEN 'it certifies another thing than its trámite'
        WHEN NOT i.is_as_issued AND ((r.facts->>'sent_at')::timestamptz IS DISTINCT FROM t.sent_at
            OR (r.facts->>'filed_on') IS DISTINCT FROM coalesce(e.detail->>'filedOn', t.filed_on::text)
            OR r.kind = 'RECEPTION' AND (r.facts->>'acted_at')::timestamptz IS DISTINCT FROM t.received_at
            OR e.act IN ('CORRECTED', 'COMPLETED', 'VOIDED')
                AND (r.facts->>'acted_at')::timestamptz IS DISTINCT FROM e.at)
            THEN 'its dates are not those of the register'
        WHEN NOT i.is_as_issued AND r.facts->>'status' IS DISTINCT FROM e.to_status
            THEN 'its status is not the one of the register'
        WHEN NOT i.is_as_issued AND e.act IN ('FILED', 'CORRECTED', 'COMPLETED')
            AND NOT (i.received @> i.files AND i.received <@ i.files)
            THEN 'its files are not those that the register received'
        WHEN r.erased_at IS NULL AND t.erased_at IS NULL AND (
            (r.facts->>'applicant', r.facts->>'organization', r.facts->>'ruc')
                IS DISTINCT FROM (t.sender_name, t.organization_name, t.organization_ruc)
            OR e.act = 'FILED' AND t.revision = 1 AND (
                r.facts->>'subject' <> t.subject OR r.facts->>'document_number' IS DISTINCT FROM t.document_number
                OR r.facts->>'email' <> t.contact_email OR r.facts->>'mobile' <> t.contact_mobile))
            THEN 'it does not say of whom and what it is as its trámite does'
        WHEN r.erased_at IS NULL AND e.detail ? 'facts' AND NOT i.is_as_issued
            THEN 'it is not the one that was issued'
    END AS what
    FROM public.entries e JOIN unnest($1::text[], $2::text[]) AS p (act, kind)
        ON p.act = e.act AND (p.kind <> 'RECEPTION' OR e.detail->>'receipt' = p.kind)
    JOIN (
        SELECT *, encode(sha256(convert_to(facts::text, 'UTF8')), 'hex') AS digest FROM public.receipts OFFSET 0
    ) r ON r.tramite_id = e.tramite_id AND r.kind = p.kind AND r.version = coalesce((e.detail->>'version')::int, 1)
    JOIN public.tramites t ON t.id = e.tramite_id
    CROSS JOIN LATERAL (
        SELECT r.erased_at IS NULL AND r.digest IS NOT DISTINCT FROM e.detail->>'facts' AS is_as_issued,
            jsonb_path_query_array(e.detail, '$.files[*].sha256') AS received,
            jsonb_path_query_array(r.facts, '$.files[*].sha256') AS files
    ) i
) c WHERE c.what IS NOT NULL ORDER BY c."where"
"""
"""
What is as it was issued, by the digest in its entry, says what the register said then: only the rest of it is compared.
`OFFSET 0` has the digest made once for each receipt.
"""

ERASED = "SELECT tramite_id FROM public.entries WHERE act = 'ERASED' AND tramite_id IS NOT NULL"

EFFACED = f"""
SELECT * FROM (
    SELECT 'chain acts, entry ' || e.sequence AS "where", e.tramite_id FROM public.entry_texts w
    JOIN public.entries e ON e.sequence = w.sequence WHERE w.erased_at IS NOT NULL
    UNION ALL SELECT 'receipt ' || id, tramite_id FROM public.receipts WHERE erased_at IS NOT NULL
    UNION ALL SELECT 'file ' || content_id, tramite_id FROM public.attachments WHERE erased_at IS NOT NULL
) g WHERE NOT EXISTS (SELECT FROM ({ERASED}) e WHERE e.tramite_id = g.tramite_id) ORDER BY g."where"
"""  # noqa: S608 - as above

UNTOLD_ERASED = """
SELECT 'notices' AS "where" FROM (SELECT count(*) AS gone FROM public.notices WHERE erased_at IS NOT NULL) n
WHERE gone > (SELECT coalesce(sum((CASE act WHEN 'ERASED' THEN detail->>'count' ELSE detail->>'notices' END)::int), 0)
    FROM public.entries WHERE (act = 'ERASED' AND detail->>'kind' = 'NOTICES') OR act = 'ACCOUNT_CLOSED')
"""

VANISHED = """
SELECT 'file ' || c.sha256 AS "where" FROM public.contents c WHERE c.erased_at IS NOT NULL AND (
    EXISTS (SELECT FROM public.attachments a WHERE a.content_id = c.sha256 AND a.erased_at IS NULL)
    OR EXISTS (SELECT FROM public.mail_items m WHERE m.original_id = c.sha256 AND m.erased_at IS NULL)
    OR EXISTS (SELECT FROM public.receipts r WHERE r.content_id = c.sha256 AND r.erased_at IS NULL)
) ORDER BY c.sha256
"""

_RECEIPTS = ([act.value for act in RECEIPT_OF], [kind.value for kind in RECEIPT_OF.values()])

CHECKS = (
    Check(ASTRAY, "is not as the register says"),
    Check(MISSAID, "what was said with it is no longer what its trámite says"),
    Check(MISREFERRED, "the referral that it names and the one that there is are not the same"),
    Check(UNNOTED, "the note that it names and the one that there is are not the same"),
    Check(FALSE_RECEIPT, "certifies what is not so", _RECEIPTS),
    Check(EFFACED, "was erased, but the register does not say so"),
    Check(UNTOLD_ERASED, "more were erased than the register says"),
    Check(VANISHED, "its bytes were erased, but what they belong to was not"),
)
