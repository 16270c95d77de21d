"""Clients written by others ask, file and follow as their own documentation says; and the audits of the protocol."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.clients import programs
from tests.clients.conftest import ATTACHMENTS, SUBJECT
from tests.clients.naive_server import naive_server
from tests.clients.probes import PROBES, WRONG_WITH_OTHERS, Target
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.clients.conftest import Running

FOUND = {"attachments": ATTACHMENTS, "event": "FILED"}
ROOT = programs.HERE.parents[1]

CODEGEN = f"""[tool.ariadne-codegen]
schema_path = "{ROOT / "schema" / "schema.graphql"}"
queries_path = "{programs.HERE / "pypi" / "documents.graphql"}"
target_package_name = "counter_client"
include_all_inputs = false
include_all_enums = false
"""


async def told_by(running: Running, *command: str | Path, **environ: str) -> Any:
    """Run a client against the counter; return what it tells."""
    return json.loads(await programs.run(*command, environ=running.environ | environ))


@asynccontextmanager
async def weak_door() -> AsyncGenerator[Target]:
    """Run a server as it comes."""
    [port] = free_ports(1)
    process = await asyncio.create_subprocess_exec(sys.executable, programs.HERE / "weak_door.py", str(port))
    try:
        async with asyncio.timeout(programs.PATIENCE_SECONDS):
            while not await is_open(port):
                await asyncio.sleep(0.05)
        yield Target(port, process.pid, patience_seconds=0.5)
    finally:
        process.kill()
        await process.wait()


async def is_open(port: int) -> bool:
    """Tell whether somebody listens."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def npm(running: Running) -> dict[str, Any]:
    """Return what all clients of npm tell, which one process of Node has let loose at once."""
    return await told_by(running, programs.node(), "all.mjs", *CLIENTS)


CLIENTS = ("audits", "apollo", "urql", "graphql-request", "graphql-ws", "graphql-sse")


@pytest.mark.asyncio(loop_scope="module")
async def test_all_audits_of_graphql_over_http_pass(npm: dict[str, Any]) -> None:
    assert npm["audits"] == {"total": 61, "failed": []}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("client", ["apollo", "urql"])
async def test_a_client_of_npm_asks_files_and_follows(npm: dict[str, Any], client: str) -> None:
    told = npm[client]

    assert SUBJECT in told.pop("subjects", []), told
    assert told == FOUND


@pytest.mark.asyncio(loop_scope="module")
async def test_a_client_of_npm_that_only_asks(npm: dict[str, Any]) -> None:
    told = npm["graphql-request"]

    assert SUBJECT in told.get("subjects", []), told


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("protocol", ["graphql-ws", "graphql-sse"])
async def test_a_client_of_one_protocol_asks_and_follows(npm: dict[str, Any], protocol: str) -> None:
    told = npm[protocol]

    assert SUBJECT in told.get("subjects", []), told
    assert told["event"] == "FILED"


@pytest.mark.asyncio(loop_scope="module")
async def test_gql_asks_files_and_follows(running: Running) -> None:
    told = await told_by(running, programs.python(), "pypi/with_gql.py")

    assert SUBJECT in told.pop("subjects")
    assert told == FOUND


@pytest.mark.asyncio(loop_scope="module")
async def test_a_client_that_ariadne_codegen_makes_of_the_committed_schema(running: Running, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(CODEGEN)
    await programs.run(programs.python().with_name("ariadne-codegen"), folder=tmp_path)

    told = await told_by(running, programs.python(), "pypi/with_ariadne.py", CLIENT=str(tmp_path))

    assert SUBJECT in told.pop("subjects")
    assert told == FOUND


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", PROBES)
async def test_a_request_that_nobody_sends_by_accident_is_refused_at_once(running: Running, name: str) -> None:
    assert await running.target.wrong_with(PROBES[name]) is None


@pytest.mark.asyncio(loop_scope="module")
async def test_the_probes_find_what_is_wrong_with_a_server_as_it_comes() -> None:
    async with weak_door() as target:
        found = {name for name in WRONG_WITH_OTHERS if await target.wrong_with(PROBES[name])}

    assert found == WRONG_WITH_OTHERS


async def test_the_probes_find_what_is_wrong_with_a_server_that_believes_what_is_sent() -> None:
    async with naive_server() as target:
        asked = PROBES.keys() - WRONG_WITH_OTHERS
        found = {name for name in asked if await target.wrong_with(PROBES[name])}

    assert found == asked
