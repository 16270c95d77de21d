"""A connection that says which statements it runs, for the operation that runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# pyright: reportIncompatibleMethodOverride=false
import asyncpg

from resolvers.engine.observing import note_statement

if TYPE_CHECKING:
    from collections.abc import Coroutine


_Connection = asyncpg.Connection
"""Named, for `super()` looks for it each time."""


class CountedConnection(asyncpg.Connection):
    """asyncpg's own loggers of queries are called after the answer has gone out."""

    __slots__ = ()

    def execute(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, str]:
        note_statement(query)
        return _Connection.execute(self, query, *args, **options)

    def executemany(self, command: str, args: Any, **options: Any) -> Coroutine[Any, Any, None]:
        note_statement(command)
        return _Connection.executemany(self, command, args, **options)

    def fetch(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, list[Any]]:
        note_statement(query)
        return _Connection.fetch(self, query, *args, **options)

    def fetchrow(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        note_statement(query)
        return _Connection.fetchrow(self, query, *args, **options)

    def fetchval(self, query: str, *args: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        note_statement(query)
        return _Connection.fetchval(self, query, *args, **options)
