"""Whether the record is as its chain says: numbers, trámites, files, receipts and notices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from files.store import ContentDamaged, ContentMissing, StoreUnavailable
from reading import agreement, grounds, sealed, tallies
from reading.chains import Fault
from reading.checks import Check, ask
from rules.promises import NOTICE_OF, RECEIPT_OF

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    import asyncpg

    from files.store import Store
    from reading.chains import Told, Walk
    from rules.register import Act

FILES_AT_ONCE = 200
HASHED_AT_ONCE = 8
"""So many files are hashed before the next ones are, on as many processors as there are."""

# None of these has a LIMIT: what is expected to end early is planned as if there were faults, and there are none.
GIVEN = "SELECT series, last_given FROM public.number_series ORDER BY series"

UNFILED = """
SELECT 'trámite ' || t.number AS "where" FROM public.tramites t
WHERE NOT EXISTS (
    SELECT FROM public.entries e WHERE e.act = 'FILED' AND e.tramite_id = t.id AND e.detail->>'number' = t.number
) ORDER BY t.number
"""

GONE = """
SELECT 'number ' || coalesce(e.detail->>'number', '') AS "where"
FROM public.entries e LEFT JOIN public.tramites t ON t.id = e.tramite_id
WHERE e.act = 'FILED' AND t.number IS DISTINCT FROM e.detail->>'number' ORDER BY e.sequence
"""

STATUS = """
SELECT 'trámite ' || t.number AS "where" FROM public.tramites t LEFT JOIN (
    SELECT tramite_id, max(sequence) AS sequence FROM public.entries
    WHERE tramite_id IS NOT NULL AND to_status IS NOT NULL GROUP BY tramite_id
) l ON l.tramite_id = t.id LEFT JOIN public.entries e ON e.sequence = l.sequence
WHERE e.to_status IS DISTINCT FROM t.status ORDER BY t.number
"""

UNCERTIFIED = """
SELECT 'chain acts, entry ' || e.sequence || ', trámite ' || t.number AS "where" FROM public.entries e
JOIN unnest($1::text[], $2::text[]) AS p (act, kind)
    ON p.act = e.act AND (p.kind <> 'RECEPTION' OR e.detail->>'receipt' = p.kind)
