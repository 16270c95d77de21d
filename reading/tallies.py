"""Whether the facts that reports are counted from are those of the register."""

from __future__ import annotations

from reading.checks import Check

PLACE = "lpad(e.sequence::text, 19, '0')"

FIRST_CHANGE = """
(SELECT {before} FROM public.entries b WHERE b.tramite_id = e.tramite_id AND b.to_status IS NOT NULL AND {changes}
    ORDER BY b.sequence LIMIT 1)
"""
"""What a trámite had before it was first changed: looked up where its filing does not say it."""

_OFFICE = FIRST_CHANGE.format(
    before="coalesce(b.detail->'changes'->'officeCode'->>'before', b.detail->>'fromOffice')",
    changes="(b.detail->'changes' ? 'officeCode' OR b.detail ? 'fromOffice')",
)
_KIND = FIRST_CHANGE.format(
    before="coalesce(b.detail->'changes'->'documentKind'->>'before', '')",
    changes="b.detail->'changes' ? 'documentKind'",
)

MARKED = f"""
SELECT e.sequence, e.tramite_id, e.at, e.act, e.from_status, e.to_status,
    ((e.at AT TIME ZONE 'UTC') - interval '5 hours')::date AS day,
    {PLACE} || coalesce(e.detail->'changes'->'officeCode'->>'after', e.detail->>'toOffice', CASE WHEN e.act = 'FILED'
        THEN coalesce(e.detail->>'officeCode', {_OFFICE}, o.code) END) AS office,
    {PLACE} || CASE WHEN e.detail->'changes' ? 'documentKind'
        THEN coalesce(e.detail->'changes'->'documentKind'->>'after', '') WHEN e.act = 'FILED' THEN
            CASE WHEN e.detail ? 'documentKind' THEN coalesce(e.detail->>'documentKind', '')
            ELSE coalesce({_KIND}, t.document_kind, '') END
        END AS kind, t.channel
FROM public.entries e JOIN public.tramites t ON t.id = e.tramite_id JOIN public.offices o ON o.id = t.office_id
WHERE e.to_status IS NOT NULL
"""  # noqa: S608 - our own text
"""Each step with what it says of office and kind, as a text that sorts by sequence; null if it says nothing."""

CARRIED = f"""
SELECT m.sequence, m.tramite_id, m.at, m.act, m.to_status, m.day, m.channel,
    substr(max(m.office COLLATE "C") OVER up_to, 20) AS office, substr(max(m.kind COLLATE "C") OVER up_to, 20) AS kind,
    substr(max(m.office COLLATE "C") OVER before, 20) AS had_office,
    substr(max(m.kind COLLATE "C") OVER before, 20) AS had_kind,
    lag(m.to_status) OVER steps AS had_status, m.from_status, max(m.day) OVER up_to AS since_on,
    min(m.at) FILTER (WHERE m.act = 'FILED') OVER up_to AS filed_at,
    max(m.at) FILTER (WHERE m.act = 'OBSERVED') OVER before AS observed_at,
    min(m.at) FILTER (WHERE m.act IN ('REFERRED', 'RESOLVED')) OVER before AS received_at,
    max(m.at) FILTER (WHERE m.act = 'REOPENED') OVER before AS reopened_at
FROM ({MARKED}) m WINDOW steps AS (PARTITION BY m.tramite_id ORDER BY m.sequence),
    up_to AS (steps ROWS UNBOUNDED PRECEDING),
    before AS (steps ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
"""  # noqa: S608 - as above
"""Each step with where its trámite lay then and before, and since when."""

_BEGAN = {
    1: ("c.act IN ('REFERRED', 'RESOLVED') AND c.received_at IS NULL AND c.reopened_at IS NULL", "c.filed_at"),
    2: ("c.act = 'OBSERVED' AND c.reopened_at IS NULL", "c.filed_at"),
    3: ("c.act = 'CORRECTED'", "c.observed_at"),
    4: ("c.act = 'RESOLVED' AND c.reopened_at IS NULL", "c.received_at"),
    5: ("c.act = 'RESOLVED' AND c.reopened_at IS NULL", "c.filed_at"),
    6: ("c.act = 'RESOLVED'", "c.reopened_at"),
}
"""When each step of a report ends, and since when it lasted."""

STEPS = " UNION ALL ".join(
    f"""
SELECT c.sequence, c.day, {step} AS step, greatest(0, floor(extract(epoch FROM c.at - {began})))::int AS seconds,
    CASE WHEN c.act = 'REFERRED' AND c.had_office <> c.office THEN c.had_office ELSE c.office END AS office,
    c.kind, c.channel, c.to_status FROM carried c WHERE {ends} AND {began} IS NOT NULL
"""  # noqa: S608 - our own text
    for step, (ends, began) in _BEGAN.items()
)

CELLS = "SELECT c.*, o.code FROM public.report_cells c JOIN public.offices o ON o.id = c.office_id"
COUNTED = "('FILED', 'OBSERVED', 'CORRECTED', 'LAPSED', 'REFERRED', 'RESOLVED', 'VOIDED', 'REOPENED')"
WAITS = "('PENDING', 'OBSERVED', 'REFERRED')"

