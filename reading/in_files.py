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

_LOCATED = "SELECT content_texts_having($1, $2) AS number"

# Made once, and told to the planner as an array: of an array it expects ten, and looks the trámites up by their ids.
_LOOKED_UP = """
"tramites"."id" = ANY (ARRAY(SELECT tramites_having('{words}', ARRAY[{phrases}]::text[])))
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
        is_met = self.is_frequent or reason is Reason.OWN
        condition = _MET.format(has=having(self.words)) if is_met else self._looked_up()
        return query.annotate(has_in_files=RawSQL(condition)).filter(has_in_files=True)

    def _looked_up(self) -> str:
        phrases = ", ".join(f"'{phrase}'" for phrase in self.words.phrases)
        return _LOOKED_UP.format(words=self.words.all_of_them, phrases=phrases)


async def located(words: FileWords | None) -> InFiles | None:
    """Return how words are best looked for."""
    if words is None:
        return None
    values = [words.all_of_them, MOST_LOOKED_UP + 1]
    [row] = await get_connections().get("default").execute_query_dict(_LOCATED, values)
    return InFiles(words, is_frequent=row["number"] > MOST_LOOKED_UP)