JOIN public.tramites t ON t.id = e.tramite_id
WHERE NOT EXISTS (
    SELECT FROM public.receipts r WHERE r.tramite_id = e.tramite_id AND r.kind = p.kind
        AND r.version = coalesce((e.detail->>'version')::int, 1)
) ORDER BY e.sequence
"""

UNFOUNDED = """
WITH said AS MATERIALIZED (
    SELECT e.tramite_id, p.kind, coalesce((e.detail->>'version')::int, 1) AS version
    FROM public.entries e JOIN unnest($1::text[], $2::text[]) AS p (act, kind)
        ON p.act = e.act AND (p.kind <> 'RECEPTION' OR e.detail->>'receipt' = p.kind)
)
SELECT 'receipt ' || r.id || ', trámite ' || t.number AS "where"
FROM public.receipts r JOIN public.tramites t ON t.id = r.tramite_id
WHERE r.kind = ANY($2::text[]) AND NOT EXISTS (
    SELECT FROM said s WHERE s.kind = r.kind AND s.tramite_id = r.tramite_id AND s.version = r.version
) ORDER BY t.number
"""
"""Read once and hashed: what acts say of receipts is planned, otherwise, as if it were looked up receipt by receipt."""

UNTOLD = """
SELECT 'trámite ' || t.number || ', notice ' || e.kind AS "where" FROM (
    SELECT e.tramite_id, p.kind, count(*) AS promised FROM public.entries e
    JOIN unnest($1::text[], $2::text[]) AS p (act, kind) ON p.act = e.act GROUP BY 1, 2
) e JOIN public.tramites t ON t.id = e.tramite_id LEFT JOIN (
    SELECT tramite_id, kind, count(*) AS made FROM public.notices WHERE tramite_id IS NOT NULL GROUP BY 1, 2
) n ON n.tramite_id = e.tramite_id AND n.kind = e.kind
WHERE coalesce(n.made, 0) < e.promised ORDER BY t.number
"""

NAMED = """
SELECT e.sequence, e.tramite_id, f->>'sha256' AS sha256
FROM public.entries e CROSS JOIN jsonb_array_elements(
    CASE WHEN jsonb_typeof(e.detail->'files') = 'array' THEN e.detail->'files' ELSE '[]' END
) AS f
"""

DETACHED = f"""
SELECT 'chain acts, entry ' || n.sequence || ', file ' || n.sha256 AS "where" FROM ({NAMED}) n
WHERE NOT EXISTS (SELECT FROM public.attachments a WHERE a.tramite_id = n.tramite_id AND a.content_id = n.sha256)
ORDER BY n.sequence
"""  # noqa: S608 - our own text

FOISTED = f"""
SELECT 'trámite ' || t.number || ', file ' || a.content_id AS "where" FROM public.attachments a
JOIN public.tramites t ON t.id = a.tramite_id
WHERE NOT EXISTS (SELECT FROM ({NAMED}) n WHERE n.tramite_id = a.tramite_id AND n.sha256 = a.content_id)
ORDER BY t.number
"""  # noqa: S608 - as above

KEPT = """
SELECT c.sha256, c.size_bytes FROM public.contents c WHERE c.sha256 > $1 AND c.erased_at IS NULL AND (
    EXISTS (SELECT FROM public.attachments WHERE content_id = c.sha256)
    OR EXISTS (SELECT FROM public.mail_items WHERE original_id = c.sha256)
    OR EXISTS (SELECT FROM public.receipts WHERE content_id = c.sha256)
) ORDER BY c.sha256 LIMIT $2
"""

WEIGHT = """
SELECT coalesce(sum(size_bytes), 0)::bigint FROM public.contents c WHERE c.erased_at IS NULL AND (
    EXISTS (SELECT FROM public.attachments WHERE content_id = c.sha256)
    OR EXISTS (SELECT FROM public.mail_items WHERE original_id = c.sha256)
    OR EXISTS (SELECT FROM public.receipts WHERE content_id = c.sha256)
)
"""


def _promises(promised: Mapping[Act, StrEnum]) -> tuple[list[str], list[str]]:
    return [act.value for act in promised], [kind.value for kind in promised.values()]


CHECKS = (
    Check(UNFILED, "no entry of the register files it"),
    Check(GONE, "was given, but there is no trámite of that number"),
    Check(STATUS, "its status is not the one to which its last entry led"),
    Check(DETACHED, "was received, but is no longer among the files of its trámite"),
    Check(FOISTED, "is among its files, but no entry of the register received it"),
    Check(UNCERTIFIED, "the receipt that this act promises is missing", _promises(RECEIPT_OF)),
    Check(UNFOUNDED, "certifies what no entry of the register says", _promises(RECEIPT_OF)),
    Check(UNTOLD, "was promised, but is missing", _promises(NOTICE_OF)),
)


ALL_CHECKS = ((*grounds.CHECKS, *CHECKS, *agreement.CHECKS, *sealed.CHECKS), tallies.CHECKS)
"""All that the record as a whole must hold, in parts that may be asked at the same time."""


async def prove_numbers(connection: asyncpg.Connection, walk: Walk) -> None:
    """
    Compare the numbers given with those that the chain of acts filed under, which has no gap.

    Raises:
        Fault: a series ended elsewhere.
    """
    given = {row["series"]: row["last_given"] for row in await connection.fetch(GIVEN)}
    for series in sorted(given.keys() | walk.numbered.keys()):
        counted, filed = given.get(series, 0), walk.numbered.get(series, 0)
        if counted != filed:
            raise Fault(f"series {series}", f"{counted} numbers were given, but {filed} trámites were filed")


async def prove_record(connection: asyncpg.Connection) -> None:
    """
    Ask all that the record as a whole must hold, within the snapshot in which the chain is proved.

    Raises:
        Fault: the first that finds anything.
    """
    for checks in ALL_CHECKS:
        await ask(connection, checks)


async def weigh_files(connection: asyncpg.Connection) -> int:
    """Return how many bytes `prove_files` reads."""
    return int(await connection.fetchval(WEIGHT) or 0)


async def prove_files(connection: asyncpg.Connection, store: Store, told: Told) -> int:
    """
    Hash every file that was received, and every sealed receipt; return how many.

    What is on its way in and not filed yet is left out.

    Needs no snapshot: what was received never goes, and what is received meanwhile is looked at or not.

    Raises:
        Fault: one is missing, or its bytes are no longer those of its name.
    """
    last, count = "", 0
    while rows := await connection.fetch(KEPT, last, FILES_AT_ONCE):
        for place in range(0, len(rows), HASHED_AT_ONCE):
            some = rows[place : place + HASHED_AT_ONCE]
            names = [row["sha256"] for row in some]
            faults = await asyncio.gather(*(_fault_in(store, name) for name in names))
            for fault in filter(None, faults):
                raise fault
            told(sum(row["size_bytes"] for row in some))
        last, count = rows[-1]["sha256"], count + len(rows)
    return count


async def _fault_in(store: Store, sha256: str) -> Fault | None:
    try:
        await store.prove(sha256)
    except ContentMissing:
        return Fault(f"file {sha256}", "is missing from the store")
    except ContentDamaged:
        return Fault(f"file {sha256}", "the bytes in the store are no longer those that were put there")
    except StoreUnavailable:
        raise
    except OSError as error:
        return Fault(f"file {sha256}", f"cannot be read from the store: {error.strerror}")
    return None
