"""Texts of files by the hundred thousand: every trámite has a file of its own, of two pages, made of made-up words."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import asyncpg

from mesadepartes.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYWHERE: Final = "penitenciario"
RARE: Final = "zarzuela"
HERE: Final = "camelia"
ELSEWHERE: Final = "quelonio"
PHRASE: Final = "silencio administrativo"
NO_PHRASE: Final = "administrativo silencio"
"""Words of every file, of five, of those that lie in the office, of those that never did; an order of words that every
fifth file has, and one that none has."""

OFFICE: Final = "LIMA"
BATCH, PAGES, WORDS_A_PAGE, VOCABULARY = 2_000, 2, 150, 20_000
SYLLABLES = ("ba", "co", "du", "fe", "gi", "la", "mo", "nu", "pre", "que", "ri", "sa", "te", "tra", "vo", "zu")

FILED = """
SELECT t.id, o.id IS NOT NULL AS is_here,
    EXISTS (SELECT FROM past_offices p JOIN offices q ON q.id = p.office_id AND q.code = $1 WHERE p.tramite_id = t.id)
    AS was_here
FROM tramites t LEFT JOIN offices o ON o.id = t.office_id AND o.code = $1 ORDER BY t.sent_at
"""
COLUMNS: Final = {
    "contents": ("sha256", "size_bytes", "stored_at"),
    "attachments": (
        "id", "tramite_id", "version", "role", "position", "name", "content_id", "size_bytes", "awaits_text",
    ),
    "content_texts": ("id", "content_id", "state", "pages", "pages_done", "characters", "try_after", "done_at"),
    "content_text_pieces": ("id", "text_of_id", "page", "part", "text"),
}  # fmt: skip
GATHER = "SELECT count(content_texts_gather(id)) FROM unnest($1::uuid[]) AS id"
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'content_texts_words'"


@dataclass
class _Batch:
    """Rows of files, by table."""

    chance: random.Random
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})

    def add(self, tramite_id: UUID, pages: list[str]) -> None:
        """Take in a file of a trámite."""
        sha256, text_id, at = f"{self.chance.getrandbits(256):064x}", self._id(), now()
        self.rows["contents"].append((sha256, 1, at))
        self.rows["attachments"].append((self._id(), tramite_id, 1, "ANNEX", 1, "a.pdf", sha256, 1, False))
        self.rows["content_texts"].append((text_id, sha256, "DONE", PAGES, PAGES, sum(map(len, pages)), at, at))
        self.rows["content_text_pieces"] += [(self._id(), text_id, page, 0, text) for page, text in enumerate(pages, 1)]

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)


async def add_texts(owner_url: str) -> None:
    """Give every trámite a file with a text, in the database whose owner connects by *owner_url*."""
    connection = await asyncpg.connect(owner_url, server_settings={"synchronous_commit": "off"})
    try:
        filed = await connection.fetch(FILED, OFFICE)
        index = await connection.fetchval(INDEX)
        await connection.execute("DROP INDEX content_texts_words")
        chance = random.Random(2)
        files = zip(filed, _texts(filed, chance), strict=True)
        while some := list(islice(files, BATCH)):
            await _add(connection, some, chance)
        await connection.execute(index)
        for table in COLUMNS:
            await connection.execute(f"VACUUM (ANALYZE) {table}")
    finally:
        await connection.close()


async def _add(
    connection: asyncpg.Connection, files: list[tuple[asyncpg.Record, list[str]]], chance: random.Random
) -> None:
    batch = _Batch(chance)
    for tramite, pages in files:
        batch.add(tramite["id"], pages)
    for table, rows in batch.rows.items():
        await connection.copy_records_to_table(table, columns=COLUMNS[table], records=rows)
    await connection.execute(GATHER, [row[0] for row in batch.rows["content_texts"]])


def _texts(filed: list[asyncpg.Record], chance: random.Random) -> Iterator[list[str]]:
    """Yield the pages of each file: words as frequent as those of a language are, and those that are looked for."""
    words = ["".join(chance.choices(SYLLABLES, k=4)) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (place + 3) for place in range(VOCABULARY)))
    for number, tramite in enumerate(filed):
        said = [EVERYWHERE, PHRASE if number % 5 == 0 else "administrativo del silencio"]
        said += [HERE] if tramite["is_here"] else []
        said += [] if tramite["is_here"] or tramite["was_here"] else [ELSEWHERE]
        said += [RARE] if number % max(1, len(filed) // 5) == 0 else []
        first, *others = (chance.choices(words, cum_weights=weights, k=WORDS_A_PAGE) for _ in range(PAGES))
        yield [" ".join((*first, *said)), *(" ".join(page) for page in others)]
