"""
Whether the database login of the parts is fit: one that could rewrite the register must not serve strangers.

And whether a part's clock is: what is done when its time has come is mostly never taken back.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, OperationalError

from actions.transaction import OUTAGES
from mesadepartes.database import APP_ROLE, has_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

logger = logging.getLogger(__name__)

GLANCE_SECONDS = 1.0
MOST_APART = timedelta(minutes=5)
AWAY = (*OUTAGES, DBConnectionError, OperationalError)

POWERS = """
SELECT DISTINCT ON (p.place, p.power) p.place, l.login::text AS login, p.power
FROM (SELECT session_user AS login UNION SELECT current_user) l
CROSS JOIN LATERAL (
    SELECT 1 AS place, 'is a superuser, or may act as one' AS power FROM pg_catalog.pg_roles r
    WHERE r.rolsuper AND pg_catalog.pg_has_role(l.login, r.oid, 'MEMBER')
    UNION ALL
    SELECT 2, 'may make roles and grant them (CREATEROLE)' FROM pg_catalog.pg_roles r
    WHERE r.rolcreaterole AND pg_catalog.pg_has_role(l.login, r.oid, 'MEMBER')
    UNION ALL
    SELECT 3, 'may write files or run programs on the server (' || r.rolname || ')' FROM pg_catalog.pg_roles r
    WHERE r.rolname IN ('pg_write_server_files', 'pg_execute_server_program')
        AND pg_catalog.pg_has_role(l.login, r.oid, 'MEMBER')
    UNION ALL
    SELECT 4, 'owns the database, or may act as its owner' FROM pg_catalog.pg_database d
    WHERE d.datname = pg_catalog.current_database() AND pg_catalog.pg_has_role(l.login, d.datdba, 'MEMBER')
    UNION ALL
    SELECT 5, 'owns the schema «public», or may act as its owner' FROM pg_catalog.pg_namespace n
    WHERE n.nspname = 'public' AND pg_catalog.pg_has_role(l.login, n.nspowner, 'MEMBER')
    UNION ALL
    SELECT 6, 'may create things in the schema «public»'
    WHERE pg_catalog.has_schema_privilege(l.login, 'public', 'CREATE')
    UNION ALL
    SELECT 7, 'owns tables or functions of the counter, or may act as their owner' FROM (
        SELECT relowner, relnamespace FROM pg_catalog.pg_class
        UNION SELECT proowner, pronamespace FROM pg_catalog.pg_proc
    ) o (owner, place) WHERE o.place = 'public'::regnamespace AND pg_catalog.pg_has_role(l.login, o.owner, 'MEMBER')
    UNION ALL
    SELECT 8, 'may write to the table ' || c.relname || ' of the register' FROM pg_catalog.pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[]) AND (
        pg_catalog.has_table_privilege(l.login, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR pg_catalog.has_any_column_privilege(l.login, c.oid, 'INSERT, UPDATE'))
) p ORDER BY p.place, p.power, l.login
"""
"""What the login, or the role as which it acts, could do to the register; nothing is right."""

GUARDED = (
    "entries",
    "entry_texts",
    "read_entries",
    "register_heads",
    "number_series",
    "anchors",
    "receipt_log",
    "receipt_log_nodes",
    "receipt_log_heads",
    "report_cells",
    "report_positions",
    "report_acts",
    "report_waiting",
    "report_waiting_months",
    "report_steps",
    "report_months",
    "tortoise_migrations",
)
"""Tables that only the database's own functions write, and the owner's migrations."""


class UnfitLogin(Exception):
    """The login of MESA_DATABASE_URL could change what the register says, or is none of the parts'."""

    def __init__(self, powers: list[str]) -> None:
        super().__init__(
            "The database login of MESA_DATABASE_URL is not fit for the parts, which must not be able to rewrite the "
            "register:\n"
            + "\n".join(f"  {power}" for power in powers)
            + "\nGive the parts a login that is a member of mesa_app and of nothing else, and the owner's to "
            "MESA_OWNER_DATABASE_URL; docs/settings.md says how."
        )
        self.powers = powers


async def powers_of_login() -> list[str]:
    """Return what the login of the connected database could do to the register, the gravest first; mostly nothing."""
    try:
        rows = await get_connections().get("default").execute_query_dict(POWERS, [list(GUARDED)])
    except OperationalError as error:
        if isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError):
            return [f"it may not act as {APP_ROLE}"]
        raise
    return [f"{row['login']} {row['power']}" for row in rows]


async def is_ready() -> bool:
    """Tell whether the database answers, holds the schema of this version, and lets us in as nobody too mighty."""
    return await has_schema() and not await powers_of_login()


async def check_login() -> None:
    """
    Return if the database's login is fit.

    Raises:
        UnfitLogin: with all that it could do.
    """
    if powers := await powers_of_login():
        raise UnfitLogin(powers)


async def agrees_on_time(clock: Callable[[], datetime]) -> bool:
    """Tell whether *clock* and the database's are no more than five minutes apart."""
    [row] = await get_connections().get("default").execute_query_dict("SELECT clock_timestamp() AS at")
    return abs(clock() - row["at"]) <= MOST_APART


async def await_fit_login(stopping: asyncio.Event) -> None:
    """
    Return once the database has answered that its login is fit, however long it is away, or *stopping* is set.

    Raises:
        UnfitLogin: as `check_login`.
    """
    is_away = False
    while not stopping.is_set():
        try:
            await check_login()
        except AWAY as error:
            if not is_away:
                logger.warning("Waiting for the database: %s", type(error).__name__, extra={"action": "database_away"})
            is_away = True
        else:
            return
        await _glance_later(stopping)


async def _glance_later(stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), GLANCE_SECONDS)
    except TimeoutError:
        return


async def once_fit(stopping: asyncio.Event, work: Callable[[], Coroutine[object, object, None]]) -> None:
    """
    Do *work*, but not before the database's login is known to be fit.

    Raises:
        UnfitLogin: as `check_login`.
    """
    await await_fit_login(stopping)
    if not stopping.is_set():
        await work()
