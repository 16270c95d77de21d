"""Clients written by others ask, file and follow as their own documentation says; and the audits of the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients import programs
from tests.clients.conftest import ATTACHMENTS, SUBJECT

if TYPE_CHECKING:
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


@pytest.mark.asyncio(loop_scope="module")
async def test_all_audits_of_graphql_over_http_pass(running: Running) -> None:
    assert await told_by(running, programs.node(), "audits.mjs") == {"total": 61, "failed": []}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("client", ["apollo", "urql"])
async def test_a_client_of_npm_asks_files_and_follows(running: Running, client: str) -> None:
    told = await told_by(running, programs.node(), f"{client}.mjs")

    assert SUBJECT in told.pop("subjects")
    assert told == FOUND


@pytest.mark.asyncio(loop_scope="module")
async def test_a_client_of_npm_that_only_asks(running: Running) -> None:
    told = await told_by(running, programs.node(), "graphql-request.mjs")

    assert SUBJECT in told["subjects"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_client_of_the_socket_protocol_follows(running: Running) -> None:
    assert await told_by(running, programs.node(), "graphql-ws.mjs", WITHOUT_QUERY="yes") == {"event": "FILED"}


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
