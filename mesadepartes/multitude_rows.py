"""Made-up rows on their way into the database: copied, and chained as the register chains its entries."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actions.recording import columns_of, values_of
from models.tramites import Tramite
from rules import chain

if TYPE_CHECKING:
    import asyncpg
    from tortoise.models import Model

    from actions.register import Record

HEAD = "SELECT sequence, hash FROM register_heads WHERE chain = 'acts' FOR UPDATE"
MOVE = "UPDATE register_heads SET sequence = $1, hash = $2 WHERE chain = 'acts'"
SERIES = """
INSERT INTO number_series AS s (series, last_given) VALUES ($1, $2)
ON CONFLICT (series) DO UPDATE SET last_given = excluded.last_given
"""


@dataclass
class Batch:
    """Rows to be copied, by their model, and the end of the chain with them."""

    sequence: int
    hash: bytes
    rows: dict[type[Model], list[list[Any]]] = field(default_factory=dict[type["Model"], list[list[Any]]])
    entries: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    texts: list[tuple[int, bytes, str]] = field(default_factory=list[tuple[int, bytes, str]])
    last_given: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, *rows: Model) -> None:
        """Take rows in."""
        for row in rows:
            self.rows.setdefault(type(row), []).append(values_of(row))

    def append(self, record: Record) -> None:
        """Take an entry in, as `register_append` writes it."""
        text, previous = record.canonical(), self.hash
        self.sequence += 1
        self.hash = chain.link(previous, sequence=self.sequence, record=text)
        before, after = (each.value if each else None for each in (record.from_status, record.to_status))
        self.entries.append((
            self.sequence, record.at, record.act.value, record.tramite_id, record.actor_id, record.role.value,
            before, after, json.dumps(record.detail), text, previous, self.hash,
        ))  # fmt: skip
        if record.text is not None:
            self.texts.append((self.sequence, record.salt, record.text))


ENTRY_COLUMNS = (
    "sequence", "at", "act", "tramite_id", "actor_id", "role", "from_status", "to_status", "detail", "record",
    "previous_hash", "hash",
)  # fmt: skip


async def copy_rows(owner: asyncpg.Connection, batch: Batch) -> None:
    """Copy a batch, and move the head of the register to its end."""
    for model in sorted(batch.rows, key=lambda model: model is not Tramite):
        columns = list(columns_of(model))
        table = model._meta.db_table  # pyright: ignore[reportPrivateUsage] - where Tortoise keeps what it knows
        await owner.copy_records_to_table(table, columns=columns, records=batch.rows[model])
    await owner.copy_records_to_table("entries", columns=ENTRY_COLUMNS, records=batch.entries)
    await owner.copy_records_to_table("entry_texts", columns=("sequence", "salt", "text"), records=batch.texts)
    await owner.execute(MOVE, batch.sequence, batch.hash)
    await owner.executemany(SERIES, list(batch.last_given.items()))
