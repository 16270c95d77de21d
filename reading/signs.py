"""What the desk should notice of trámites: what is due, what is odd, and where the same files are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from reading.rights import right_sql
from reading.tramites import ATTACHMENTS, attachments_of, by_id, current_files
from rules.access import Right
from rules.doubts import SeenFile, doubt_about_folios
from rules.due import due_on

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from uuid import UUID

    from models.tramites import Attachment, Tramite
    from reading.access import Viewer
    from rules.access import Role

MOST_OTHERS = 20
"""How many other trámites are looked at for each file, besides one that tells that there are more."""

OTHERS = """
SELECT DISTINCT mine.tramite_id, other.tramite_id AS other_id
FROM (SELECT DISTINCT tramite_id, content_id FROM attachments
    WHERE tramite_id = ANY($1::uuid[]) AND role IN ('MAIN', 'ANNEX')) mine
CROSS JOIN LATERAL (
    SELECT tramite_id FROM attachments
    WHERE content_id = mine.content_id AND tramite_id <> mine.tramite_id AND role IN ('MAIN', 'ANNEX') LIMIT $2
) other
"""

CURRENT_PAGES = f"""
CASE WHEN {{row}}.folios > 0 AND {{row}}.applicant_id IS DISTINCT FROM {{viewer}} THEN (
    SELECT json_agg(json_build_array(f.name, c.pages) ORDER BY f.position)
    FROM ({ATTACHMENTS.replace("{version}", "NULL")}) f JOIN contents c ON c.sha256 = f.content_id) END
"""  # noqa: S608 - our own words
"""Names and pages of the files of the trámite in `{row}`, of which `folios_doubt` says what is odd."""


def others_sql(role: Role) -> str:
    """Return what `elsewhere` reads: by number, in which other trámites the files of the one in `{row}` are."""
    may_see = right_sql(role, Right.SEE).replace("{row}", "t")
    return f"""
        CASE WHEN {{row}}.applicant_id IS DISTINCT FROM {{viewer}} THEN (
            SELECT json_agg(CASE WHEN {may_see} THEN t.number END) FROM tramites t WHERE t.id IN (
                SELECT other.tramite_id
                FROM (SELECT DISTINCT content_id FROM attachments
                    WHERE tramite_id = {{row}}.id AND role IN ('MAIN', 'ANNEX')) mine
                CROSS JOIN LATERAL (
                    SELECT tramite_id FROM attachments
                    WHERE content_id = mine.content_id AND tramite_id <> {{row}}.id AND role IN ('MAIN', 'ANNEX')
                    LIMIT {MOST_OTHERS + 1}
                ) other
            )) END
    """  # noqa: S608 - our own words


@dataclass(frozen=True)
class Elsewhere:
    """Where the files of a trámite are as well: numbers that may be seen, and how many may not."""

    numbers: tuple[str, ...]
    elsewhere_count: int
    is_complete: bool


def due_of(tramite: Tramite) -> date | None:
    """Return the day by which something must happen next, as the row stands in memory."""
    return due_on(
        tramite.status,
        filed_on=tramite.filed_on,
        route_by=tramite.route_by,
        attend_by=tramite.attend_by,
        correct_by=tramite.correct_by,
    )


async def folios_doubts_of(tramites: Collection[Tramite]) -> Mapping[UUID, str]:
    """Return what is odd about the folios of each trámite, in Spanish, where something is."""
    files = await attachments_of([tramite.id for tramite in tramites if tramite.folios])
    doubts = {
        tramite.id: doubt_about_folios(tramite.folios, [_seen(file) for file in current_files(files[tramite.id])])
        for tramite in tramites
        if tramite.folios and tramite.id in files
    }
    return {id_: doubt.message for id_, doubt in doubts.items() if doubt}


def folios_doubt(folios: int | None, said: str | None) -> str | None:
    """Return what is odd about the folios of a trámite, in Spanish, of whose files `CURRENT_PAGES` says the pages."""
    if not folios or said is None:
        return None
    doubt = doubt_about_folios(folios, [SeenFile(name, (), pages, ()) for name, pages in json.loads(said)])
    return doubt.message if doubt else None


def _seen(file: Attachment) -> SeenFile:
    return SeenFile(file.name, (), file.content.pages, ())


async def same_files_of(viewer: Viewer, tramite_ids: Collection[UUID]) -> Mapping[UUID, Elsewhere]:
    """
    Return in which other trámites the files of each are, as they were handed in.

    Of those that *viewer* may not see only the count is told: that another office has the same document is what the
    desk must know, lest both answer it; which one, and whose, it may not.
    """
    rows = await get_connections().get("default").execute_query_dict(OTHERS, [list(tramite_ids), MOST_OTHERS + 1])
    others: dict[UUID, list[UUID]] = {id_: [] for id_ in tramite_ids}
    for row in rows:
        others[row["tramite_id"]].append(row["other_id"])
    known = await by_id(viewer, {other for found in others.values() for other in found})
    return {id_: _elsewhere(found, known) for id_, found in others.items()}


def _elsewhere(found: Collection[UUID], known: Mapping[UUID, Tramite]) -> Elsewhere:
    return _told([known[other].number if other in known else None for other in found])


def elsewhere(said: str | None) -> Elsewhere:
    """Return what `others_sql` says of a trámite."""
    return _told(json.loads(said) if said else [])


def _told(found: list[str | None]) -> Elsewhere:
    """Return where the files are as well, by numbers of trámites, None for each that may not be seen."""
    numbers = sorted(filter(None, found))
    return Elsewhere(tuple(numbers[:MOST_OTHERS]), len(found) - len(numbers), len(found) <= MOST_OTHERS)
