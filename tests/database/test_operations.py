"""What operations are held to while they run: their time, their cost, and what is told of it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter as Counts
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
import pytest
import strawberry
from asyncpg import QueryCanceledError
from graphql import GraphQLError
from tortoise.connection import get_connections

from actions.transaction import tx
from mesadepartes.counted import CountedConnection
from mesadepartes.database import connected, tortoise_config
from mesadepartes.metrics import Metrics
from mesadepartes.pool import POOL
from mesadepartes.slow_operations import SlowOperations
from mesadepartes.statement_plans import plans_told
from mesadepartes.telemetry import LineFormatter
from resolvers.costs import COSTS
from resolvers.engine.costs import SchemaCosts
from resolvers.engine.errors import RequestError
from resolvers.engine.execution import QUERIES_AND_MUTATIONS, Asked, Execution
from resolvers.engine.limits import LIMITS, measure
from resolvers.engine.observing import Observers
from resolvers.engine.terms import Terms
from resolvers.refusing import ERRORS
from resolvers.root import build_execution, build_schema
from resolvers.terms import make_terms
from rules.operations import OperationTimedOut
from tests.api import PATIENCE, Api, filing, in_process, make_feed
from tests.hostile_documents import RandomDocument

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.database.desk import Desk
    from tests.servers.postgres import Database

SLEEPERS = """
SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(%' AND state = 'active' AND pid <> pg_backend_pid()
"""
EXHAUSTED = "COST_BUDGET_EXHAUSTED"
ANY = 10**9


@strawberry.type
class Query:
    """What can be asked here."""

    @strawberry.field
    async def sleep(self) -> str:
        """Wait in the database."""
        await get_connections().get("default").execute_query("SELECT pg_sleep(60)")
        return "awake"


@strawberry.type
class Mutation:
    """What can be done here."""

    @strawberry.mutation
    async def sleep(self) -> str:
        """Wait in the database, in a transaction that has changed something."""
        async with tx() as connection:
            await connection.execute_query("UPDATE offices SET name = 'Dormida'")
            await connection.execute_query("SELECT pg_sleep(60)")
        return "awake"


SLEEPY = Execution(strawberry.Schema(Query, Mutation), ERRORS, terms=Terms(seconds=0.3, timed_out=OperationTimedOut))


async def sleepers(database: Database) -> int:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetchval(SLEEPERS)
    finally:
        await connection.close()


@pytest.mark.parametrize("document", ["{ a: sleep b: sleep }", "mutation { a: sleep b: sleep }"])
async def test_an_operation_ends_in_time_and_leaves_nothing_running(
    counter: Counter, database: Database, document: str
) -> None:
    before = await get_connections().get("default").execute_query_dict("SELECT name FROM offices ORDER BY id")
    began = time.monotonic()

    answer = await SLEEPY.answer(Asked(document), None, kinds=QUERIES_AND_MUTATIONS)

    assert time.monotonic() - began < PATIENCE / 2
    assert (answer.code, answer.is_request_error) == ("OPERATION_TIMED_OUT", False)
    assert orjson.loads(answer.body)["data"] is None
    async with asyncio.timeout(PATIENCE):
        while await sleepers(database):
            await asyncio.sleep(0.02)
    after = await get_connections().get("default").execute_query_dict("SELECT name FROM offices ORDER BY id")
    assert after == before


def test_a_statement_that_the_database_gives_up_is_told_alike() -> None:
    said = ERRORS.present([_graphql_error(QueryCanceledError("canceling statement due to statement timeout"))])

    assert said[0]["extensions"]["code"] == "OPERATION_TIMED_OUT"
    settings = tortoise_config("postgresql://db/mesa", statement_seconds=9)["connections"]["default"]["credentials"]
    assert settings["server_settings"]["statement_timeout"] == "9000ms"


def _graphql_error(cause: Exception) -> Any:
    return GraphQLError(str(cause), original_error=cause)


MINE = "{ tramites(first: 5, filter: {statuses: [RESOLVED]}) { edges { node { number } } } }"
LIST = "{ tramites(first: 50) { edges { cursor } } }"


def frugal(points_per_minute: int = 100) -> Terms:
    """Return terms by which operations are paid for, and not that their documents are judged."""
    return replace(make_terms(points_per_minute=points_per_minute), judging=0)


async def test_who_asks_for_too_much_is_told_when_to_come_back_and_nobody_else_waits(
    api: Api, counter: Counter, database: Database
) -> None:
    maria, juan = await api.signed_in(counter), await api.signed_in(counter)
    async with in_process(counter, make_feed(database), terms=frugal()) as strict:
        as_maria, as_juan = replace(strict, token=maria.token), replace(strict, token=juan.token)

        assert [await _code(as_maria, LIST) for _ in range(3)] == [None, EXHAUSTED, EXHAUSTED]
        response = await as_maria.post(LIST)
        wait = response.json()["errors"][0]["extensions"]["retryAfterSeconds"]
        assert (response.status_code, response.headers["retry-after"], "data" in response.json()) == (
            429,
            str(wait),
            False,
        )
        assert 1 <= wait <= 60
        assert [await _code(as_juan, LIST), await _code(strict, "{ offices { code } }")] == [None, None]


async def test_one_account_takes_no_more_seats_than_it_has_by_whatever_session(
    api: Api, counter: Counter, database: Database
) -> None:
    maria, juan = await api.signed_in(counter), await api.signed_in(counter)
    again = await api.signed_in_again(counter, maria)
    async with in_process(counter, make_feed(database), terms=make_terms(at_once=3)) as strict:
        tokens = [maria.token, again.token] * 5
        # So that they are remembered, and do not wait one after the other for a connection to ask who they are.
        assert [await _code(replace(strict, token=token), LIST) for token in tokens[:2]] == [None, None]
        codes = Counts(await asyncio.gather(*(_code(replace(strict, token=token), LIST) for token in tokens)))
        theirs = await asyncio.gather(*(_code(replace(strict, token=juan.token), LIST) for _ in range(3)))
        later = [await _code(replace(strict, token=maria.token), LIST) for _ in range(4)]

    assert codes.keys() == {None, "TOO_MANY_OPERATIONS_AT_ONCE"}
    assert (theirs, later) == ([None] * 3, [None] * 4)


async def test_whoever_forges_sessions_pays_from_the_budget_of_their_network(
    counter: Counter, database: Database
) -> None:
    async with in_process(counter, make_feed(database), terms=frugal()) as strict:
        codes = Counts(
            [await _code(replace(strict, token=f"forged-{number}"), "{ me { id } }") for number in range(60)]
        )

    assert codes.keys() == {"NOT_SIGNED_IN", EXHAUSTED}
    assert codes["NOT_SIGNED_IN"] < 55, "a hundred points are fifty such documents, and what is refilled meanwhile"


def action_of(record: logging.LogRecord) -> object:
    return vars(record).get("action")


def plans_in(caplog: pytest.LogCaptureFixture) -> dict[str, logging.LogRecord]:
    """Return what was told of plans, by the ids of operations."""
    told = [each for each in caplog.records if action_of(each) == "slow_operation_plan"]
    return {vars(each)["operation_id"]: each for each in told}


async def _code(api: Api, document: str) -> str | None:
    errors = (await api.post(document)).json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None


async def test_whoever_asks_is_told_what_an_operation_costs(api: Api) -> None:
    asked = {"query": LIST.replace("50", "$n").replace("{ tramites", "query Q($n: Int) { tramites", 1)}
    for variables, points in (({"n": 3}, 1 + 1 + 3), ({}, 1 + 1 + 20)):
        json = asked | {"variables": variables}
        told = await api.http.post("/graphql", json=json, headers={"x-mesa-cost": "1"})
        assert told.json()["extensions"] == {"cost": {"points": points, "most": 30_000}}
    assert "extensions" not in (await api.http.post("/graphql", json=asked)).json()


SIGN_IN = """signIn(input: {identityKind: DNI, identityNumber: "%s", password: "%s"}) { __typename }"""


async def test_one_operation_tries_one_secret(counter: Counter, api: Api) -> None:
    """Aliases would make a hundred attempts of one request."""
    form = counter.registration()
    await counter.register()
    tries = " ".join(f"a{n}: {SIGN_IN % (form.identity_number, n)}" for n in range(9))
    weak = Execution(build_schema(), ERRORS, terms=Terms(limits=replace(LIMITS, attempts=ANY)))

    assert await _code(api, f"mutation {{ {tries} }}") == "OPERATION_TOO_COMPLEX"
    assert await _code(api, f"mutation {{ {SIGN_IN % (form.identity_number, 'no')} }}") is None
    weak.prepare(Asked(f"mutation {{ {tries} }}"))


def rows(answer: object) -> int:
    """Return how many objects there are in an answer."""
    if isinstance(answer, list):
        return sum(map(rows, answer))
    return 1 + sum(map(rows, answer.values())) if isinstance(answer, dict) else 0


async def test_the_declared_cost_of_no_document_is_less_than_what_it_gives(desk: Desk) -> None:
    """The root is an object too, and its fields have points of their own."""
    honest, random = build_execution(), Random(8)
    weak = SchemaCosts(build_schema()._schema, replace(COSTS, lists=dict.fromkeys(COSTS.lists, 1)))  # pyright: ignore[reportPrivateUsage]
    for _ in range(3):
        main, annex = [await desk.upload(desk.maria) for _ in range(2)]
        await desk.maria.mutate("fileTramite", **filing(main, annexUploads=[annex]))
    given, found = 0, list[str]()
    for text in [RandomDocument(random, fields=random.choice((10, 40, 120))).text() for _ in range(150)]:
        try:
            prepared = honest.prepare(Asked(text, operation_name="Q"))
        except RequestError:
            continue
        answer = await desk.clerk.answer(text)
        given += 1
        assert rows(answer["data"]) - 1 <= prepared.cost.at(None), text
        understated = measure(prepared.document, weak)
        assert not isinstance(understated, GraphQLError)
        found += [text] * (rows(answer["data"]) - 1 > understated["Q"].at(None))
    assert given > 50
    assert found, "a table that says of every list that it is one long would be found out"


async def test_the_plans_of_what_was_slow_are_told_later_without_values_and_not_again(
    api: Api, counter: Counter, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """By a connection that may as little as the web part's; what cannot be explained ends nothing."""
    maria = await api.signed_in(counter)
    await get_connections().close_all()
    async with plans_told(database.web_url, pause_seconds=0) as plans, asyncio.timeout(PATIENCE):
        observers = Observers([SlowOperations(0.0, plans)])
        plans.ask("first", "one", ["ROLLBACK", "SELECT nothing", "DELETE FROM entries"])
        async with (
            connected(database.web_url, connection_class=CountedConnection),
            in_process(counter, make_feed(database), terms=make_terms(observer=observers.note)) as watched,
        ):
            for _ in range(3):
                await replace(maria, http=watched.http).data(MINE)
            observers.tell()
            plans.ask("last", "another", ["SELECT 1"])
            while "last" not in (told := plans_in(caplog)):
                await asyncio.sleep(0)

    slow = [each for each in caplog.records if action_of(each) == "slow_operation"]
    assert list(told) == ["first", vars(slow[0])["operation_id"], "last"]
    first = vars(told["first"])
    assert (first["plan_1"], first["plan_2"]) == ("UndefinedColumnError", "InsufficientPrivilegeError")
    text = "".join(map(LineFormatter("web").format, told.values()))
    assert re.search(r"Index Scan tramites \w+ \[cost \d+, rows \d+\]", text), text
    assert str(maria.viewer.user_id) not in text
    assert len(slow) == 3


async def test_what_is_seen_from_outside_tells_statements_but_of_nobody(
    api: Api, counter: Counter, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """By the connection that the web part has: one statement for who it is, at least one for the list."""
    maria, metrics = await api.signed_in(counter), Metrics(POOL)
    observers = Observers([metrics, SlowOperations(0.0)])
    await get_connections().close_all()
    async with (
        connected(database.web_url, connection_class=CountedConnection),
        in_process(counter, make_feed(database), terms=make_terms(observer=observers.note)) as watched,
    ):
        await replace(maria, http=watched.http).data(LIST)
        observers.tell()
        text = metrics.text()

    assert 'mesa_graphql_operation_seconds_count{kind="query",operation="(ad hoc)"} 1.0' in text
    assert re.search(r'mesa_graphql_statements_total\{kind="query",operation="\(ad hoc\)"\} [2-9]\.0', text)
    assert "mesa_database_connections 1.0" in text
    assert "sql_2=SELECT" in LineFormatter("web").format(caplog.records[-1])
    assert str(maria.viewer.user_id) not in "".join(map(LineFormatter("web").format, caplog.records))


@pytest.mark.parametrize(
    ("given", "least"), [({"text": "agua"}, 300), ({"name": "Rosa"}, 300), ({"inFiles": "agua"}, 500)]
)
async def test_words_that_are_searched_for_cost_what_they_cost_the_database(
    api: Api, counter: Counter, given: dict[str, str], least: int
) -> None:
    """Written into the document or given as a variable alike."""
    maria, [(name, word)] = await api.signed_in(counter), given.items()

    async def points(document: str, **variables: object) -> int:
        headers = {"authorization": f"Bearer {maria.token}", "x-mesa-cost": "1"}
        asked = {"query": document, "variables": variables}
        return (await maria.http.post("/graphql", json=asked, headers=headers)).json()["extensions"]["cost"]["points"]

    page = "tramites(first: 5%s) { edges { cursor } }"
    plain = await points("{ %s }" % (page % ""))
    written = await points("{ %s }" % (page % f', filter: {{{name}: "{word}"}}'))
    variable = await points("query($f: TramiteFilter) { %s }" % (page % ", filter: $f"), f=given)

    assert written == variable >= plain + least
