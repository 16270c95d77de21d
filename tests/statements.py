"""Counting what is asked of the database, whose number must not grow with the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import pytest


class Statements:
    """Counts the statements that reach the database from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        # Below Tortoise: not all that is asked goes through it.
        monkeypatch.setattr(asyncpg.Connection, "_execute", self._counted(asyncpg.Connection._execute))  # pyright: ignore[reportPrivateUsage]

    def _counted(self, call: Any) -> Any:
        async def counted(*args: Any, **named: Any) -> Any:
            self.count += 1
            return await call(*args, **named)

        return counted

    async def of(self, asked: Awaitable[object]) -> int:
        """Return how many are needed for what is asked."""
        before = self.count
        await asked
        return self.count - before
