"""Whether the tables of the record are what they seem: plain tables behind their guards, which hide and add nothing."""

from __future__ import annotations

from reading.checks import Check

TABLES = (
    "anchors",
    "attachments",
    "contents",
    "entries",
    "entry_texts",
    "mail_items",
    "notes",
    "notices",
    "number_series",
    "offices",
    "read_entries",
    "receipt_log",
    "receipt_log_heads",
    "receipt_log_nodes",
    "receipts",
    "referrals",
    "register_heads",
    "report_acts",
    "report_cells",
    "report_months",
    "report_positions",
    "report_steps",
    "report_waiting",
    "report_waiting_months",
    "tramites",
)
"""What `verify` reads."""

GUARDS = {
    "anchors_append_only": "anchors",
    "anchors_no_truncate": "anchors",
    "entries_append_only": "entries",
    "entries_counted": "entries",
    "entries_no_truncate": "entries",
    "entry_texts_no_delete": "entry_texts",
    "entry_texts_no_truncate": "entry_texts",
    "entry_texts_only_erase": "entry_texts",
    "read_entries_append_only": "read_entries",
    "read_entries_no_truncate": "read_entries",
    "receipt_log_heads_no_delete": "receipt_log_heads",
    "receipt_log_heads_no_truncate": "receipt_log_heads",
    "receipt_log_heads_only_stamp": "receipt_log_heads",
    "receipt_log_no_delete": "receipt_log",
    "receipt_log_no_truncate": "receipt_log",
    "receipt_log_nodes_append_only": "receipt_log_nodes",
    "receipt_log_nodes_no_truncate": "receipt_log_nodes",
    "receipt_log_only_grows": "receipt_log",
    "receipts_keep_their_date": "receipts",
    "receipts_not_before_head": "receipts",
    "receipts_sealed_once": "receipts",
    "receipts_sealed_stay": "receipts",
}
"""Triggers of the register -> their tables; these have no others."""

DISGUISED = """
SELECT 'table ' || n.name AS "where" FROM unnest($1::text[]) AS n (name)
LEFT JOIN pg_class c ON c.relname = n.name AND c.relnamespace = 'public'::regnamespace
WHERE c.relkind IS DISTINCT FROM 'r' OR c.relrowsecurity OR c.relhasrules OR EXISTS (
    SELECT FROM pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)
) ORDER BY n.name
"""

UNGUARDED = """
SELECT 'table ' || g.place || ', trigger ' || g.name AS "where" FROM unnest($1::text[], $2::text[]) AS g (name, place)
LEFT JOIN pg_class c ON c.relname = g.place AND c.relnamespace = 'public'::regnamespace
LEFT JOIN pg_trigger t ON t.tgname = g.name AND t.tgrelid = c.oid
WHERE t.tgenabled IS DISTINCT FROM 'O' AND t.tgenabled IS DISTINCT FROM 'A' ORDER BY g.name
"""

MEDDLING = """
SELECT 'table ' || c.relname || ', trigger ' || t.tgname AS "where" FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = 'public'::regnamespace
WHERE NOT t.tgisinternal AND c.relname = ANY($2::text[]) AND t.tgname <> ALL($1::text[]) ORDER BY 1
"""

_GUARDS = (list(GUARDS), list(GUARDS.values()))

CHECKS = (
    Check(
        DISGUISED, "is no plain table any more: what it shows depends on who looks, or is elsewhere", (list(TABLES),)
    ),
    Check(UNGUARDED, "the guard is missing or switched off", _GUARDS),
    Check(MEDDLING, "is none of this program, and may change what is written", _GUARDS),
)
