"""
Trámites by the words of their files: looked up by the index of words, or met on the way where they are frequent.

A file that is past its time is none of a trámite's, even if others still have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections
from tortoise.expressions import RawSQL

from reading.access import Reason

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

    from models.tramites import Tramite
    from reading.typed_words import FileWords

MOST_LOOKED_UP = 5_000
"""What more contents have is frequent: enough of it is met soon in any order."""

_QUERY = "to_tsquery('public.spanish_plain', '{words}')"
_IN_A_PIECE = "EXISTS (SELECT FROM content_text_pieces p WHERE p.text_of_id = c.id AND p.words @@ {query})"

_LOCATED = f"""
SELECT count(*) AS number FROM (
    SELECT FROM content_texts c WHERE c.words @@ {{query}} LIMIT {MOST_LOOKED_UP + 1}) located
"""  # noqa: S608 - letters and digits only

# Made once, and told to the planner as an array: of an array it expects ten, and looks the trámites up by their ids.
_LOOKED_UP = """
"tramites"."id" = ANY (ARRAY(
    SELECT f.tramite_id FROM content_texts c JOIN attachments f ON f.content_id = c.content_id
    WHERE f.erased_at IS NULL AND {has}))
"""

# As a value and not as EXISTS, which the planner might answer for all trámites beforehand.
_MET = """
coalesce((
    SELECT true FROM attachments f JOIN content_texts c ON c.content_id = f.content_id
    WHERE f.tramite_id = "tramites"."id" AND f.erased_at IS NULL AND {has} LIMIT 1), false)
"""


def query_of(words: str) -> str:
    """Return words, which are letters, digits and operators, as a value in SQL."""
    return _QUERY.format(words=words)


def having(words: FileWords) -> str:
    """Return the condition in SQL for a row `c` of `content_texts` that has the words."""
    pieces = (_IN_A_PIECE.format(query=query_of(phrase)) for phrase in words.phrases)
    return " AND ".join((f"c.words @@ {query_of(words.all_of_them)}", *pieces))


@dataclass(frozen=True)
class InFiles:
    """Words that are looked for in files, and whether many have them."""

    words: FileWords
    is_frequent: bool

    def narrow(self, query: QuerySet[Tramite], reason: Reason) -> QuerySet[Tramite]:
        """Return what of *query* has them; among one's own it is asked row by row, whatever others file."""
        form = _MET if self.is_frequent or reason is Reason.OWN else _LOOKED_UP
        condition = form.format(has=having(self.words))
        return query.annotate(has_in_files=RawSQL(condition)).filter(has_in_files=True)


async def located(words: FileWords | None) -> InFiles | None:
    """Return how words are best looked for."""
    if words is None:
        return None
    asked = _LOCATED.format(query=query_of(words.all_of_them))
    [row] = await get_connections().get("default").execute_query_dict(asked)
    return InFiles(words, is_frequent=row["number"] > MOST_LOOKED_UP)
