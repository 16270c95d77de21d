"""What was written in acts lies apart from the register's chain, to be erased with the data of a trámite."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

IS_APART = "SELECT to_regprocedure('register_erase_text(bigint)') IS NOT NULL AS is_apart"
ERASE = "SELECT register_erase_text(sequence) FROM entries WHERE tramite_id = ANY($1::uuid[])"


async def erase_texts(connection: TransactionWrapper, tramite_ids: list[UUID]) -> None:
    """
    Erase, within a transaction, what was written in the acts of trámites; the chain keeps its digests.

    A database whose register keeps no texts apart has no such function: there the texts stay in the chain.
    """
    [known] = await connection.execute_query_dict(IS_APART)
    if known["is_apart"]:
        await connection.execute_query(ERASE, [tramite_ids])