UNEQUAL = f"""
WITH carried AS MATERIALIZED ({CARRIED}), cells AS MATERIALIZED ({CELLS})
SELECT * FROM (
    SELECT 'chain acts, entry ' || c.sequence AS "where",
        'it does not lead on from where the entry before it left its trámite' AS what
    FROM carried c WHERE c.from_status IS DISTINCT FROM c.had_status
    UNION ALL
    SELECT 'reports, acts of ' || coalesce(e.day, f.day), 'they are not as many as the register says' FROM (
        SELECT day, CASE WHEN act = 'REFERRED' AND had_office <> office THEN had_office ELSE office END AS office,
            kind, channel, to_status, act, count(*) AS times
        FROM carried WHERE act IN {COUNTED} GROUP BY 1, 2, 3, 4, 5, 6
    ) e FULL JOIN (
        SELECT a.day, c.code, c.document_kind, c.channel, c.status, a.act, a.times
        FROM public.report_acts a JOIN cells c ON c.id = a.cell_id
    ) f ON (e.day, e.office, e.kind, e.channel, e.to_status, e.act)
        = (f.day, f.code, f.document_kind, f.channel, f.status, f.act)
    WHERE e.times IS DISTINCT FROM f.times
    UNION ALL
    SELECT 'reports, waiting on ' || coalesce(e.day, f.day), 'they are not as many as the register says' FROM (
        SELECT day, office, kind, channel, status, sum(more) AS waiting FROM (
            SELECT since_on AS day, office, kind, channel, to_status AS status, 1 AS more
            FROM carried WHERE to_status IN {WAITS}
            UNION ALL
            SELECT since_on, had_office, had_kind, channel, had_status, -1 FROM carried WHERE had_status IN {WAITS}
        ) s GROUP BY 1, 2, 3, 4, 5
    ) e FULL JOIN (
        SELECT w.day, c.code, c.document_kind, c.channel, c.status, w.waiting
        FROM public.report_waiting w JOIN cells c ON c.id = w.cell_id
    ) f ON (e.day, e.office, e.kind, e.channel, e.status) = (f.day, f.code, f.document_kind, f.channel, f.status)
    WHERE coalesce(e.waiting, 0) <> coalesce(f.waiting, 0)
    UNION ALL
    SELECT 'reports, step ' || coalesce(e.step, f.step) || ' of entry ' || coalesce(e.sequence, f.sequence),
        'it did not take as long as the register says'
    FROM ({STEPS}) e FULL JOIN (
        SELECT s.*, c.code, c.document_kind, c.channel, c.status
        FROM public.report_steps s JOIN cells c ON c.id = s.cell_id
    ) f ON f.sequence = e.sequence AND f.step = e.step
    WHERE (e.day, e.seconds, e.office, e.kind, e.channel, e.to_status)
            IS DISTINCT FROM (f.day, f.seconds, f.code, f.document_kind, f.channel, f.status)
        OR f.bucket <> floor(4 * ln(f.seconds + 1::float8) / ln(2::float8))
    UNION ALL
    SELECT 'reports, place of trámite ' || t.number, 'it is not where the register says, or not since then'
    FROM public.tramites t JOIN (
        SELECT DISTINCT ON (tramite_id) * FROM carried ORDER BY tramite_id, sequence DESC
    ) e ON e.tramite_id = t.id
    LEFT JOIN public.report_positions p ON p.tramite_id = t.id LEFT JOIN cells c ON c.id = p.cell_id
    WHERE (c.code, c.document_kind, c.channel, c.status, p.since_on, p.filed_at)
        IS DISTINCT FROM (e.office, e.kind, e.channel, e.to_status, e.since_on, e.filed_at)
) u
"""  # noqa: S608 - as above

UNSUMMED = """
SELECT * FROM (
    SELECT 'reports, steps of ' || coalesce(e.month, f.month) AS "where" FROM (
        SELECT date_trunc('month', day::timestamp)::date AS month, cell_id, step, bucket, count(*) AS times
        FROM public.report_steps GROUP BY 1, 2, 3, 4
    ) e FULL JOIN public.report_months f USING (month, cell_id, step, bucket) WHERE e.times IS DISTINCT FROM f.times
    UNION ALL
    SELECT 'reports, waiting in ' || coalesce(e.month, f.month) FROM (
        SELECT date_trunc('month', day::timestamp)::date AS month, cell_id, sum(waiting) AS waiting, sum(late) AS late
        FROM public.report_waiting GROUP BY 1, 2
    ) e FULL JOIN public.report_waiting_months f USING (month, cell_id)
    WHERE coalesce(e.waiting, 0) <> coalesce(f.waiting, 0) OR coalesce(e.late, 0) <> coalesce(f.late, 0)
    UNION ALL
    SELECT 'reports, late in cell ' || coalesce(e.cell_id, f.cell_id) FROM (
        SELECT cell_id, count(*) AS late FROM public.report_positions WHERE late_on IS NOT NULL GROUP BY 1
    ) e FULL JOIN (SELECT cell_id, sum(late) AS late FROM public.report_waiting GROUP BY 1) f USING (cell_id)
    WHERE coalesce(e.late, 0) <> coalesce(f.late, 0)
) u
"""

CHECKS = (
    Check(UNEQUAL, "the facts of reports are not those of the register"),
    Check(UNSUMMED, "the sum is not that of its parts"),
)
