"""Documents that a program makes up from the committed schema find nothing that nobody foresaw."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import strawberry
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from actions.credentials import PasswordPool
from mesadepartes.database import connected
from resolvers.engine.execution import QUERIES_AND_MUTATIONS, Asked, Execution
from resolvers.refusing import ERRORS
from rules.access import Role
from tests.api import make_feed, served, served_app
from tests.clients import programs
from tests.counter import Clock, Counter, make_tools

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from starlette.requests import Request

    from tests.api import Api
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import DatabaseServer

SCHEMA = programs.HERE.parents[1] / "schema" / "schema.graphql"
EXAMPLES = 2


async def try_all(api: Api, folder: Path, *, token: str | None = None, schema: Path = SCHEMA) -> str:
    """Let schemathesis ask for everything in the schema; fails when it finds anything."""
    signed_in = ["-H", f"Authorization: Bearer {token}"] if token else []
    return await programs.run(
        programs.python().with_name("schemathesis"),
        *(
            "--no-color",
            "run",
            "--exclude-name",
            "Mutation.signOut",
            schema,
            "-u",
            f"{api.http.base_url}/graphql",
            "-c",
            "answers_in_order",
        ),
        *("-n", str(EXAMPLES), "--generation-deterministic", "--no-shrink", "--continue-on-failure", *signed_in),
        *("--phases", "fuzzing", "--suppress-health-check", "all", "--warnings", "off"),
        environ={"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(programs.HERE / "pypi")},
        folder=folder,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counter(
    database_server: DatabaseServer,
    database_template: str,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[tuple[Counter, Api]]:
    """Return an open counter, served."""
    database, clock = await database_server.new_database(database_template), Clock()
    pool = PasswordPool(passes=1, memory_kib=8)
    async with connected(database.web_url):
        folder = tmp_path_factory.mktemp("counter")
        found = Counter(make_tools(folder, clock=clock, jail=lasting_jail, hasher=pool), clock)
        await found.open()
        async with served(found, make_feed(database)) as api:
            yield found, api
    pool.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_it_finds_nothing(counter: tuple[Counter, Api], tmp_path: Path) -> None:
    """An applicant and a supervisor ask at once; not for `signOut`, after which all else would be asked by nobody."""
    world, api = counter
    maria = await api.signed_in(world)
    supervisor = await api.signed_in(world, role=Role.SUPERVISOR, office="SEDE-CENTRAL")
    await world.file(maria.viewer)

    told = await asyncio.gather(*(try_all(api, tmp_path, token=each.token) for each in (maria, supervisor)))

    for each in told:
        assert re.search(r"(\d{3,}) generated, \1 passed", each), each
    for person in (maria, supervisor):
        assert (await person.data("{ me { id } }"))["me"], "the session has lasted"


@strawberry.type
class Query:
    """What can be asked of a server that is wrong."""

    @strawberry.field
    def half(self, of: int, into: int) -> int:
        """Divide by what may be nought."""
        return of // into


@pytest.mark.asyncio(loop_scope="module")
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
            await try_all(api, tmp_path, schema=tmp_path / "schema.graphql")
