"""Lists that tell who others are leave a trace, once a page; lists of numbers, dates and offices leave none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from actions.tasks import open_task
from actions.transaction import tx
from models.register import ReadEntry
from rules.access import Role
from rules.reads import PLAIN_OF_TASK, PLAIN_OF_TRAMITE, ReadKind
from rules.tasks import TaskKind
from schema.tasks import Task
from schema.tramites import Tramite
from tests.api import Api

if TYPE_CHECKING:
    from models import tramites as rows
    from tests.counter import Counter


@pytest_asyncio.fixture
async def clerk(counter: Counter, api: Api) -> Api:
    return await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")


@pytest_asyncio.fixture
async def maria(counter: Counter, api: Api) -> Api:
    return await api.signed_in(counter)


@pytest_asyncio.fixture
async def filed(counter: Counter, maria: Api) -> list[rows.Tramite]:
    return [await counter.file(maria.viewer) for _ in range(3)]


async def traces() -> list[tuple[ReadKind, dict[str, Any]]]:
    return [(read.kind, read.detail) for read in await ReadEntry.all().order_by("sequence")]


def shown(field: str) -> str:
    return f"{{ {field} {{ edges {{ node {{ WHAT }} }} }} }}"


@pytest.mark.parametrize("field", ["tramites", "inbox"])
@pytest.mark.parametrize(
    "what",
    [
        "senderName",
        "subject",
        "number contact { email }",
        "organization { ruc }",
        "notes { text }",
        "observation",
        "attachments { name }",
        "...on Tramite { alias: senderName }",
    ],
)
async def test_a_page_that_tells_of_people_leaves_one_trace(
    clerk: Api, filed: list[rows.Tramite], field: str, what: str
) -> None:
    page = await clerk.data(shown(field).replace("WHAT", what))

    assert len(page[field]["edges"]) == 3
    [(kind, detail)] = await traces()
    assert (kind, detail["byPerson"]) == (ReadKind.TRAMITES, False)
    assert sorted(detail["ids"]) == sorted(str(tramite.id) for tramite in filed)


@pytest.mark.parametrize("field", ["tramites", "inbox"])
async def test_a_page_of_numbers_and_dates_leaves_none(clerk: Api, filed: list[rows.Tramite], field: str) -> None:
    page = await clerk.data(shown(field).replace("WHAT", "number status sentAt office { code }"))

    assert (len(page[field]["edges"]), await traces()) == (3, [])


async def test_a_page_of_ones_own_leaves_none(maria: Api, filed: list[rows.Tramite]) -> None:
    page = await maria.data(shown("tramites").replace("WHAT", "senderName contact { email }"))

    assert (len(page["tramites"]["edges"]), await traces()) == (3, [])


async def test_an_empty_page_leaves_none(clerk: Api) -> None:
    await clerk.data(shown("tramites").replace("WHAT", "senderName"))

    assert await traces() == []


@pytest.mark.parametrize(
    "what", ["person { fullName mobile }", "note", "tramite { number senderName }", "tramite { contact { mobile } }"]
)
async def test_tasks_that_tell_of_people_leave_one_trace(
    counter: Counter, clerk: Api, filed: list[rows.Tramite], what: str
) -> None:
    async with tx():
        for tramite in filed:
            await open_task(counter.tools, TaskKind.OBSERVATION_UNDELIVERED, tramite=tramite)

    await clerk.data(shown("tasks").replace("WHAT", "title tramite { number }"))
    assert await traces() == []
    page = await clerk.data(shown("tasks").replace("WHAT", f"id {what}"))

    [(kind, detail)] = await traces()
    assert (kind, detail["ids"]) == (ReadKind.TASKS, [edge["node"]["id"] for edge in page["tasks"]["edges"]])
    assert len(detail["ids"]) == 3


async def test_invitations_leave_a_trace(api: Api, counter: Counter) -> None:
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    invited = await administrator.mutate(
        "inviteStaff", email="nueva@example.pe", role="CLERK", officeCodes=["SEDE-CENTRAL"]
    )
    assert invited["__typename"] == "InviteStaffSuccess"

    await administrator.data("{ invitations { email } }")

    assert await traces() == [(ReadKind.PEOPLE, {"invitations": 1})]


def test_what_is_plain_is_a_field_there_is() -> None:
    def names(kind: type) -> set[str]:
        return {field.graphql_name or field.python_name for field in kind.__strawberry_definition__.fields}  # type: ignore[attr-defined]

    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(word.title() for word in rest)

    for kind, plain in ((Tramite, PLAIN_OF_TRAMITE), (Task, PLAIN_OF_TASK)):
        assert plain - {camel(name) for name in names(kind)} == {"__typename"}
