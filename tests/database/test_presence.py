"""Who else is looking at a trámite now: told by one process to another, and forgotten within a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from actions.presence import forget_viewings
from actions.transaction import database as connected_database
from rules.access import Role
from tests.api import Api, in_process, make_feed
from tests.counter import Counter
from tests.database.desk import HERE, THERE, record

if TYPE_CHECKING:
    from tests.database.desk import Desk
    from tests.servers.postgres import Database


async def look(desk: Desk, by: Api, **given: Any) -> list[str]:
    answer = await by.mutate("lookAt", "viewers { userId }", id=desk.tramite["id"], **given)
    assert answer["__typename"] == "LookAtSuccess", answer
    return [viewer["userId"] for viewer in answer["viewers"]]


def id_of(person: Api) -> str:
    return str(person.viewer.user_id)


async def rows() -> int:
    return (await connected_database().execute_query_dict("SELECT count(*) AS n FROM viewings"))[0]["n"]


async def test_each_is_told_who_else_is_looking_whichever_process_serves_them(desk: Desk, database: Database) -> None:
    other = await desk.person(Role.SUPERVISOR, HERE)
    second = Counter(desk.counter.tools, desk.counter.clock)
    before = await record()

    alone = await look(desk, desk.clerk)
    async with in_process(second, make_feed(database)) as another_process:
        seen = await look(desk, Api(another_process.http, other.token, other.known_viewer))
    back = await look(desk, desk.clerk)

    assert (alone, seen, back) == ([], [id_of(desk.clerk)], [id_of(other)])
    assert await record() == before


async def test_who_stops_saying_so_is_gone_after_a_minute(desk: Desk) -> None:
    other = await desk.person(Role.CLERK, HERE)
    await look(desk, other)
    desk.counter.clock.advance(seconds=59)
    at_last = await look(desk, desk.clerk)

    desk.counter.clock.advance(seconds=1)

    assert (at_last, await look(desk, desk.clerk)) == ([id_of(other)], [])


async def test_who_leaves_is_gone_at_once(desk: Desk) -> None:
    other = await desk.person(Role.CLERK, HERE)
    await look(desk, other)

    assert await look(desk, other, isLeaving=True) == []

    assert await look(desk, desk.clerk) == []


async def test_looking_again_keeps_one_row_which_the_round_removes(desk: Desk) -> None:
    for _ in range(3):
        await look(desk, desk.clerk)
    kept = await rows()

    assert await forget_viewings(desk.counter.tools) == 0
    desk.counter.clock.advance(seconds=60)
    assert await forget_viewings(desk.counter.tools) == 1

    assert (kept, await rows()) == (1, 0)


@pytest.mark.parametrize(
    ("role", "office", "refusal"),
    [
        (Role.CLERK, THERE, "NotFound"),
        (Role.APPLICANT, None, "NotFound"),
        (Role.ADMINISTRATOR, HERE, "NotFound"),
        (Role.SUPERVISOR, THERE, "NotAllowed"),
        (Role.AUDITOR, HERE, "NotAllowed"),
    ],
)
async def test_nobody_else_looks_or_is_told(desk: Desk, role: Role, office: str | None, refusal: str) -> None:
    await look(desk, desk.clerk)
    person = await desk.person(role, office)

    for who in (person, desk.maria):
        answer = await who.mutate("lookAt", "viewers { userId }", id=desk.tramite["id"])
        assert answer["__typename"] == ("NotAllowed" if who is desk.maria else refusal)

    assert await rows() == 1
