"""How the pool of connections to the database stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tortoise.connection import get_connections
from tortoise.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _pool() -> Any:
    try:
        return getattr(get_connections().get("default"), "_pool", None)
    except (RuntimeError, ConfigurationError):  # nothing is connected yet, or any more; whoever looks is shown that
        return None


def _open() -> float:
    pool = _pool()
    return pool.get_size() if pool else 0


def _used() -> float:
    pool = _pool()
    return pool.get_size() - pool.get_idle_size() if pool else 0


POOL: Final[Mapping[str, tuple[str, Callable[[], float]]]] = {
    "mesa_database_connections": ("Open connections to the database.", _open),
    "mesa_database_connections_used": ("Those that are in use.", _used),
}
"""What metrics ask of it when somebody looks."""
