"""Who begins to follow is shown things as who they are when it has begun."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
import strawberry

from resolvers.engine.errors import ErrorPresenter, RequestError
from resolvers.engine.execution import Asked, Execution
from resolvers.engine.following import Patience
from resolvers.engine.hosting import Host, House
from resolvers.engine.hub import Hub
from resolvers.engine.places import Places
from tests.unit.resolvers.followers import Log

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

LOG = Log(random.Random(1))


@dataclass
class Person:
    """Who holds a session, each time that it is asked."""

    holders: list[str | None]
    now: str | None = None


@strawberry.type
class Query:
    """What can be asked here."""

    one: int = 1


@strawberry.type
class Subscription:
    """What can be followed here."""

    @strawberry.subscription
    async def numbers(self, info: strawberry.Info[Person, None]) -> AsyncGenerator[int, None]:
        """Follow, if somebody is there."""
        if info.context.now is None:
            raise PermissionError
        return cast("AsyncGenerator[int, None]", LOG.following(0))


def house(*, fresh: float) -> House:
    async def holder(person: Person) -> str | None:
        person.now = person.holders.pop(0)
        return person.now

    async def greet(_context: Any, _introduced: dict[str, Any] | None) -> None:
        return None

    def context(_connection: HTTPConnection) -> Person:
        return Person([])

    execution = Execution(strawberry.Schema(Query, subscription=Subscription), ErrorPresenter(lambda _: None, str))
    hub = Hub(LOG, patience=Patience(fresh=fresh))
    return House(execution, hub, Places(), Host(context, greet, holder))


@pytest.mark.parametrize(
    ("fresh", "holders", "expected"),
    [(60, ["clerk-1"], "clerk-1"), (0, ["clerk-1"] * 2, "clerk-1"), (0, ["auditor-1"] + ["clerk-1"] * 2, "clerk-1")],
    ids=["at once", "after long", "another by then"],
)
async def test_who_has_begun_is_who_holds_the_session_by_then(
    fresh: float, holders: list[str | None], expected: str
) -> None:
    person = Person(holders)

    found, _ = await house(fresh=fresh).begin(Asked("subscription { numbers }"), person)

    assert (found, person.holders) == (expected, [])


async def test_whose_session_ends_while_it_begins_is_refused() -> None:
    with pytest.raises(RequestError):
        await house(fresh=0).begin(Asked("subscription { numbers }"), Person(["clerk-1", None]))
