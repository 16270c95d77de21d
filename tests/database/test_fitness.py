"""Logins that could rewrite the register: told for what they are, and not served with."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest

from mesadepartes.database import connected
from mesadepartes.fitness import GUARDED, UnfitLogin, await_fit_login, check_login, is_ready, powers_of_login
from tests.commands import command
from tests.journeys.parts import INSTITUTION

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.servers.postgres import Database, DatabaseServer

MAIL = {
    "MESA_IMAP_HOST": "127.0.0.1",
    "MESA_IMAP_USER": "nobody",
    "MESA_IMAP_PASSWORD": "nothing",
    "MESA_SMTP_HOST": "127.0.0.1",
}


@asynccontextmanager
async def as_superuser(server: DatabaseServer, database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(server.superuser_url(database.name))
    yield connection
    await connection.close()


@asynccontextmanager
async def login(server: DatabaseServer, database: Database, *rights: str) -> AsyncGenerator[str]:
    """Make a login of a test's own, a member of mesa_app, with more *rights*; give its URL."""
    name = f"clerk_{database.name}"
    async with as_superuser(server, database) as connection:
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT mesa_app TO {name}")
        for right in rights:
            await connection.execute(right.format(name=name))
    yield re.sub(r"//[^@]*@", f"//{name}:x@", database.web_url)
    async with as_superuser(server, database) as connection:
        await connection.execute(f"REASSIGN OWNED BY {name} TO mesa_owner; DROP OWNED BY {name}; DROP ROLE {name}")


async def test_the_login_of_the_parts_is_fit(database: Database) -> None:
    async with connected(database.web_url):
        assert await powers_of_login() == []
        assert await is_ready()
        await check_login()


async def test_every_guarded_table_is_there(database: Database) -> None:
    connection = await asyncpg.connect(database.web_url)
    there = await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY($1)", GUARDED
    )
    await connection.close()

    assert there == len(GUARDED)


@pytest.mark.parametrize(
    ("right", "power"),
    [
        ("ALTER ROLE {name} SUPERUSER", "is a superuser, or may act as one"),
        ("ALTER ROLE {name} CREATEROLE", "may make roles and grant them (CREATEROLE)"),
        ("GRANT mesa_owner TO {name}", "owns tables or functions of the counter, or may act as their owner"),
        ("GRANT pg_write_server_files TO {name}", "may write files or run programs on the server"),
        ("GRANT pg_execute_server_program TO {name}", "may write files or run programs on the server"),
        ("ALTER SCHEMA public OWNER TO {name}", "owns the schema «public», or may act as its owner"),
        ("GRANT CREATE ON SCHEMA public TO {name}", "may create things in the schema «public»"),
        ("ALTER TABLE entries OWNER TO {name}", "owns tables or functions of the counter"),
        ("ALTER FUNCTION reads_append(text) OWNER TO {name}", "owns tables or functions of the counter"),
        ("GRANT UPDATE ON entries TO {name}", "may write to the table entries of the register"),
        ("GRANT UPDATE (text) ON entry_texts TO {name}", "may write to the table entry_texts of the register"),
        ("GRANT TRIGGER ON entries TO {name}", "may write to the table entries of the register"),
        ("GRANT INSERT ON report_acts TO {name}", "may write to the table report_acts of the register"),
        ("GRANT DELETE ON anchors TO mesa_app", "may write to the table anchors of the register"),
        ("GRANT TRUNCATE ON number_series TO mesa_app", "may write to the table number_series"),
    ],
)
async def test_a_login_that_could_rewrite_the_register_is_refused(
    database: Database, database_server: DatabaseServer, right: str, power: str
) -> None:
    async with login(database_server, database, right) as url, connected(url):
        with pytest.raises(UnfitLogin) as found:
            await await_fit_login(asyncio.Event())

        assert power in str(found.value)
        assert not await is_ready()


@pytest.mark.parametrize(
    "words",
    [("web",), ("intake", "run"), ("delivery", "run"), ("rounds", "run", "--once"), ("check-settings", "--database")],
)
async def test_no_part_works_with_such_a_login(
    database: Database, database_server: DatabaseServer, tmp_path: Path, words: tuple[str, ...]
) -> None:
    async with login(database_server, database, "GRANT mesa_owner TO {name}") as url:
        environ = INSTITUTION | MAIL | {"MESA_DATABASE_URL": url, "MESA_DATA": str(tmp_path), "MESA_HTTP_PORT": "0"}
        ended = await command(*words, environ=environ)

    assert ended.code == 78
    assert "is not fit for the parts" in ended.complained
    assert "owns tables or functions of the counter, or may act as their owner" in ended.complained
    assert "Traceback" not in ended.complained


async def test_settings_are_right_with_a_fit_login(database: Database, tmp_path: Path) -> None:
    environ = INSTITUTION | MAIL | {"MESA_DATABASE_URL": database.web_url, "MESA_DATA": str(tmp_path)}
    ended = await command("check-settings", "--database", environ=environ)

    assert ended.code == 0
    assert "The database login is fit for the parts." in ended.said


async def test_a_login_that_owns_the_database_is_refused(database: Database, database_server: DatabaseServer) -> None:
    right = f"ALTER DATABASE {database.name} OWNER TO {{name}}"
    async with login(database_server, database, right) as url, connected(url):
        assert [power.partition(" ")[2] for power in await powers_of_login()] == [
            "owns the database, or may act as its owner",
            "owns the schema «public», or may act as its owner",
            "may create things in the schema «public»",
        ]


async def test_a_login_that_may_not_act_as_the_role_of_the_parts_is_told(database: Database) -> None:
    async with connected(database.owner_url):
        with pytest.raises(UnfitLogin, match=r"may not act as mesa_app"):
            await await_fit_login(asyncio.Event())
