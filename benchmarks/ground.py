"""What benchmarks measure on: a durable PostgreSQL of their own, and web parts as processes."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from actions.credentials import PasswordPool
from files.jail import Jail
from mesadepartes.clock import now
from mesadepartes.database import connected, migrate
from mesadepartes.embedded.postgres import DATABASE, LocalPostgres
from mesadepartes.embedded.postgres_folder import SUPERUSER
from tests.counter import JAILED, PASSWORD, Clock, Counter, make_tools
from tests.journeys.parts import INSTITUTION, part
from tests.journeys.stack import SIGN_IN, free_ports, until_ready
from tests.lasting_jail import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

START_SECONDS = 60.0


@dataclass(frozen=True)
class WebPart:
    """A web part that serves."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"


class Ground:
    """A counter in this process, and the means to start web parts on the same database."""

    def __init__(self, counter: Counter, postgres: LocalPostgres, folder: Path, stack: AsyncExitStack) -> None:
        self.counter = counter
        self.url = postgres.web_url
        self.owner_url = postgres.owner_url
        self.superuser_url = postgres.url(SUPERUSER, DATABASE)
        self.postgres_pid = postgres.pid or 0
        self.folder = folder
        self._stack = stack

    async def start_web(self, *, module: str = "mesadepartes", **settings: str) -> WebPart:
        """Start a web part with *settings* besides the usual ones, and wait until it is ready; it stays."""
        return await self._stack.enter_async_context(self.web(module=module, **settings))

    @asynccontextmanager
    async def web(self, *, module: str = "mesadepartes", **settings: str) -> AsyncGenerator[WebPart]:
        """Have a web part for as long as the block lasts."""
        (port,) = free_ports(1)
        environ = {
            **INSTITUTION,
            "MESA_DATABASE_URL": self.url,
            "MESA_DATA": str(self.folder / "data"),
            "MESA_HTTP_PORT": str(port),
            "MESA_SECURITY_CHECK": "no",
            "MESA_PUBLIC_URL": f"http://127.0.0.1:{port}",
            **settings,
        }
        async with part("web", environ=environ, module=module) as process:
            await until_ready(port)
            yield WebPart(port, process.pid)

    async def token(self, web: WebPart, identity_number: str) -> str:
        """Sign somebody in over HTTP and return the token."""
        given = {"identityKind": "DNI", "identityNumber": identity_number, "password": PASSWORD}
        async with httpx.AsyncClient(timeout=START_SECONDS) as http:
            answer = await http.post(f"{web.url}/graphql", json={"query": SIGN_IN, "variables": {"input": given}})
        token: str = answer.json()["data"]["signIn"]["token"]
        await self.counter.viewer_of(token)
        return token


@asynccontextmanager
async def prepared(kept: Path | None = None, *, memory: str = "64MB") -> AsyncGenerator[Ground]:
    """
    Yield a ground to measure on; everything that was started is ended.

    It is gone then, unless it is *kept* in a folder: who comes next finds there what is made up now. The server has so
    much *memory* for the pages of its tables (`shared_buffers`).
    """
    async with AsyncExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mesa-benchmark-")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        postgres = LocalPostgres(folder / "postgres", options={"shared_buffers": memory})
        await postgres.start()
        stack.push_async_callback(postgres.stop)
        await migrate(postgres.owner_url)
        pool, jail, clock = PasswordPool(), Jail(JAILED, reads=ANYWHERE), Clock(now())
        stack.push_async_callback(jail.close)
        stack.callback(pool.close)
        await stack.enter_async_context(connected(postgres.web_url))
        counter = Counter(make_tools(folder / "data", clock=clock, jail=jail, hasher=pool), clock)
        await counter.open()
        yield Ground(counter, postgres, folder, stack)
