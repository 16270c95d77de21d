"""
Rows besides those that `multiply` makes, so that whatever a list may show is there: every state, and each field filled.

They are put in as they are, past all that guards the record.
"""

from __future__ import annotations

FILES = """
INSERT INTO contents (sha256, size_bytes, stored_at, pages, pages_problem, kind, findings, judged_version, scan,
    signature, erased_at)
    SELECT md5(n::text) || md5('x' || n), size_bytes + n, stored_at, CASE WHEN n > 2 THEN n END,
        CASE n WHEN 1 THEN 'DAMAGED' WHEN 2 THEN 'ENCRYPTED' END, (ARRAY['pdf', 'jpg', 'docx', 'zip', NULL])[1 + n % 5],
        (ARRAY['{}', '{DAMAGED}', '{ENCRYPTED,JAVASCRIPT}', NULL, '{MACROS,OTHER_KIND}'])[1 + n % 5]::text[],
        CASE WHEN n % 5 <> 3 THEN 1 END, (ARRAY['CLEAN', 'INFECTED', 'PARTLY', 'PENDING', NULL])[1 + n % 5],
        CASE WHEN n % 5 = 1 THEN 'Eicar «prueba»' END, CASE WHEN n > 6 THEN now() END
    FROM contents, generate_series(1, 8) n;
"""
"""Contents of which everything may be said, besides the one that all have."""

SPREAD = """
UPDATE attachments a SET content_id = c.sha256, size_bytes = c.size_bytes,
    erased_at = CASE WHEN c.erased_at IS NOT NULL THEN '2026-02-01 12:00+00'::timestamptz END
    FROM (SELECT *, row_number() OVER (ORDER BY sha256) - 1 AS place FROM contents) c
    WHERE c.place = ('x' || right(md5(a.id::text), 2))::bit(8)::int % 9;
UPDATE receipts SET sealed_at = issued_at + interval '2 seconds', content_id = repeat('0', 64), log_index = n.place
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM receipts) n
    WHERE n.id = receipts.id AND n.place % 3 <> 0;
UPDATE receipts SET erased_at = '2026-02-01 12:00+00', facts_sha256 = repeat('1', 64) WHERE log_index % 5 < 3;
UPDATE notices SET state = (ARRAY['SUPPRESSED', 'UNDELIVERABLE', 'PENDING'])[1 + n.place % 3],
    reason = (ARRAY['PREFERENCE', '550 5.1.1', '421 4.7.0'])[1 + n.place % 3],
    finished_at = CASE WHEN n.place % 3 < 2 THEN '2026-03-02 12:00+00'::timestamptz END,
    next_try_at = CASE WHEN n.place % 3 = 2 THEN '2026-03-12 12:00+00'::timestamptz END
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM notices) n
    WHERE n.id = notices.id AND n.place % 4 = 0;
UPDATE tramites SET status = 'OBSERVED', observation = 'Falta «el anexo 2».', correct_by = '2026-03-11',
    deadline_rule = '{"day": "2026-03-11", "after": "2026-03-06", "calendarVersion": "2026-1", "counted": ["2026-03-10",
        "2026-03-11"], "skipped": [{"day": "2026-03-09", "reason": "Feriado", "source": "DS 1-2026"},
        {"day": "2026-03-08", "reason": "Domingo"}]}'
    WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5('o' || id) LIMIT 8);
UPDATE tramites SET filing_rule = filing_rule
    || '{"skipped": [{"day": "2026-03-01", "reason": "Domingo"}, {"day": "2026-03-02", "reason": "Día no laborable",
        "source": "DS 2-2026"}], "rule": "B"}'
    WHERE right(id::text, 1) IN ('2', '6', 'b', 'f');
UPDATE users SET role = 'CLERK', deactivated_at = '2026-02-01 12:00+00' WHERE identity_number LIKE '8000000%'
    AND ctid IN (SELECT max(ctid) FROM users);
"""
"""What became of files, receipts, notices and trámites."""

