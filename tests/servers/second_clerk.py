"""A clerk at work in a process of their own: observes one trámite and tells the other processes."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from actions.credentials import PasswordPool
from actions.tramites import observe_tramite
from files.jail import Jail
from mesadepartes.database import connected
from reading.access import viewer_of
from tests.counter import JAILED, Clock, Woken, make_tools
from tests.lasting_jail import ANYWHERE


async def observe(url: str, token: str, tramite_id: str, at: str) -> None:
    """Observe the trámite with the session of *token*."""
    clock, jail, pool = Clock(datetime.fromisoformat(at)), Jail(JAILED, reads=ANYWHERE), PasswordPool(1)
    with tempfile.TemporaryDirectory() as folder:
        tools = make_tools(Path(folder), clock=clock, jail=jail, hasher=pool)
        async with connected(url):
            viewer = await viewer_of(token, at=clock())
            assert viewer is not None
            await observe_tramite(tools, viewer, UUID(tramite_id), text="Falta la firma.")
        assert isinstance(tools.wake, Woken)
        connection = await asyncpg.connect(url)
        for channel in tools.wake.channels:
            await connection.execute("SELECT pg_notify($1, '')", channel)
        await connection.close()
    await jail.close()
    pool.close()


if __name__ == "__main__":
    asyncio.run(observe(*sys.argv[1:]))
