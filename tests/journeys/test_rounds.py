"""The rounds as a process of their own."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import asyncpg
import pytest

from actions.rounds import LONG_ROUNDS, ROUNDS
from tests.journeys.parts import INSTITUTION, end, part
from tests.journeys.stack import free_ports, until_ready

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.postgres import Database

PATIENCE_SECONDS = 60.0


@pytest.fixture
def environ(database: Database, tmp_path: Path) -> dict[str, str]:
    return {**INSTITUTION, "MESA_DATABASE_URL": database.web_url, "MESA_DATA": str(tmp_path / "data")}


ALL = {each.name for each in (*ROUNDS, *LONG_ROUNDS)}


async def done(database: Database) -> set[str]:
    connection = await asyncpg.connect(database.owner_url)
    rows = await connection.fetch("SELECT name FROM rounds WHERE last_done >= 0 AND failures = 0")
    await connection.close()
    return {row["name"] for row in rows}


async def test_all_rounds_are_done_health_is_told_and_it_ends_cleanly(
    database: Database, environ: dict[str, str]
) -> None:
    [port] = free_ports(1)
    async with part("rounds", "run", environ={**environ, "MESA_HEALTH_PORT": str(port)}) as process:
        await until_ready(port)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await done(database) != ALL:
                await asyncio.sleep(0.05)

        assert await end(process, signal.SIGTERM) == 0


async def test_once_it_does_what_is_due_and_ends(database: Database, environ: dict[str, str]) -> None:
    async with part("rounds", "run", "--once", environ=environ) as process:
        assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) == 0

    assert await done(database) == ALL


async def test_without_settings_it_says_so_and_does_nothing(tmp_path: Path) -> None:
    async with part("rounds", "run", environ={"MESA_DATA": str(tmp_path)}) as process:
        assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) == 78
