"""One running counter for all clients, which cost more than what they ask."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pytest_asyncio

from actions import accounts
from actions.credentials import PasswordPool
from mesadepartes.clock import now
from mesadepartes.database import connected
from rules.access import Role
from tests.clients.probes import Target
from tests.counter import Clock, Counter, make_tools
from tests.journeys.parts import INSTITUTION, part
from tests.journeys.stack import free_ports, until_ready

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import pytest

    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import DatabaseServer

SUBJECT = "Solicito copia de mi expediente"
DOCUMENT = "%PDF-1.7\n% de otro cliente\n%%EOF\n"
ATTACHMENTS = [{"name": "solicitud ñandú.pdf", "sha256": hashlib.sha256(DOCUMENT.encode()).hexdigest()}]


@dataclass(frozen=True)
class Running:
    """A counter that serves, somebody who has filed there, and an applicant and a supervisor whom all may happen to."""

    port: int
    token: str
    tried: tuple[str, str]
    web: Process

    @property
    def target(self) -> Target:
        """What is probed."""
        return Target(self.port, self.web.pid)

    @property
    def environ(self) -> dict[str, str]:
        """What the clients are told."""
        url = f"http://127.0.0.1:{self.port}/graphql"
        return {"COUNTER_URL": url, "COUNTER_TOKEN": self.token, "DOCUMENT": DOCUMENT}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(
    database_server: DatabaseServer,
    database_template: str,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Running]:
    """Return a counter with introspection and queries by GET, which the audits use."""
    database = await database_server.new_database(database_template)
    folder, [port] = tmp_path_factory.mktemp("clients"), free_ports(1)
    environ = {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder / "data"),
        "MESA_HTTP_PORT": str(port),
        "MESA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MESA_GRAPHIQL": "yes",
        "MESA_GRAPHQL_GET": "yes",
        "MESA_COST_PER_MINUTE": "100000000",
    }
    async with part("web", environ=environ) as web:
        # Nothing of this process may stay connected: other modules have counters of their own.
        async with connected(database.web_url):
            token, *tried = await _people(folder, lasting_jail)
        await until_ready(port)
        yield Running(port, token, (tried[0], tried[1]), web)
    await database_server.drop_database(database.name)


async def _people(folder: Path, jail: LastingJail) -> tuple[str, str, str]:
    """Return the tokens of two applicants who have filed, and of a supervisor."""
    clock, pool = Clock(now()), PasswordPool(passes=1, memory_kib=8)
    with closing(pool):
        counter = Counter(make_tools(folder, clock=clock, jail=jail, hasher=pool), clock)
        await counter.open()
        forms = [counter.registration() for _ in range(2)]
        for form in forms:
            await accounts.register_account(counter.tools, form, role=Role.APPLICANT, is_verified=True)
            await counter.file(await counter.sign_in(form), subject=SUBJECT)
        boss = counter.registration()
        await counter.register(role=Role.SUPERVISOR, office="SEDE-CENTRAL", **asdict(boss))
        one, other, third = [(await counter.begin_session(form)).token for form in (*forms, boss)]
        await counter.viewer_of(third)
    return one, other, third
