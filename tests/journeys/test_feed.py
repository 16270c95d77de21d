"""The feed between processes: whoever keeps the last cursor misses nothing, and is shown nothing twice."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx

from actions.credentials import PasswordPool
from files.jail import Jail
from mesadepartes.clock import now
from mesadepartes.database import connected
from models.people import User
from models.register import Entry
from rules.access import Role
from tests.counter import JAILED, PASSWORD, Clock, Counter, make_tools
from tests.following import Program, write_changes
from tests.journeys.parts import INSTITUTION, part
from tests.journeys.stack import SIGN_IN, free_ports, until, until_ready
from tests.lasting_jail import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reading.access import Viewer
    from tests.servers.postgres import Database, DatabaseServer

WRITERS, CHANGES = 6, 100
DEAF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)


async def test_nothing_is_lost_nor_doubled_between_servers_that_die(
    database: Database, database_server: DatabaseServer, tmp_path: Path
) -> None:
    ports = free_ports(2)
    async with connected(database.web_url), AsyncExitStack() as stack:
        counter = await _counter(stack, tmp_path)
        environs = [_environ(database, tmp_path, port) for port in ports]
        first = await stack.enter_async_context(part("web", environ=environs[0]))
        await stack.enter_async_context(part("web", environ=environs[1]))
        for port in ports:
            await until_ready(port)
        maria, jose = await counter.register(), await counter.register()
        people = [
            maria,
            await counter.register(role=Role.CLERK, office="PUNO"),
            await counter.register(role=Role.SUPERVISOR),
        ]
        tokens = [await _token(counter, each, ports[place % 2]) for place, each in enumerate(people)]
        filed = [
            await counter.file(whose, office_code=office)
            for whose in (maria, jose)
            for office in ("PUNO", "SEDE-CENTRAL")
        ]
        one = {"number": filed[0].number}
        programs = [
            *(Program(ports[::way], token) for token in tokens for way in (1, -1)),
            Program(ports, tokens[2], filter_by={"officeCode": "PUNO"}),
            Program(ports[::-1], tokens[2], filter_by=one),
        ]
        tasks = [asyncio.create_task(program.run()) for program in programs]

        writing = [
            asyncio.create_task(write_changes(database.web_url, filed, count=CHANGES, seed=seed, pause=0.04))
            for seed in range(WRITERS)
        ]
        await until(lambda: len(programs[4].seen) > 100)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await _make_deaf(database_server, database)
        await stack.enter_async_context(part("web", environ=environs[0]))
        await asyncio.gather(*writing)
        late = Program(ports, tokens[2])
        tasks.append(asyncio.create_task(late.run()))

        everything = await _changes()
        maria_s, puno_s = {each.number for each in filed[:2]}, {filed[0].number, filed[2].number}
        expected = [
            *[[each for each in everything if each[1] in maria_s]] * 2,
            *[[each for each in everything if each[1] in puno_s]] * 2,
            *[everything] * 2,
            [each for each in everything if each[1] in puno_s],
            [each for each in everything if each[1] == filed[0].number],
            everything,
        ]
        programs.append(late)
        await until(lambda: all(len(one.seen) >= len(all_) for one, all_ in zip(programs, expected, strict=True)))
        for task in tasks:
            task.cancel()

    assert [program.seen for program in programs] == expected
    assert len(everything) == WRITERS * CHANGES + len(filed)
    assert sum(program.connections for program in programs) > len(programs), "some were cut off and went on"


async def _counter(stack: AsyncExitStack, folder: Path) -> Counter:
    clock, pool, jail = Clock(now()), PasswordPool(), Jail(JAILED, reads=ANYWHERE)
    stack.push_async_callback(jail.close)
    stack.callback(pool.close)
    counter = Counter(make_tools(folder / "tests", clock=clock, jail=jail, hasher=pool), clock)
    await counter.open()
    return counter


def _environ(database: Database, folder: Path, port: int) -> Mapping[str, str]:
    return {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder / "data"),
        "MESA_HTTP_PORT": str(port),
        "MESA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MESA_SECURITY_CHECK": "no",
    }


async def _token(counter: Counter, viewer: Viewer, port: int) -> str:
    number = (await User.get(id=viewer.user_id)).identity_number
    given = {"identityKind": "DNI", "identityNumber": number, "password": PASSWORD}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        answer = await http.post("/graphql", json={"query": SIGN_IN, "variables": {"input": given}})
    token: str = answer.json()["data"]["signIn"]["token"]
    await counter.viewer_of(token)
    return token


async def _make_deaf(server: DatabaseServer, database: Database) -> None:
    """End all connections on which somebody listens."""
    superuser = await asyncpg.connect(server.superuser_url(database.name))
    await superuser.execute(DEAF)
    await superuser.close()


async def _changes() -> Sequence[Any]:
    found = Entry.filter(to_status__isnull=False).order_by("sequence").select_related("tramite")
    return [(entry.sequence, entry.tramite.number) async for entry in found if entry.tramite]
