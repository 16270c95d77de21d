"""The benchmark of the API compares the same with the same, and counts what it says it counts."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING, Any

import httpx
from graphql import build_schema

from benchmarks import graphql
from benchmarks.graphql_by_hand import VARIANTS, application
from benchmarks.graphql_load import cpu_seconds
from benchmarks.graphql_page import normalised
from benchmarks.graphql_servers import AD_HOC
from benchmarks.graphql_statements import GIVEN, counted, lists_of
from mesadepartes.multitude import FIRST_DNI, PASSWORD, multiply
from resolvers.root import print_sdl
from tests.api import execute_as_owner, in_process, make_feed

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

FILED = 60
LAST_LONGER = "UPDATE sessions SET expires_at = now() + interval '1 day', idle_until = NULL"
"""By hand there is no clock but the database's own."""


async def test_the_page_by_hand_is_the_page_of_the_api(counter: Counter, database: Database) -> None:
    await multiply(counter.tools, database.owner_url, FILED, chance=random.Random(1), told=lambda _: None, busiest=30)
    async with in_process(counter, make_feed(database)) as api:
        given = {"identityKind": "DNI", "identityNumber": str(FIRST_DNI), "password": PASSWORD}
        token = (await api.mutate("signIn", "token", **given))["token"]
        ours = await page(api.http, token)
    assert len(ours["nodes"]) == 20
    assert max(len(node["history"]) for node in ours["nodes"]) > 1
    await execute_as_owner(database, LAST_LONGER)

    for variant in VARIANTS:
        site = application(database.web_url, variant)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://by.hand")
        async with site.router.lifespan_context(site), http:
            assert await page(http, token) == ours
            assert (await http.post("/graphql", content=AD_HOC)).status_code == 401


async def page(http: httpx.AsyncClient, token: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return normalised((await http.post("/graphql", content=AD_HOC, headers=headers)).json())


async def test_every_statement_is_counted(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as api:
        with counted() as texts:
            await api.data("{ offices { code } }")

    assert texts
    assert all(text.startswith(("SELECT", "WITH")) for text in texts)


def test_every_list_of_the_schema_is_led_to_by_a_document() -> None:
    found = {each.name: each.document for each in lists_of(build_schema(print_sdl()), GIVEN | {"number": '"M"'})}

    assert {"tramites", "Tramite.history", "staff", "StaffMember.offices", "Query.offices"} <= found.keys()
    assert found["Tramite.attachments"].startswith('{ tramite(number: "M") { attachments {')


def test_it_says_what_it_can_be_told() -> None:
    assert graphql.command_line().parse_args(["--scale", "0.01", "--parts", "load"]).parts == ["load"]
    assert cpu_seconds(os.getpid()) > 0
