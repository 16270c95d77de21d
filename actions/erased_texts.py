"""What was written in acts lies apart from the register's chain, to be erased with the data of a trámite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

ERASE = "SELECT register_erase_text(sequence) FROM entries WHERE tramite_id = ANY($1::uuid[])"


async def erase_texts(connection: TransactionWrapper, tramite_ids: list[UUID]) -> None:
    """
    Erase, within a transaction, what was written in the acts of trámites; the chain keeps its digests.

    What was written before the register kept texts apart stands in the chain itself, and stays.
    """
    await connection.execute_query(ERASE, [tramite_ids])
