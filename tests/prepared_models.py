"""The models over one database after another: to prepare them takes longer than what most tests do."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tortoise import Tortoise

from mesadepartes.database import connected, tortoise_config

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ONE_OF_THEM = "models.rounds"
"""Related to no other: Tortoise wants to be told of one at least."""

_prepared: list[bool] = []


@asynccontextmanager
async def connected_again(url: str, *, statement_seconds: float) -> AsyncGenerator[None]:
    """Connect the models as `connected` does, which alone prepares them, the first time."""
    if not _prepared:
        async with connected(url, statement_seconds=statement_seconds):
            _prepared.append(True)
            yield
        return
    config = tortoise_config(url, statement_seconds=statement_seconds)
    config["apps"]["mesa"]["models"] = [ONE_OF_THEM]
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()
