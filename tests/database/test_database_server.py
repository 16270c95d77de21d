"""The per-test database of the test session."""

from __future__ import annotations

import asyncpg
import pytest

from tests.servers.postgres import Database, DatabaseServer


async def make_table(owner_url: str) -> None:
    connection = await asyncpg.connect(owner_url)
    await connection.execute("CREATE TABLE desks (name text)")
    await connection.close()


async def test_new_database_copies_its_template_and_nothing_of_its_siblings(database_server: DatabaseServer) -> None:
    template = await database_server.make_template(make_table)
    first, second = [await database_server.new_database(template) for _ in range(2)]

    one, other = await asyncpg.connect(first.owner_url), await asyncpg.connect(second.owner_url)
    await one.execute("INSERT INTO desks VALUES ('Mesa de partes')")

    assert [await c.fetchval("SELECT count(*) FROM desks") for c in (one, other)] == [1, 0]
    await one.close()
    await database_server.drop_database(first.name)
    await database_server.drop_database(second.name)  # though `other` is still connected
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(first.owner_url)


async def test_database_holds_the_schema_and_lets_the_web_login_act_for_the_application(database: Database) -> None:
    connection = await asyncpg.connect(database.web_url)
    await connection.execute("SET ROLE mesa_app")

    assert await connection.fetchval("SELECT count(*) FROM tramites") == 0

    await connection.close()


async def test_web_login_may_connect_and_not_change_the_schema(empty_database: Database) -> None:
    connection = await asyncpg.connect(empty_database.web_url)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE desks (name text)")

    await connection.close()
