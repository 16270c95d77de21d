"""What operations are held to, they are held to at every door: by POST, GET and forms, over streams and sockets."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from actions import accounts
from mesadepartes.database import connected
from mesadepartes.site import create_site
from models.files import Upload
from resolvers.engine.documents import digest_of
from resolvers.engine.execution import Trust
from resolvers.terms import make_terms
from tests.api import PATIENCE, Api, execute_as_owner, filing, make_feed, served_app
from tests.counter import Clock, Counter, make_tools
from tests.database.doors import DOORS, FOLLOWING, by_form, by_post, codes_of, locked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.credentials import PasswordPool
    from resolvers.engine.terms import Terms
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import Database, DatabaseServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = "{ savedSearches { id } }"
FOLLOW = "subscription { statusChanges { cursor } }"
FILE = "mutation F($input: FileTramiteInput!) { fileTramite(input: $input) { __typename } }"
TRUSTED = Trust({digest_of(text): text for text in (QUERY, FOLLOW, FILE)}, is_required=True)
PAGE = "{ tramites(first: 50) { edges { cursor } } }"
"""Of 52 points."""

ALL_DOORS = pytest.mark.parametrize("door", DOORS)
FOLLOWING_DOORS = pytest.mark.parametrize("door", FOLLOWING)


@dataclass
class Sites:
    """One counter, served as in production: in three ways."""

    counter: Counter
    database: Database
    trusted: Api
    frugal: Api
    hasty: Api

    async def person(self, site: Api) -> Api:
        """Return somebody new, as a client of a site."""
        form = self.counter.registration()
        await accounts.register_account(self.counter.tools, form, is_verified=True)
        self.counter.clock.advance(seconds=10)  # so many at once sign in from nowhere
        session = await self.counter.begin_session(form)
        return replace(site, token=session.token)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sites(
    database_server: DatabaseServer,
    database_template: str,
    password_pool: PasswordPool,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Sites]:
    database = await database_server.new_database(database_template)
    clock = Clock()
    tools = make_tools(tmp_path_factory.mktemp("doors"), clock=clock, jail=lasting_jail, hasher=password_pool)
    async with connected(database.web_url), AsyncExitStack() as stack:
        counter = Counter(tools, clock)
        await counter.open()

        async def served(terms: Terms, trust: Trust | None = None) -> Api:
            site = create_site(tools, make_feed(database), has_get=True, terms=terms, trust=trust)
            return await stack.enter_async_context(served_app(site))

        trusted = await served(make_terms(), TRUSTED)
        frugal = await served(replace(make_terms(points_per_minute=100), judging=60))
        hasty = await served(make_terms(seconds=0.2))
        yield Sites(counter, database, trusted, frugal, hasty)
    await database_server.drop_database(database.name)


@asynccontextmanager
async def gone(database: Database, table: str) -> AsyncGenerator[None]:
    """Let a table be gone, as if there were a mistake in what asks for it."""
    await execute_as_owner(database, f"ALTER TABLE {table} RENAME TO gone")
    try:
        yield
    finally:
        await execute_as_owner(database, f"ALTER TABLE gone RENAME TO {table}")


@ALL_DOORS
async def test_where_only_trusted_documents_are_answered_no_query_is_another(sites: Sites, door: str) -> None:
    maria, ask = await sites.person(sites.trusted), DOORS[door]

    for other in ({"query": "{ me { role } }"}, {"query": QUERY + " "}, {"documentId": digest_of("{ me { role } }")}):
        answer = await ask(maria, other)
        assert (codes_of(answer), "data" in answer) == (["UNTRUSTED_DOCUMENT"], False), other
    for same in ({"query": QUERY}, {"documentId": digest_of(QUERY)}, {"documentId": f"sha256:{digest_of(QUERY)}"}):
        assert await ask(maria, same) == {"data": {"savedSearches": []}}


@FOLLOWING_DOORS
async def test_nor_is_anything_else_followed(sites: Sites, door: str) -> None:
    maria, ask = await sites.person(sites.trusted), DOORS[door]

    assert codes_of(await ask(maria, {"query": FOLLOW.replace("cursor", "c: cursor")})) == ["UNTRUSTED_DOCUMENT"]
    assert "cursor" in (await ask(maria, {"documentId": digest_of(FOLLOW)}))["data"]["statusChanges"]


async def test_nor_is_anything_else_done_with_files_or_several_at_once(sites: Sites) -> None:
    maria = await sites.person(sites.trusted)
    variables = {"input": filing(None, mainUpload=None)}

    other = await by_form(maria, {"query": FILE.replace("F(", "G("), "variables": variables})
    assert (codes_of(other), "data" in other) == (["UNTRUSTED_DOCUMENT"], False)
    async with asyncio.timeout(PATIENCE):
        while await Upload.filter(used_at__isnull=True, expires_at__gt=sites.counter.clock()).exists():
            await asyncio.sleep(0.01)
    batch: Any = [{"documentId": digest_of(QUERY)}, {"query": "{ me { role } }"}]
    assert codes_of(await by_post(maria, batch)) == ["BAD_REQUEST"]
    same = await by_form(maria, {"documentId": digest_of(FILE), "variables": variables})
    assert same == {"data": {"fileTramite": {"__typename": "FileTramiteSuccess"}}}


@ALL_DOORS
async def test_of_a_mistake_of_ours_the_id_is_shown_and_nothing_else(
    sites: Sites, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    maria = await sites.person(sites.hasty)
    async with gone(sites.database, "saved_searches"):
        answer = await DOORS[door](maria, {"query": QUERY})

    _assert_masked(answer, caplog)


@FOLLOWING_DOORS
async def test_of_one_in_what_is_followed_neither(sites: Sites, door: str, caplog: pytest.LogCaptureFixture) -> None:
    maria = await sites.person(sites.hasty)
    async with gone(sites.database, "register_heads"):
        answer = await DOORS[door](maria, {"query": FOLLOW})

    _assert_masked(answer, caplog)


def _assert_masked(answer: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    [error] = answer["errors"]
    id_ = error["extensions"]["id"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "id": id_}
    assert error["message"] == (
        f"Ocurrió un error inesperado. Comuníquese con la mesa de partes e indique el código {id_}."
    )
    assert answer.get("data") is None
    assert [id_ in record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [True]


@ALL_DOORS
async def test_a_stranger_to_the_schema_learns_no_name_of_it(sites: Sites, door: str) -> None:
    maria, ask = await sites.person(sites.hasty), DOORS[door]

    for wrong in ("{ me { rol } }", "{ __schema { types { name } } }", '{ __type(name: "User") { name } }'):
        answer = await ask(maria, {"query": wrong})
        assert codes_of(answer) == ["GRAPHQL_VALIDATION_FAILED"] * len(answer["errors"])
        assert {error["message"] for error in answer["errors"]} == {
            "The document is not valid for this API, which /api describes."
        }
        assert "data" not in answer


@ALL_DOORS
async def test_what_somebody_may_spend_is_spent_at_all_doors_together(sites: Sites, door: str) -> None:
    maria, jose, first = [await sites.person(sites.frugal) for _ in range(3)]
    await by_post(first, {"query": PAGE})  # who asks first pays for its judging

    assert codes_of(await by_post(maria, {"query": PAGE})) == []
    answer = await DOORS[door](maria, {"query": PAGE})
    assert (codes_of(answer), "data" in answer) == (["COST_BUDGET_EXHAUSTED"], False)
    assert 1 <= answer["errors"][0]["extensions"]["retryAfterSeconds"] <= 60
    assert codes_of(await DOORS[door](jose, {"query": PAGE})) == []


@ALL_DOORS
async def test_a_document_is_paid_for_before_it_is_judged_whatever_comes_of_it(sites: Sites, door: str) -> None:
    maria, ask = await sites.person(sites.frugal), DOORS[door]

    judged, unjudged = [await ask(maria, {"query": "{ nothing }"}) for _ in range(2)]

    assert (codes_of(judged), codes_of(unjudged)) == (["GRAPHQL_VALIDATION_FAILED"], ["COST_BUDGET_EXHAUSTED"])
    assert 1 <= unjudged["errors"][0]["extensions"]["retryAfterSeconds"] <= 60


@ALL_DOORS
async def test_what_takes_too_long_is_ended_at_every_door(sites: Sites, door: str) -> None:
    maria = await sites.person(sites.hasty)
    async with locked(sites.database, "saved_searches"):
        answer = await DOORS[door](maria, {"query": QUERY})

    assert (codes_of(answer), answer["data"]) == (["OPERATION_TIMED_OUT"], None)


@FOLLOWING_DOORS
async def test_so_is_what_is_to_be_followed(sites: Sites, door: str) -> None:
    maria = await sites.person(sites.hasty)
    async with locked(sites.database, "register_heads"):
        answer = await DOORS[door](maria, {"query": FOLLOW})

    assert codes_of(answer) == ["OPERATION_TIMED_OUT"]


@FOLLOWING_DOORS
async def test_who_has_spent_it_follows_nothing(sites: Sites, door: str) -> None:
    maria = await sites.person(sites.frugal)
    await by_post(maria, {"query": PAGE})

    assert codes_of(await DOORS[door](maria, {"query": FOLLOW})) == ["COST_BUDGET_EXHAUSTED"]
