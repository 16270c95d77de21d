"""Every operation by every role on every thing, as docs/authorization.md says; a refusal changes and tells nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from mesadepartes.database import connected
from resolvers.authorization import ROOTS
from resolvers.root import print_sdl
from tests.api import in_process, make_feed
from tests.counter import Clock, Counter, make_tools
from tests.matrix import (
    accounts,
    administration,
    desk,
    finding,
    mailboxes,
    mails,
    nodes,
    personal_data,
    register,
    reports,
    staff,
    texts,
    tramites,
)
from tests.matrix.asking import OPERATIONS, Answer, Operation
from tests.matrix.table import ABSENT, OWN, PAGE, SHOWN, Row, read_table
from tests.matrix.world import NOTHING, Person, Thing, World, owner_of
from transfers.routes import routes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.credentials import PasswordPool
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import DatabaseServer

TABLE = read_table(PAGE.read_text(encoding="utf-8"))
NOUNS = (
    accounts,
    administration,
    desk,
    finding,
    mailboxes,
    mails,
    nodes,
    personal_data,
    register,
    reports,
    staff,
    texts,
    tramites,
)
"""Modules that say how operations are tried."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    database_server: DatabaseServer,
    database_template: str,
    password_pool: PasswordPool,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[World]:
    """Return a counter with somebody in each role, for all tests of this module."""
    database = await database_server.new_database(database_template)
    folder, clock = tmp_path_factory.mktemp("matrix"), Clock()
    tools = make_tools(folder, clock=clock, jail=lasting_jail, hasher=password_pool)
    owner = await owner_of(database)
    async with connected(database.web_url):
        counter = Counter(tools, clock)
        await counter.open()
        async with in_process(counter, make_feed(database)) as stranger:
            world = World(counter, stranger, owner, folder / "staging")
            await world.open()
            yield world
    await owner.close()
    await database_server.drop_database(database.name)


def test_every_row_is_tried_and_every_trial_has_a_row() -> None:
    """Else: a row in docs/authorization.md, and in tests/matrix/ a function that makes its input."""
    assert sorted(set(TABLE) ^ set(OPERATIONS)) == []


def test_every_root_field_that_is_not_for_anyone_has_a_row() -> None:
    named = {operation.split(" (")[0] for operation in TABLE}

    assert [name for name, rule in ROOTS.items() if rule.needs_session and name not in named] == []


def test_every_type_with_an_identity_is_asked_for_by_its_id() -> None:
    """Else: a row in docs/authorization.md, and in tests/matrix/nodes.py how one is made."""
    tried = {re.fullmatch(r"Query.node \(of type (\w+)\)", operation) for operation in TABLE}
    declared = set(re.findall(r"^type (\w+) implements Node", print_sdl(), re.MULTILINE))

    assert {each[1] for each in tried if each} == declared


def test_what_is_for_anyone_is_listed_as_such() -> None:
    """Else: its name under the last heading of docs/authorization.md."""
    named = {operation.split(" (")[0] for operation in TABLE}
    listed = re.findall(r"`((?:Query|Mutation|Subscription)\.\w+)`", PAGE.read_text("utf-8").split("## For anyone")[1])

    open_to_all = [name for name, rule in ROOTS.items() if not rule.needs_session]
    assert sorted(listed) == sorted(name for name in open_to_all if name not in named)


@pytest.mark.asyncio(loop_scope="module")
async def test_every_door_for_bytes_has_a_row(world: World) -> None:
    doors = [(route, method) for route in routes(world.counter.tools) for method in route.methods or ()]
    served = {
        f"{method} {route.path}" for route, method in doors if method != "HEAD" or "GET" not in (route.methods or ())
    }

    assert sorted(served - set(TABLE)) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", TABLE)
async def test_each_cell_is_as_the_table_says(world: World, name: str) -> None:
    row, operation = TABLE[name], OPERATIONS[name]

    wrong = [
        f"{person.name}, relation {relation}: {problem}"
        for person in world.people.values()
        for relation in range(row.relations)
        if relation != OWN or row.relations == 1 or person.role
        for problem in await problems_of(world, row, operation, person, relation)
    ]

    assert not wrong, "\n".join(wrong)


async def problems_of(world: World, row: Row, operation: Operation, person: Person, relation: int) -> list[str]:
    """Do one cell; return in words all that is not as it must be."""
    expected = row.expected[person.column_of(row.operation)][relation]
    await world.forgive()
    if operation.is_alone:
        person = await world.newcomer(person.name)
    is_done = expected == SHOWN and operation.changes
    thing = await world.thing(operation.about, person, relation, is_spent=is_done)
    before = await world.state_before()
    answer = await operation.ask(world, person, thing)
    after = await world.state()
    problems = [] if answer.outcome == expected else [f"is {answer.outcome}, must be {expected}: {answer.text[:300]}"]
    if is_done != (before != after):
        changed = [name for name, digest in after.items() if before.get(name) != digest]
        problems.append(f"changed {changed}" if changed else "changed nothing")
    return problems + await leaks_of(world, operation, person, thing, answer)


async def leaks_of(world: World, operation: Operation, person: Person, thing: Thing, answer: Answer) -> list[str]:
    """Return in words what an answer other than `yes` tells of the thing."""
    if answer.outcome == SHOWN:
        return []
    told = [f"tells {mark}" for mark in thing.marks if mark in answer.text]
    if answer.outcome == ABSENT and (missing := await operation.ask(world, person, NOTHING)).text != answer.text:
        told.append(f"is not answered like nothing: {answer.text[:300]} != {missing.text[:300]}")
    return told
