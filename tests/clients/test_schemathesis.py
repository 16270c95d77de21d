"""Documents that a program makes up from the committed schema find nothing that nobody foresaw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
import strawberry
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from resolvers.engine.execution import QUERIES_AND_MUTATIONS, Asked, Execution
from resolvers.refusing import ERRORS
from tests.api import served_app
from tests.clients import programs

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from tests.clients.conftest import Running

SCHEMA = programs.HERE.parents[1] / "schema" / "schema.graphql"


PATIENCE_SECONDS = 300
"""It makes up hundreds of documents, which takes half a minute where nothing else is going on."""


async def try_all(url: str, folder: Path, *tokens: str, schema: Path = SCHEMA) -> str:
    """Let schemathesis ask for everything in the schema, as each in turn; fails when it finds anything."""
    told = ("-n", str(max(1, len(tokens))), "--generation-deterministic", "--no-shrink", "--continue-on-failure")
    return await programs.run(
        programs.python().with_name("schemathesis"),
        *("--no-color", "run", "--exclude-name", "Mutation.signOut", schema, "-u", url, "-c", "answers_in_order"),
        *(*told, "--mode", "positive", "--phases", "fuzzing", "--suppress-health-check", "all", "--warnings", "off"),
        environ={
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "PYTHONPATH": str(programs.HERE / "pypi"),
            "TOKENS": " ".join(tokens),
        },
        folder=folder,
        seconds=PATIENCE_SECONDS,
    )


@pytest.mark.timeout(PATIENCE_SECONDS + 120)
async def test_it_finds_nothing(running: Running, tmp_path: Path) -> None:
    """An applicant and a supervisor ask; not for `signOut`, after which all else would be asked by nobody."""
    url = running.environ["COUNTER_URL"]

    told = await try_all(url, tmp_path, *running.tried)

    assert re.search(r"(\d{3,}) generated, \1 passed", told), told
    async with httpx.AsyncClient() as http:
        for token in running.tried:
            answer = await http.post(url, json=ME, headers={"authorization": f"Bearer {token}"})
            assert answer.json()["data"]["me"], "the session has lasted"


ME = {"query": "{ me { id } }"}


@strawberry.type
class Query:
    """What can be asked of a server that is wrong."""

    @strawberry.field
    def half(self, of: int, into: int) -> int:
        """Divide by what may be nought."""
        return of // into


async def test_it_finds_what_nobody_foresaw(tmp_path: Path) -> None:
    schema = strawberry.Schema(Query)
    execution = Execution(schema, ERRORS)
    (tmp_path / "schema.graphql").write_text(schema.as_str())

    async def answer(request: Request) -> Response:
        asked = Asked((await request.json())["query"])
        answered = await execution.answer(asked, None, kinds=QUERIES_AND_MUTATIONS)
        return Response(answered.body, media_type="application/json")

    async with served_app(Starlette(routes=[Route("/graphql", answer, methods=["POST"])])) as api:
        with pytest.raises(AssertionError, match="INTERNAL_ERROR"):
            await try_all(f"{api.http.base_url}/graphql", tmp_path, schema=tmp_path / "schema.graphql")
