"""Tasks for the desk through the API: who sees which, who closes them, and what closing brings about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import bounces
from actions.tasks import open_task
from actions.transaction import tx
from models.bounces import BouncedAddress
from models.people import User
from models.receipts import Notice
from models.register import Entry
from models.tasks import Task
from models.tramites import Tramite
from reading import tasks as reading
from rules.access import Right, Role, may
from rules.register import Act
from rules.tasks import NOTE_MAX_LENGTH, TaskKind
from tests.api import Api
from tests.statements import Statements
from tests.words import said_with

if TYPE_CHECKING:
    from tests.counter import Counter

LIST = """query($first: Int! = 20, $after: String, $kind: TaskKind) {
    tasks(first: $first, after: $after, kind: $kind) {
        edges { cursor node {
            id kind title toDo openedAt closedAt note tramite { number } person { fullName identityNumber mobile } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def lay_before(
    counter: Counter,
    kind: TaskKind = TaskKind.ADDRESS_BOUNCED,
    *,
    tramite: Tramite | None = None,
    user: User | None = None,
    **detail: Any,
) -> Task:
    """Open a task about a trámite or an account."""
    async with tx():
        await open_task(counter.tools, kind, tramite=tramite, user=user, detail=detail)
    found = await Task.filter(kind=kind, tramite=tramite, user=user, done_at__isnull=True).first()
    assert found is not None
    return found


async def listed(api: Api, **arguments: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await api.data(LIST, **arguments))["tasks"]["edges"]]


async def test_the_list_shows_exactly_what_may_be_seen_and_what_may_be_closed_is_closed(
    api: Api, counter: Counter
) -> None:
    maria = await counter.register()
    staff = {
        (role, office): await api.signed_in(
            counter, role=role, office=office, identity_number=f"2000000{place}", email=f"staff{place}@example.pe"
        )
        for place, (role, office) in enumerate(
            [
                (Role.APPLICANT, None),
                (Role.CLERK, "SEDE-CENTRAL"),
                (Role.CLERK, "CUSCO"),
                (Role.SUPERVISOR, None),
                (Role.ADMINISTRATOR, None),
                (Role.AUDITOR, None),
            ]
        )
    }
    for code in ("SEDE-CENTRAL", "CUSCO"):
        await lay_before(counter, tramite=await counter.file(maria, office_code=code))
        for person in staff.values():
            await lay_before(counter, tramite=await counter.file(person.viewer, office_code=code))
    for person in [maria, *(person.viewer for person in staff.values())]:
        await lay_before(counter, user=await User.get(id=person.user_id))

    for (role, _), person in staff.items():
        shown = {node["id"] for node in await listed(person, first=100)}
        tasks = await Task.all().select_related("tramite")
        stands = {str(task.id): reading.relation(person.viewer, task) for task in tasks}
        assert shown == {id_ for id_, relation in stands.items() if may(role, Right.SEE_TASKS, relation)}
    expected = {Role.APPLICANT: 0, Role.CLERK: 6 + 6, Role.SUPERVISOR: 12 + 6, Role.ADMINISTRATOR: 0, Role.AUDITOR: 18}
    found = {role: len(await listed(person, first=100)) for (role, _), person in staff.items()}
    assert found == expected


async def test_a_task_says_in_spanish_why_and_what_to_do(api: Api, counter: Counter) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    maria = await counter.register()
    tramite = await counter.file(maria)
    await lay_before(counter, tramite=tramite)
    counter.clock.advance(minutes=1)
    await lay_before(counter, user=await User.get(id=maria.user_id))

    about_tramite, about_account = await listed(clerk)

    assert about_tramite["title"] == "El correo de una persona ya no recibe mensajes"
    assert "por otro medio" in about_tramite["toDo"]
    assert (about_tramite["tramite"], about_tramite["person"]) == ({"number": tramite.number}, None)
    assert about_tramite["openedAt"] == "2026-03-09T15:00:00+00:00"
    assert (about_account["tramite"], about_account["person"]["mobile"]) == (None, "+51987654321")


async def test_pages_hold_while_tasks_come_and_go(api: Api, counter: Counter) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    maria = await counter.register()
    opened = [await lay_before(counter, tramite=await counter.file(maria)) for _ in range(5)]
    first = (await clerk.data(LIST, first=2))["tasks"]
    await clerk.mutate("closeTask", id=first["edges"][1]["node"]["id"], note="Le avisé por teléfono.")
    counter.clock.advance(minutes=1)
    opened.append(await lay_before(counter, tramite=await counter.file(maria)))

    rest = (await clerk.data(LIST, first=100, after=first["pageInfo"]["endCursor"]))["tasks"]

    seen = [edge["node"]["id"] for edge in [*first["edges"], *rest["edges"]]]
    assert sorted(seen) == sorted(str(task.id) for task in opened)
    assert len(seen) == len(set(seen))
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_only_tasks_of_one_kind_are_listed_when_asked_for(api: Api, counter: Counter) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(await counter.register())
    for kind in TaskKind:
        await lay_before(counter, kind, tramite=tramite)

    assert [node["kind"] for node in await listed(clerk, kind="RECEIPT_UNDELIVERED")] == ["RECEIPT_UNDELIVERED"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"first": 0}, "PAGE_SIZE"), ({"first": 101}, "PAGE_SIZE"), ({"after": "x"}, "UNKNOWN_CURSOR")],
)
async def test_pages_are_bounded(api: Api, counter: Counter, arguments: dict[str, Any], code: str) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")

    answer = await clerk.answer(LIST, **arguments)

    assert answer["errors"][0]["extensions"]["code"] == code


