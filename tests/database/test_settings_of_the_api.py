"""`mesadepartes web` holds the API to what its settings say."""

from __future__ import annotations

import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from mesadepartes.clock import now
from mesadepartes.database import connected
from resolvers.engine.documents import digest_of
from tests.api import Api, in_process, make_feed
from tests.counter import Clock, Counter, make_tools
from tests.database.doors import locked
from tests.journeys.parts import INSTITUTION, part
from tests.journeys.stack import free_ports, until_ready
from tests.unit.schema.test_api_document import rows_after

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.credentials import PasswordPool
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import Database, DatabaseServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIST = "query List { tramites(first: 50) { edges { node { number subject office { name } history { act } } } } }"
"""Of some 1,500 points."""
PLANNED = r'mesa_graphql_planned_total\{kind="query",operation="[^"]+"\} (\S+)'


@dataclass
class Web:
    """A web part in a process of its own, whose operations have one second, and little to spend."""

    database: Database
    counter: Counter
    maria: Api
    jose: Api
    metrics_port: int

    async def metrics(self) -> str:
        """Return what whoever watches is told."""
        async with httpx.AsyncClient() as http:
            return (await http.get(f"http://127.0.0.1:{self.metrics_port}/metrics")).text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(
    database_server: DatabaseServer,
    database_template: str,
    password_pool: PasswordPool,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Web]:
    database = await database_server.new_database(database_template)
    folder, [port, metrics_port] = tmp_path_factory.mktemp("web"), free_ports(2)
    documents, clock = folder / "documents.json", Clock(now())
    documents.write_text(json.dumps({digest_of(LIST): LIST}))
    environ = {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder / "data"),
        "MESA_HTTP_PORT": str(port),
        "MESA_METRICS_PORT": str(metrics_port),
        "MESA_OPERATION_SECONDS": "1",
        "MESA_COST_PER_MINUTE": "4000",
        "MESA_TRUSTED_DOCUMENTS": str(documents),
        "MESA_GRAPHQL_DOCUMENTS": "trusted",
        "MESA_GRAPHQL_READS": "plain",
    }
    tools = make_tools(folder, clock=clock, jail=lasting_jail, hasher=password_pool)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(connected(database.web_url))
        counter = Counter(tools, clock)
        await counter.open()
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30))
        stranger = Api(http)
        maria, jose = [await signed_in(counter, stranger) for _ in range(2)]
        await stack.enter_async_context(part("web", environ=environ))
        await until_ready(port)
        yield Web(database, counter, maria, jose, metrics_port)
    await database_server.drop_database(database.name)


async def signed_in(counter: Counter, stranger: Api) -> Api:
    form = counter.registration()
    viewer = await counter.register(**vars(form))
    return Api(stranger.http, (await counter.begin_session(form)).token, viewer)


async def test_only_the_documents_of_its_file_are_answered(web: Web) -> None:
    answer = await web.maria.answer("{ me { role } }")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNTRUSTED_DOCUMENT"]


async def test_reads_are_plain_and_the_same(web: Web) -> None:
    """Who finds a fault of the plans turns them off, and sees no other difference."""
    for _ in range(2):
        await web.counter.file(web.maria.viewer)

    plain = await web.maria.post(LIST)
    async with in_process(web.counter, make_feed(web.database)) as here:
        compiled = await Api(here.http, web.maria.token).post(LIST)

    assert plain.content == compiled.content
    assert len(plain.json()["data"]["tramites"]["edges"]) == 2
    assert re.findall(PLANNED, await web.metrics()) == ["0.0"]


async def test_the_database_gives_up_first_and_says_what_to_narrow(web: Web) -> None:
    """With the time of the operation alone it would be OPERATION_TIMED_OUT."""
    async with locked(web.database, "tramites"):
        answer = await web.maria.answer(LIST)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SEARCH_TOO_BROAD"]


async def test_who_has_spent_what_a_minute_gives_is_told_when_to_come_back(web: Web) -> None:
    answers = [await web.jose.post(LIST) for _ in range(4)]

    assert [answer.status_code for answer in answers][-1] == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


async def test_docs_api_md_names_each_metric_with_its_kind_and_its_labels(web: Web) -> None:
    await web.maria.post(LIST)
    told = {
        name.strip("`"): (kind, set(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, _ in rows_after("## Seen from outside", "metric")
    }

    assert told == {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
        )
        for family in text_string_to_metric_families(await web.metrics())
    }
