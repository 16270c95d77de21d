"""Whether the sealed receipts, their log and its heads are what they say of each other."""

from __future__ import annotations

from reading.checks import Check

# As in `reading.proofs`, none of these has a LIMIT.
UNLOGGED = """
SELECT 'receipt ' || r.id || ', trámite ' || t.number AS "where" FROM public.receipts r
JOIN public.tramites t ON t.id = r.tramite_id
LEFT JOIN public.receipt_log_nodes n ON n.level = 0 AND n.position = r.log_index
WHERE r.log_index IS NOT NULL AND n.hash IS DISTINCT FROM sha256('\\x00'::bytea || decode(r.content_id, 'hex'))
ORDER BY r.log_index
"""

HALF_SEALED = """
SELECT 'receipt ' || r.id || ', trámite ' || t.number AS "where" FROM public.receipts r
JOIN public.tramites t ON t.id = r.tramite_id LEFT JOIN public.contents c ON c.sha256 = r.content_id
WHERE (r.log_index IS NULL) <> (c.sha256 IS NULL) OR (r.log_index IS NULL) <> (r.sealed_at IS NULL) ORDER BY t.number
"""

UNCLAIMED = """
SELECT 'log of receipts, entry ' || n.position AS "where" FROM public.receipt_log_nodes n
WHERE n.level = 0 AND NOT EXISTS (SELECT FROM public.receipts r WHERE r.log_index = n.position) ORDER BY n.position
"""

MISCOUNTED = """
SELECT 'log of receipts, level ' || l.level AS "where"
FROM public.receipt_log g CROSS JOIN generate_series(0, 62) l (level) LEFT JOIN (
    SELECT level, count(*) AS number, max(position) AS highest FROM public.receipt_log_nodes GROUP BY level
) n ON n.level = l.level
WHERE coalesce(n.number, 0) <> g.size >> l.level OR coalesce(n.highest, -1) <> (g.size >> l.level) - 1 ORDER BY l.level
"""

MISJOINED = """
SELECT 'log of receipts, node ' || p.position || ' of level ' || p.level AS "where" FROM public.receipt_log_nodes p
LEFT JOIN public.receipt_log_nodes a ON a.level = p.level - 1 AND a.position = 2 * p.position
LEFT JOIN public.receipt_log_nodes b ON b.level = p.level - 1 AND b.position = 2 * p.position + 1
WHERE p.level > 0 AND p.hash IS DISTINCT FROM sha256('\\x01'::bytea || a.hash || b.hash) ORDER BY p.level, p.position
"""

BEHEADED = """
WITH RECURSIVE folded AS (
    SELECT h.day, h.size, h.root, 0 AS level, NULL::bytea AS joined FROM public.receipt_log_heads h
    UNION ALL
    SELECT f.day, f.size, f.root, f.level + 1, CASE WHEN (f.size >> f.level) & 1 = 0 THEN f.joined
        WHEN f.joined IS NULL THEN n.hash ELSE sha256('\\x01'::bytea || n.hash || f.joined) END
    FROM folded f LEFT JOIN public.receipt_log_nodes n ON n.level = f.level AND n.position = (f.size >> f.level) - 1
    WHERE f.size >> f.level > 0
)
SELECT 'log of receipts, head of ' || f.day AS "where" FROM folded f CROSS JOIN public.receipt_log g
WHERE f.size >> f.level = 0 AND (f.size > g.size OR f.root IS DISTINCT FROM coalesce(f.joined, sha256('')))
ORDER BY f.day
"""
"""Computed here from the nodes: who may only read may not call what publishes heads, nor would it be a proof."""

BACKDATED = """
SELECT 'receipt ' || r.id || ', trámite ' || t.number AS "where" FROM public.receipts r
JOIN public.tramites t ON t.id = r.tramite_id CROSS JOIN LATERAL (
    SELECT h.size FROM public.receipt_log_heads h
    WHERE h.day >= ((r.issued_at AT TIME ZONE 'UTC') - interval '5 hours')::date ORDER BY h.day LIMIT 1
) h
WHERE r.log_index >= h.size OR (r.log_index IS NULL AND r.erased_at IS NULL) ORDER BY r.issued_at
"""

DISCONTINUED = """
SELECT 'log of receipts, head of ' || day AS "where" FROM (
    SELECT day, size, log, lag(day) OVER days AS earlier, lag(size) OVER days AS smaller, lag(log) OVER days AS same
    FROM public.receipt_log_heads WINDOW days AS (ORDER BY day)
) h WHERE day <> earlier + 1 OR size < smaller OR log <> same ORDER BY day
"""

UNPUBLISHED = """
SELECT 'receipt ' || r.id || ', trámite ' || t.number AS "where" FROM public.receipts r
JOIN public.tramites t ON t.id = r.tramite_id
LEFT JOIN public.receipt_log_heads h ON h.day = (r.facts->'log_head'->>'day')::date
WHERE r.facts->'log_head'->>'day' IS NOT NULL AND (h.size::text, encode(h.root, 'hex'))
    IS DISTINCT FROM (r.facts->'log_head'->>'size', r.facts->'log_head'->>'root_sha256') ORDER BY r.issued_at
"""

CHECKS = (
    Check(HALF_SEALED, "it is sealed, but not wholly"),
    Check(MISCOUNTED, "it has not the nodes that a log of its size has"),
    Check(MISJOINED, "it does not follow from the two below it"),
    Check(UNLOGGED, "its sealed file is not what the log says of it"),
    Check(UNCLAIMED, "no receipt has this entry"),
    Check(BEHEADED, "it is not the root of the log as it was then"),
    Check(DISCONTINUED, "it does not go on from the one of the day before"),
    Check(UNPUBLISHED, "the head that it prints is not the published one"),
    Check(BACKDATED, "the published head of its day does not hold it"),
)
