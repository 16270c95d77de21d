"""Connection to PostgreSQL: configuration of Tortoise, migrations, readiness."""

from __future__ import annotations

import pkgutil
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connections

import migrations
from mesadepartes.migrating import run_migrations
from models import MODULES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

APP_ROLE = "mesa_app"
MIGRATION_LOCK = 7_242_026
STATEMENT_SECONDS = 15
CONNECT_SECONDS = 10
POOL_SIZE = 10
PLANNING = {"jit": "off", "max_parallel_workers_per_gather": "0"}
"""Compiling a statement, or sharing it out, takes longer than a list or report may; others wait for the processors."""


def tortoise_config(
    url: str, *, role: str | None = APP_ROLE, pool_size: int = POOL_SIZE, statement_seconds: float = STATEMENT_SECONDS
) -> dict[str, Any]:
    """Return Tortoise's configuration for a PostgreSQL *url*; each connection acts as *role*."""
    settings = {
        "statement_timeout": f"{statement_seconds * 1_000:.0f}ms",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
        "timezone": "UTC",
        "search_path": "public",
        **PLANNING,
    }
    if role is not None:
        settings["role"] = role
    credentials = _credentials(url) | {
        "minsize": 1,
        "maxsize": pool_size,
        "timeout": CONNECT_SECONDS,
        "command_timeout": statement_seconds + 5,
        "server_settings": settings,
        "reset": leave_as_it_is,
    }
    return {
        "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {"mesa": {"models": list(MODULES), "default_connection": "default", "migrations": "migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """
    Take a connection back without asyncpg's round trip that resets its settings, a fifth of a short query's cost.

    Nothing here changes a session: what is SET is SET LOCAL, and who listens has a connection of their own. An open
    transaction is rolled back by asyncpg all the same.
    """


def _credentials(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "host": parts.hostname or query.get("host", "localhost"),
        "port": parts.port or int(query.get("port", "5432")),
        "user": unquote(parts.username or query.get("user", "")) or None,
        "password": unquote(parts.password or query.get("password", "")) or None,
        "database": parts.path.lstrip("/") or "mesa",
        **({"ssl": query["sslmode"]} if "sslmode" in query else {}),
    }


@asynccontextmanager
async def connected(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    statement_seconds: float = STATEMENT_SECONDS,
    connection_class: type[asyncpg.Connection] = asyncpg.Connection,
) -> AsyncGenerator[None]:
    """Connect the models for as long as the block lasts; usable from any task of the process."""
    config = tortoise_config(url, pool_size=pool_size, statement_seconds=statement_seconds)
    config["connections"]["default"]["credentials"]["connection_class"] = connection_class
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()


async def migrate(owner_url: str) -> None:
    """Bring the schema up to date as its owner; several at once wait for each other."""
    guard = await asyncpg.connect(owner_url, timeout=CONNECT_SECONDS)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        config = tortoise_config(owner_url, role=None, pool_size=2)
        config["connections"]["default"]["credentials"]["server_settings"]["statement_timeout"] = "0"
        try:
            await run_migrations(config)
        finally:
            await Tortoise.close_connections()
    finally:
        await guard.close()


READY = "SELECT 1 FROM public.tortoise_migrations WHERE app = 'mesa' AND name = $1"


async def has_schema() -> bool:
    """Tell whether the database answers and holds the schema of this version."""
    return bool(await get_connections().get("default").execute_query_dict(READY, [newest_migration()]))


@cache
def newest_migration() -> str:
    """Return the name of the last migration; they are numbered."""
    return max(module.name for module in pkgutil.iter_modules(migrations.__path__))
