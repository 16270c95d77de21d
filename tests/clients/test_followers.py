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
STRANGE = "a file of somebody else"
"""To it leads what lies where followers write their cursor before it takes the place of the last one."""


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
    for name in ("watch", "follow_changes.py", "follow-changes.mjs"):
        (place.folder / f"{name}.cursor.new").symlink_to(place.folder / STRANGE)
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


@dataclass
class Followed:
    """What happened while the counter was killed and started anew, and what each follower has of it."""

    happened: list[str]
    followers: dict[str, Follower]
    ended: int
    """With which code `watch` ended when it was told to."""
    once: list[dict[str, Any]]
    """What `watch` wrote that was started again, to go on where it was."""
    live: list[dict[str, Any]]
    """What it wrote that was running when the token was revoked."""
    revoked: int
    """With which code it ended then."""
    refused: int
    """With which code it ended that was started without a good token."""

    @property
    def while_all_followed(self) -> list[str]:
        """What happened until the others stopped."""
        return self.happened[: len(self.happened) - len(self.once) - len(self.live)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def followed(place: Place) -> Followed:
    """Let all happen in two runs of the counter: to start one costs most of the time."""
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
            [ended] = [await end(each.process) for each in followers if each.name == "watch"]
            await place.file(2)
            once, live, *codes = await go_on(place)
    by_name = {each.name: each for each in followers}
    return Followed(await place.happened(), by_name, ended, once, live, *codes)


async def go_on(place: Place) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int, int]:
    """Watch again: once, then until the token is revoked, then without a good one."""
    async with started("once", *watching(place, "--once", "--office", "SEDE-CENTRAL")) as once:
        said, _ = await asyncio.wait_for(once.process.communicate(), PATIENCE_SECONDS)
    async with started("live", *watching(place)) as live:
        await place.file(1)
        await live.read(1)
        await revoke_service_token(place.counter.tools, place.ana, place.made.row.id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            revoked = await live.process.wait()
    command, _ = watching(place, "--once")
    async with started("refused", command, {"MESA_WATCH_TOKEN": "mps_x"}) as again:
        refused = await asyncio.wait_for(again.process.wait(), PATIENCE_SECONDS)
    assert once.process.returncode == 0
    return [json.loads(line) for line in said.splitlines()], live.lines, revoked, refused


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ["watch", "follow_changes.py", "follow-changes.mjs"])
async def test_each_change_is_there_once_and_in_order(followed: Followed, name: str) -> None:
    if name not in followed.followers:
        pytest.skip("clients written by others are missing: run scripts/real-parts")

    assert len(followed.while_all_followed) == 11
    assert followed.followers[name].sequences == followed.while_all_followed


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_writes_their_cursor_to_where_somebody_else_has_led_it(place: Place, followed: Followed) -> None:
    assert {(place.folder / f"{name}.cursor").is_file() for name in followed.followers} == {True}
    assert not (place.folder / STRANGE).exists()


@pytest.mark.asyncio(loop_scope="module")
async def test_watch_goes_on_where_it_was_and_says_when_its_token_is_revoked(followed: Followed) -> None:
    new = followed.once + followed.live

    assert [each["sequence"] for each in new] == followed.happened[11:]
    assert len(new) == 3
    assert new[0]["tramite"]["office"] == {"code": "SEDE-CENTRAL", "name": "Sede Central"}
    assert (followed.ended, followed.revoked, followed.refused) == (0, 3, 3)
