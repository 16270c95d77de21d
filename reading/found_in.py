"""Where in the files of trámites the words stand that these were found by: the file, the page, and a little around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.tramites import Attachment
from reading.in_files import having, query_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from reading.typed_words import FileWords

MOST_FILES = 3
LONGEST_SNIPPET = 400

BEGIN, END = "\x02", "\x03"
"""Around what was looked for: no text that is kept has them."""

OPTIONS = f'StartSel="{BEGIN}", StopSel="{END}", MaxFragments=1, MinWords=10, MaxWords=30'

FOUND = """
SELECT f.id, f.tramite_id, best.page, best.is_recognized,
    ts_headline('public.spanish_plain', best.text, {any_of_them}, $2) AS said
FROM (
    SELECT f.id, f.tramite_id, c.id AS text_id,
        row_number() OVER (PARTITION BY f.tramite_id ORDER BY f.version DESC, f.position) AS place
    FROM attachments f JOIN content_texts c ON c.content_id = f.content_id
    WHERE f.tramite_id = ANY($1::uuid[]) AND f.erased_at IS NULL AND {has}) f
CROSS JOIN LATERAL (
    SELECT p.page, p.is_recognized, p.text FROM content_text_pieces p
    WHERE p.text_of_id = f.text_id AND p.words @@ {pieces}
    ORDER BY p.words @@ {best} DESC, p.page, p.part LIMIT 1) best
WHERE f.place <= $3 ORDER BY f.tramite_id, f.place
"""


@dataclass(frozen=True)
class Part:
    """Some words of a snippet, and whether they are what was looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class FoundIn:
    """A file that has the words; `page` is None for what has no pages."""

    file: Attachment
    page: int | None
    is_recognized: bool
    snippet: tuple[Part, ...]


async def found_in(tramite_ids: Collection[UUID], words: FileWords) -> dict[UUID, list[FoundIn]]:
    """Return where the words stand, in up to three files of each of a page of trámites, the latest version first."""
    asked = FOUND.format(
        has=having(words),
        any_of_them=query_of(words.any_of_them),
        pieces=query_of(words.all_of_them.replace("&", "|")),
        best=query_of(" & ".join((words.all_of_them, *words.phrases))),
    )
    rows = await get_connections().get("default").execute_query_dict(asked, [list(tramite_ids), OPTIONS, MOST_FILES])
    files = await Attachment.filter(id__in=[row["id"] for row in rows]).select_related("content")
    by_id = {file.id: file for file in files}
    found: dict[UUID, list[FoundIn]] = {}
    for row in rows:
        place = FoundIn(by_id[row["id"]], row["page"] or None, row["is_recognized"], snippet_of(row["said"]))
        found.setdefault(row["tramite_id"], []).append(place)
    return found


def snippet_of(said: str) -> tuple[Part, ...]:
    """Return a marked text in its parts, on one line and not too long."""
    parts, room = list[Part](), LONGEST_SNIPPET
    for number, marked in enumerate(" ".join(said.split()).split(BEGIN)):
        match, _, rest = marked.rpartition(END) if number else ("", "", marked)
        for text, is_match in ((match, True), (rest, False)):
            if text[:room]:
                parts.append(Part(text[:room], is_match))
            room = max(0, room - len(text))
    return tuple(parts)
