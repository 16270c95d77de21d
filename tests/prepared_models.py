"""The models over one database after another: to prepare them takes longer than what most tests do."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
from tortoise import Tortoise

from mesadepartes.database import connected, tortoise_config

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

ONE_OF_THEM = "models.rounds"
"""Related to no other: Tortoise wants to be told of one at least."""

FIRST_OID_OF_A_CLUSTER = 10_000
"""Below it PostgreSQL itself has chosen the numbers: they mean the same in every database."""

_prepared: list[bool] = []
_told = dict[frozenset[int], Any]()


class WellRead(asyncpg.Connection):
    """
    A connection that knows what another was told of PostgreSQL's own types, as `bytea[]` and `uuid[]`.

    asyncpg asks on each connection, by a long recursive query: with a database for each test it was a tenth of what
    a test cost that signs somebody in.
    """

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:
        asked = frozenset(typeoids)
        if asked in _told:
            return _told[asked]
        told = await super()._introspect_types(asked, timeout)  # pyright: ignore[reportAttributeAccessIssue]
        _, statement = told
        if max(asked) < FIRST_OID_OF_A_CLUSTER and statement.name:  # unnamed it would have to be prepared again
            _told[asked] = told
        return told


@asynccontextmanager
async def connected_again(url: str, *, statement_seconds: float) -> AsyncGenerator[None]:
    """Connect the models as `connected` does, which alone prepares them, the first time."""
    if not _prepared:
        async with connected(url, statement_seconds=statement_seconds, connection_class=WellRead):
            _prepared.append(True)
            yield
        return
    config = tortoise_config(url, statement_seconds=statement_seconds)
    config["connections"]["default"]["credentials"]["connection_class"] = WellRead
    config["apps"]["mesa"]["models"] = [ONE_OF_THEM]
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()
