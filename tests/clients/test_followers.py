"""Whoever follows the feed as we show it, `watch` and both examples, has each change once, though the counter dies."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions.credentials import PasswordPool
from actions.service_tokens import TokenForm, create_service_token, revoke_service_token
from mesadepartes.clock import now
from mesadepartes.database import connected
from models.register import Entry
from rules.access import Role
from rules.service_tokens import Scope
from tests.clients import programs
from tests.counter import Clock, Counter, make_tools
from tests.journeys.parts import INSTITUTION, ROOT, end, part
from tests.journeys.stack import free_ports, until_ready

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from actions.service_tokens import MadeToken
    from reading.access import Viewer
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import DatabaseServer

PATIENCE_SECONDS = 60.0
EXAMPLES = ROOT / "docs" / "examples"


@dataclass
class Place:
    """A counter whose web part is started and killed by the test, and a token for it."""

    counter: Counter
    maria: Viewer
    ana: Viewer
    made: MadeToken
    environ: dict[str, str]
    folder: Path
    url: str

    @asynccontextmanager
    async def web(self) -> AsyncGenerator[Process]:
        """Serve."""
        async with part("web", environ=self.environ) as web:
            await until_ready(int(self.environ["MESA_HTTP_PORT"]))
            yield web

    async def file(self, times: int) -> None:
        """Let something happen."""
        for _ in range(times):
            await self.counter.file(self.maria)

    async def happened(self) -> list[str]:
        """Return all there is to be followed."""
        found: Any = await Entry.filter(to_status__isnull=False).order_by("sequence").values_list("sequence", flat=True)
        return [str(sequence) for sequence in found]


@dataclass
class Follower:
    """A program that follows, and what it has written."""

    name: str
    process: Process
    lines: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def read(self, lines: int) -> None:
        """Read until there are as many lines."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.lines) < lines:
                line = await self.process.stdout.readline()
                assert line, f"{self.name} ended with {await self.process.wait()}"
                self.lines.append(json.loads(line))

    @property
    def sequences(self) -> list[str]:
        """What it has, in its order."""
        return [line["sequence"] for line in self.lines]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(
    database_server: DatabaseServer,
    database_template: str,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Place]:
    database = await database_server.new_database(database_template)
    folder, [port] = tmp_path_factory.mktemp("followers"), free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environ = {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder / "data"),
        "MESA_HTTP_PORT": str(port),
        "MESA_PUBLIC_URL": url,
    }
    clock, pool = Clock(now()), PasswordPool(passes=1, memory_kib=8)
    async with AsyncExitStack() as stack:
        stack.callback(pool.close)
        await stack.enter_async_context(connected(database.web_url))
        counter = Counter(make_tools(folder, clock=clock, jail=lasting_jail, hasher=pool), clock)
        await counter.open()
        maria, ana = await counter.register(), await counter.register(role=Role.ADMINISTRATOR)
        form = TokenForm(name="Tablero", scopes=[Scope.STATUS], all_offices=True)
        made = await create_service_token(counter.tools, ana, form, client_key=uuid4())
        yield Place(counter, maria, ana, made, environ, folder, url)
    await database_server.drop_database(database.name)


def watching(place: Place, *options: str) -> tuple[list[str | Path], dict[str, str]]:
    """Return how `watch` is started."""
    words = ("watch", place.url, "--cursor", str(place.folder / "watch.cursor"), *options)
    return [sys.executable, "-m", "mesadepartes", *words], {"MESA_WATCH_TOKEN": place.made.token or ""}


def commands(place: Place) -> dict[str, tuple[Sequence[str | Path], dict[str, str]]]:
    """Return how each follower is started that this machine can start."""
    found: dict[str, tuple[Sequence[str | Path], dict[str, str]]] = {"watch": watching(place, "--from-start")}
    for name, find in (("follow_changes.py", programs.python), ("follow-changes.mjs", programs.node)):
        with suppress(pytest.skip.Exception):
            # Node looks for packages beside the program.
            copy = place.folder / name
            copy.write_text((EXAMPLES / name).read_text("utf-8"), "utf-8")
            told = {"COUNTER_URL": f"{place.url}/graphql", "COUNTER_TOKEN": place.made.token or ""}
            found[name] = [find(), copy], {**told, "CURSOR_FILE": str(place.folder / f"{name}.cursor")}
    if not (place.folder / "node_modules").exists():
        (place.folder / "node_modules").symlink_to(programs.HERE / "node_modules")
    return found


@asynccontextmanager
async def started(name: str, command: Sequence[str | Path], environ: dict[str, str]) -> AsyncGenerator[Follower]:
    """Let a follower run as long as the block lasts."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "MESA_"))}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**inherited, **environ}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Follower(name, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def followed(place: Place) -> tuple[list[str], dict[str, Follower]]:
    """Return what happened while the counter was killed twice, and what each follower has of it."""
    await place.file(3)
    async with AsyncExitStack() as stack:
        async with place.web():
            followers = [await stack.enter_async_context(started(name, *how)) for name, how in commands(place).items()]
            await asyncio.gather(*(each.read(3) for each in followers))
            filing = asyncio.create_task(place.file(4))
            await asyncio.gather(*(each.read(4) for each in followers))
        await filing  # killed within
        await place.file(2)
        async with place.web():
            await place.file(2)
            happened = await place.happened()
            await asyncio.gather(*(each.read(len(happened)) for each in followers))
            codes = [await end(each.process) for each in followers if each.name == "watch"]
            assert codes == [0]
    return happened, {each.name: each for each in followers}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ["watch", "follow_changes.py", "follow-changes.mjs"])
async def test_each_change_is_there_once_and_in_order(
    followed: tuple[list[str], dict[str, Follower]], name: str
) -> None:
    happened, followers = followed
    if name not in followers:
        pytest.skip("clients written by others are missing: run scripts/real-parts")

    assert len(happened) == 11
    assert followers[name].sequences == happened


@pytest.mark.asyncio(loop_scope="module")
async def test_watch_goes_on_where_it_was_and_says_when_its_token_is_revoked(
    followed: tuple[list[str], dict[str, Follower]], place: Place
) -> None:
    happened, _ = followed
    await place.file(2)

    async with place.web():
        async with started("once", *watching(place, "--once", "--office", "SEDE-CENTRAL")) as once:
            said, _ = await asyncio.wait_for(once.process.communicate(), PATIENCE_SECONDS)
        async with started("live", *watching(place)) as live:
            await place.file(1)
            await live.read(1)
            await revoke_service_token(place.counter.tools, place.ana, place.made.row.id)
            async with asyncio.timeout(PATIENCE_SECONDS):
                code = await live.process.wait()

    new = [json.loads(line) for line in said.splitlines()]
    assert once.process.returncode == 0
    assert [each["sequence"] for each in new + live.lines] == (await place.happened())[len(happened) :]
    assert new[0]["tramite"]["office"] == {"code": "SEDE-CENTRAL", "name": "Sede Central"}
    assert code == 3
    async with place.web():
        again = await asyncio.create_subprocess_exec(*watching(place, "--once")[0], env={"MESA_WATCH_TOKEN": "mps_x"})
        assert await asyncio.wait_for(again.wait(), PATIENCE_SECONDS) == 3