async def test_nobody_lists_tasks_without_signing_in(api: Api) -> None:
    assert (await api.answer(LIST))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_the_list_costs_as_many_queries_for_three_tasks_as_for_one(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    maria = await counter.register()
    statements, counts = Statements(monkeypatch), list[int]()
    for _ in range(2):
        await lay_before(counter, tramite=await counter.file(maria))
        statements.count = 0
        await listed(clerk)
        counts.append(statements.count)
        await lay_before(counter, tramite=await counter.file(maria))

    assert counts == [3, 2], "who asks, unless it is remembered, the tasks, and the trace of them"


async def test_closing_a_task_keeps_what_was_done_and_by_whom(api: Api, counter: Counter) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    task = await lay_before(counter, tramite=await counter.file(await counter.register()))
    counter.clock.advance(minutes=5)

    answer = await clerk.mutate(
        "closeTask", "task { closedAt note kind }", id=str(task.id), note="  Le avisé por teléfono.  "
    )

    assert answer["task"] == {
        "closedAt": "2026-03-09T15:05:00+00:00",
        "note": "Le avisé por teléfono.",
        "kind": "ADDRESS_BOUNCED",
    }
    assert await listed(clerk) == []
    assert (await Task.get(id=task.id)).done_by_id == clerk.viewer.user_id
    entry = await Entry.filter(act=Act.TASK_CLOSED).get()
    assert (entry.actor_id, entry.tramite_id, await said_with(entry), entry.detail["task"]) == (
        clerk.viewer.user_id,
        None,
        None,
        str(task.id),
    )


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ((Role.CLERK, "CUSCO"), "TASK_NOT_FOUND"),
        ((Role.APPLICANT, None), "TASK_NOT_FOUND"),
        ((Role.ADMINISTRATOR, None), "TASK_NOT_FOUND"),
        ((Role.AUDITOR, None), "NOT_YOUR_TASK"),
        ((Role.SUPERVISOR, None), None),
    ],
)
async def test_a_task_is_closed_by_whom_it_concerns(
    api: Api, counter: Counter, who: tuple[Role, str | None], code: str | None
) -> None:
    person = await api.signed_in(counter, role=who[0], office=who[1])
    task = await lay_before(counter, tramite=await counter.file(await counter.register()))

    answer = await person.mutate("closeTask", id=str(task.id), note="Listo.")

    assert answer.get("code") == code
    assert ((await Task.get(id=task.id)).done_at is None) is (code is not None)


async def test_a_task_about_ones_own_tramite_or_account_is_as_if_it_did_not_exist(api: Api, counter: Counter) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    own = [
        await lay_before(counter, tramite=await counter.file(clerk.viewer)),
        await lay_before(counter, user=await User.get(id=clerk.viewer.user_id)),
    ]

    answers = [await clerk.mutate("closeTask", id=str(task.id), note="Listo.") for task in own]

    assert [answer["code"] for answer in answers] == ["TASK_NOT_FOUND", "TASK_NOT_FOUND"]
    assert await listed(clerk) == []


@pytest.mark.parametrize(
    ("note", "code"),
    [("", "TEXT_MISSING"), ("  \n", "TEXT_MISSING"), ("x" * (NOTE_MAX_LENGTH + 1), "TEXT_TOO_LONG")],
)
async def test_a_task_is_not_closed_without_a_note(api: Api, counter: Counter, note: str, code: str) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    task = await lay_before(counter, tramite=await counter.file(await counter.register()))

    refused = await clerk.mutate("closeTask", id=str(task.id), note=note)
    accepted = await clerk.mutate("closeTask", id=str(task.id), note="x" * NOTE_MAX_LENGTH)

    assert (refused["code"], refused["path"]) == (code, ["input", "note"])
    assert accepted["__typename"] == "CloseTaskSuccess"


async def test_a_closed_or_unknown_task_is_not_closed_again(api: Api, counter: Counter) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    task = await lay_before(counter, tramite=await counter.file(await counter.register()))
    await clerk.mutate("closeTask", id=str(task.id), note="Listo.")

    again = await clerk.mutate("closeTask", id=str(task.id), note="Otra cosa.")
    unknown = await clerk.mutate("closeTask", id=str(uuid4()), note="Listo.")

    assert (again["code"], unknown["code"]) == ("TASK_CLOSED", "TASK_NOT_FOUND")
    assert (await Task.get(id=task.id)).note == "Listo."
    assert await Entry.filter(act=Act.TASK_CLOSED).count() == 1


@pytest.mark.parametrize(
    ("kind", "resumes", "is_lifted"),
    [
        (TaskKind.ADDRESS_BOUNCED, True, True),
        (TaskKind.ADDRESS_BOUNCED, False, False),
        (TaskKind.RECEIPT_UNDELIVERED, True, False),
    ],
)
async def test_notices_go_again_to_an_address_that_somebody_vouches_for(
    api: Api, counter: Counter, kind: TaskKind, resumes: bool, is_lifted: bool
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(await counter.register())
    notice = await Notice.get(tramite_id=tramite.id)
    assert notice.address is not None
    await BouncedAddress.create(
        address=notice.address,
        status="5.1.1",
        notice=notice,
        marked_at=counter.clock(),
        expires_at=counter.clock() + timedelta(days=9),
    )
    task = await lay_before(counter, kind, tramite=tramite, notice=str(notice.id))

    await clerk.mutate("closeTask", id=str(task.id), note="Dice que funciona.", resumeNotices=resumes)

    assert await bounces.has_bounced(notice.address, at=counter.clock()) is not is_lifted