LIFE = """
UPDATE tramites SET office_id = o.id FROM offices o
    WHERE o.code = CASE WHEN right(tramites.id::text, 1) < '8' THEN 'SEDE-CENTRAL' ELSE 'CUSCO' END
    AND right(tramites.id::text, 1) NOT IN ('3', '7', 'b', 'f');
UPDATE tramites SET applicant_id = (SELECT id FROM users WHERE identity_number = '70000001') WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(id::text) LIMIT 22);
UPDATE tramites SET applicant_id = NULL, channel = 'EMAIL', sender_proof = 'UNPROVEN', contact_mobile = NULL
    WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5(id::text) DESC LIMIT 4);
UPDATE tramites SET owner_id = (SELECT id FROM users WHERE identity_number = '70000002') WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(number) LIMIT 9);
UPDATE tramites SET organization_ruc = '20131312955', organization_name = 'Ñandú «S.A.»' WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(subject || number) LIMIT 16);
UPDATE tramites SET missing = '["Falta el número de folios."]', observation_points = '["Uno", "Dos"]'
    WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5(lookup_key) LIMIT 7);
UPDATE tramites SET sent_at = (SELECT min(sent_at) FROM tramites) WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(lookup_key || id) LIMIT 6);
UPDATE tramites SET status = 'VOIDED' WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5(number || id) LIMIT 3);
INSERT INTO attachments (id, tramite_id, version, role, position, name, content_id, size_bytes, awaits_text)
    SELECT gen_random_uuid(), a.tramite_id, v, CASE WHEN p > 100 THEN 'ANSWER' ELSE 'ANNEX' END, p,
        'anexo «' || p || '».pdf', a.content_id, a.size_bytes + p, true
    FROM attachments a, generate_series(1, 3) v, unnest(ARRAY[1, 2, 101]) p
    WHERE a.position = 0 AND right(a.tramite_id::text, 1) IN ('0', '3', '6', '9', 'c')
    AND (v + p + length(a.name)) % 3 <> 0;
UPDATE contents SET pages = 7, findings = '{ENCRYPTED}' WHERE ctid IN (SELECT ctid FROM contents LIMIT 1);
INSERT INTO notes (id, tramite_id, author_id, text, written_at)
    SELECT gen_random_uuid(), t.id, u.id, 'Nota ' || n, t.sent_at + n * interval '1 hour'
    FROM tramites t, generate_series(1, 4) n, users u
    WHERE right(t.id::text, 1) NOT IN ('2', '5', '8', 'b') AND n % 2 = 0
    AND u.identity_number IN ('70000002', '70000003');
INSERT INTO content_texts (id, content_id, state, problem, pages_without_text, pages_recognized, is_cut, try_after,
    done_at)
    SELECT gen_random_uuid(), sha256, (ARRAY['PENDING', 'DONE', 'NO_TEXT', 'FAILED'])[1 + n % 4],
        (ARRAY[NULL, NULL, 'SCANNED', 'DAMAGED'])[1 + n % 4], 2 + n % 3, n % 2,
        n % 2 = 0, now(), CASE WHEN n % 4 > 0 THEN now() END
    FROM (SELECT sha256, row_number() OVER (ORDER BY sha256) AS n FROM contents) c WHERE n % 9 <> 0;
INSERT INTO hours_changes (id, version_id, office_id, from_on, opens_at, closes_at)
    SELECT gen_random_uuid(), v.id, o.id, '2026-01-01'::date + n * 40,
        '09:00:00+00'::timetz + n * interval '10 minutes',
        '17:00:00+00'
    FROM calendar_versions v, offices o, generate_series(0, 2) n WHERE o.code IN ('CUSCO', 'SEDE-CENTRAL');
"""
DESK = """
INSERT INTO tasks (id, kind, tramite_id, user_id, detail, opened_at, done_at, note)
    SELECT gen_random_uuid(), 'RECEIPT_UNDELIVERED', t.id, CASE WHEN t.folios % 2 = 0 THEN t.applicant_id END,
        jsonb_build_object('number', t.number), date_trunc('day', t.sent_at),
        CASE WHEN right(t.id::text, 1) = '3' THEN now() END, CASE WHEN right(t.id::text, 1) = '3' THEN 'Listo' END
    FROM tramites t WHERE right(t.id::text, 1) IN ('0', '2', '3', '5', '8', 'b', 'e');
INSERT INTO tasks (id, kind, user_id, detail, opened_at)
    SELECT gen_random_uuid(), 'ADDRESS_BOUNCED', id, '{}', created_at FROM users;
INSERT INTO mailboxes (id, account, folder, office_id, name, epoch, backlog, is_listening, leased_until,
    uidvalidity, looked_at, failing_since, failure)
    SELECT gen_random_uuid(), lower(o.code) || '@example.pe', f, o.id, CASE WHEN f = 'INBOX' THEN 'Buzón' END, 1, 3,
        true,
        CASE WHEN f = 'INBOX' THEN now() + interval '1 day' END, CASE WHEN f = 'INBOX' THEN 77 END,
        '2026-03-09 14:00+00', CASE WHEN f <> 'INBOX' THEN '2026-03-09 13:00+00'::timestamptz END,
        CASE WHEN f <> 'INBOX' THEN 'SIGN_IN_REFUSED' END
    FROM offices o, unnest(ARRAY['INBOX', 'Otros']) f WHERE o.code IN ('CUSCO', 'SEDE-CENTRAL');
INSERT INTO mail_items (id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, reason,
    suppression, tramite_id, hint_id)
    SELECT gen_random_uuid(), b.account, b.id, md5(b.id::text || n) || md5(n::text),
        (SELECT sha256 FROM contents ORDER BY sha256 LIMIT 1),
        '2026-03-01'::timestamptz + n * interval '5 hours', '2026-03-03'::timestamptz + n * interval '5 hours',
        (ARRAY['QUARANTINED', 'FILED', 'REJECTED', 'BOUNCE'])[1 + n % 4],
        CASE WHEN n % 4 = 0 THEN 'TWO_CONTENT_TYPES' END, 'NOT_FILED',
        CASE WHEN n % 4 = 1 THEN (SELECT id FROM tramites ORDER BY md5(id::text || n) LIMIT 1) END,
        CASE WHEN n % 4 = 2 THEN (SELECT id FROM tramites ORDER BY md5(number || n) LIMIT 1) END
    FROM mailboxes b, generate_series(0, 8) n;
INSERT INTO mail_slots (id, mailbox_id, uidvalidity, uid, item_id, duplicate, attempts)
    SELECT gen_random_uuid(), mailbox_id, 77, row_number() OVER (ORDER BY id, n), id, n > 1, 1
    FROM mail_items, generate_series(1, 2) n WHERE right(content_key, 1) < '9';
INSERT INTO mail_decisions (id, item_id, kind, made_by_id, made_at, text)
    SELECT gen_random_uuid(), m.id, 'ANSWERED', u.id, m.recorded_at + n * interval '1 hour', 'Gracias'
    FROM mail_items m, users u, generate_series(1, 2) n
    WHERE u.identity_number = '70000003' AND right(m.content_key, 1) > '7';
INSERT INTO templates (id, kind, version, title, text, office_id, retired_at)
    SELECT gen_random_uuid(), (ARRAY['ANSWER', 'REFERRAL'])[1 + n % 2], n, 'Plantilla «' || n % 3 || '»', 'Texto ' || n,
        CASE WHEN n % 3 = 1 THEN o.id END, CASE WHEN n > 2 THEN now() END
    FROM offices o, generate_series(1, 6) n WHERE o.code IN ('CUSCO', 'SEDE-CENTRAL');
INSERT INTO template_versions (id, template_id, version, title, text, saved_at, saved_by_id)
    SELECT gen_random_uuid(), t.id, n, t.title, 'Texto ' || n, now(), u.id
    FROM templates t, generate_series(1, 6) n, users u WHERE n <= t.version AND u.identity_number = '70000003';
"""
"""What the desk's lists show."""
