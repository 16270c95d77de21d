"""What is remembered of a session saves a question, and never shows anybody what they may see no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from actions import recalling
from models.catalogue import Office
from models.people import Post, Session, User
from models.second_factors import SecondFactor
from resolvers.terms import make_terms
from rules.access import Role
from rules.sessions import NOTED_EVERY
from tests.api import PATIENCE, Api, in_process, make_feed
from tests.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.counter import Counter
    from tests.servers.postgres import Database, DatabaseServer

PAGE = "{ tramites(first: 5) { edges { node { number office { code } } } } }"
FOUND = '{ tramites(first: 5, filter: {number: "MPD"}) { edges { node { number } } } }'
"""Before such a page is read, other things are asked, under rights that must be proven first."""
BREAK_OFF = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"


@pytest_asyncio.fixture
async def rosa(counter: Counter, api: Api) -> Api:
    """Return the API of Rosa, who has filed, and who looked a moment ago."""
    rosa = await api.signed_in(counter)
    await counter.file(rosa.viewer)
    assert len(await shown(rosa)) == 1
    return rosa


@pytest_asyncio.fixture
async def luis(counter: Counter, api: Api) -> Api:
    """Return the API of Luis, a clerk of Puno where somebody has filed, who looked a moment ago."""
    luis = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(await counter.register(), office_code="PUNO")
    assert len(await shown(luis)) == 1
    return luis


async def shown(person: Api) -> list[Any]:
    return (await person.data(PAGE))["tramites"]["edges"]


async def refused(person: Api, document: str = PAGE) -> str:
    [error] = (await person.post(document)).json()["errors"]
    return error["extensions"]["code"]


async def test_who_looks_again_is_shown_their_page_by_one_statement(rosa: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = Statements(monkeypatch)

    assert await statements.of(shown(rosa)) == 1
    assert len(await shown(rosa)) == 1


async def test_a_page_is_in_its_order_whether_or_not_its_reader_is_remembered(counter: Counter, rosa: Api) -> None:
    for _ in range(6):
        counter.clock.advance(seconds=1)
        await counter.file(rosa.viewer)
    remembered = await shown(rosa)

    recalling.forget_all()

    assert await shown(rosa) == remembered


async def test_who_has_nothing_to_see_is_shown_nothing(counter: Counter, api: Api) -> None:
    newcomer = await api.signed_in(counter)

    assert [await shown(newcomer) for _ in range(3)] == [[], [], []]


ENDINGS: dict[str, Callable[[Counter, Api], Awaitable[object]]] = {
    "ended": lambda counter, who: Session.filter(id=who.viewer.session_id).update(ended_at=counter.clock()),
    "of another token": lambda _, who: Session.filter(id=who.viewer.session_id).update(token_hash=b"\x00" * 32),
    "expired": lambda counter, who: Session.filter(id=who.viewer.session_id).update(expires_at=counter.clock()),
    "idle": lambda counter, who: Session.filter(id=who.viewer.session_id).update(idle_until=counter.clock()),
    "frozen": lambda counter, who: User.filter(id=who.viewer.user_id).update(frozen_at=counter.clock()),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("has_filed", [True, False])
async def test_whose_session_is_over_is_shown_nothing_at_once(
    counter: Counter, api: Api, ending: str, has_filed: bool
) -> None:
    person = await api.signed_in(counter)
    if has_filed:
        await counter.file(person.viewer)
    await shown(person)

    await ENDINGS[ending](counter, person)

    assert await refused(person) == await refused(person) == "NOT_SIGNED_IN"


async def test_whose_session_is_over_has_nothing_looked_for(counter: Counter, rosa: Api) -> None:
    await ENDINGS["ended"](counter, rosa)

    assert await refused(rosa, FOUND) == "NOT_SIGNED_IN"


async def test_whose_session_is_over_is_shown_nothing_if_the_proof_breaks_off(
    counter: Counter, rosa: Api, database: Database, database_server: DatabaseServer
) -> None:
    superuser = await asyncpg.connect(database_server.superuser_url(database.name))
    async with asyncio.timeout(PATIENCE), superuser.transaction():
        await superuser.execute("LOCK TABLE sessions")
        await superuser.execute("UPDATE sessions SET ended_at = $1", counter.clock())
        asking = asyncio.create_task(refused(rosa, FOUND))
        while not await superuser.fetch(BREAK_OFF):
            pass
    await superuser.close()

    assert await asking == "NOT_SIGNED_IN"


async def test_whose_session_is_over_is_charged_for_once_at_most(
    counter: Counter, rosa: Api, database: Database
) -> None:
    terms = replace(make_terms(points_per_minute=1), judging=0)
    async with in_process(counter, make_feed(database), terms=terms) as narrow:
        rosa = Api(narrow.http, rosa.token, rosa.viewer)
        await shown(rosa)

        await ENDINGS["ended"](counter, rosa)

        assert [await refused(rosa) for _ in range(2)] == ["COST_BUDGET_EXHAUSTED", "NOT_SIGNED_IN"]


async def test_whose_account_has_a_second_factor_by_now_must_show_it(counter: Counter, rosa: Api) -> None:
    await SecondFactor.create(user_id=rosa.viewer.user_id, seed="sealed", confirmed_at=counter.clock())

    assert await refused(rosa) == "SECOND_FACTOR_MISSING"


async def test_a_clerk_who_serves_an_office_no_more_is_not_shown_its_tramites(counter: Counter, luis: Api) -> None:
    await Post.filter(user_id=luis.viewer.user_id).update(office_id=(await Office.get(code="LIMA")).id)
    assert await shown(luis) == []

    number = (await counter.file(await counter.register(), office_code="LIMA")).number
    assert [edge["node"]["number"] for edge in await shown(luis)] == [number]


async def test_it_does_not_matter_in_which_order_offices_were_given(luis: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    puno = await Office.get(code="PUNO")
    await Post.create(user_id=luis.viewer.user_id, office=await Office.get(code="LIMA"))
    assert [len(await shown(luis)) for _ in range(3)] == [1, 1, 1]

    await Post.filter(user_id=luis.viewer.user_id, office=puno).delete()
    await Post.create(user_id=luis.viewer.user_id, office=puno)

    assert await Statements(monkeypatch).of(shown(luis)) == 1


@pytest.mark.parametrize("change", [{"role": Role.APPLICANT}, {"deactivated_at": True}])
async def test_who_is_no_clerk_any_more_is_shown_what_is_theirs(
    counter: Counter, luis: Api, change: dict[str, Any]
) -> None:
    at = {name: counter.clock() for name, value in change.items() if value is True}
    await User.filter(id=luis.viewer.user_id).update(**{**change, **at})

    assert await shown(luis) == await shown(luis) == []


async def test_that_a_session_is_in_use_is_noted_and_costs_two_statements_in_a_while(
    counter: Counter, rosa: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.clock.advance(seconds=NOTED_EVERY.total_seconds())
    await shown(rosa)

    session = await Session.get(id=rosa.viewer.session_id)
    statements = Statements(monkeypatch)
    assert session.last_seen_at == counter.clock()
    assert [await statements.of(shown(rosa)) for _ in range(3)] == [2, 1, 1]


async def test_only_so_much_is_remembered(counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalling, "MOST_REMEMBERED", 2)
    recalling.forget_all()
    people = [await api.signed_in(counter) for _ in range(3)]
    for person in people:
        await counter.file(person.viewer)
        await shown(person)

    statements = Statements(monkeypatch)

    assert [await statements.of(shown(person)) for person in reversed(people)] == [1, 1, 2]
