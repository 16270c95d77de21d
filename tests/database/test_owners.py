"""Owners of trámites: taken on, given, let go; known to staff only, and gone with a referral."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from actions import owners
from models.people import User
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.owners import OwnedByOther
from rules.register import Act
from tests.database.desk import HERE, THERE

if TYPE_CHECKING:
    from tests.api import Api
    from tests.database.desk import Desk
    from tests.servers.postgres import Database

NAME = "María de los Ángeles Ñaupari Quispe"


async def owner_id(desk: Desk) -> object:
    return (await Tramite.get(id=desk.tramite["id"])).owner_id


async def test_a_clerk_takes_a_tramite_on_and_lets_it_go(desk: Desk) -> None:
    taken = await desk.do(desk.clerk, "takeTramite")
    again = await desk.do(desk.clerk, "takeTramite")
    released = await desk.do(desk.clerk, "releaseTramite")

    assert taken["owner"] == again["owner"] == {"fullName": NAME, "role": "CLERK"}
    assert released["owner"] is None
    me = str(desk.clerk.viewer.user_id)
    assert [entry.detail for entry in await Entry.filter(act=Act.OWNER_CHANGED).order_by("sequence")] == [
        {"before": None, "after": me},
        {"before": me, "after": None},
    ]


async def test_what_somebody_has_is_given_away_by_them_or_a_supervisor_only(desk: Desk) -> None:
    other, supervisor = await desk.person(Role.CLERK, HERE), await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "takeTramite")

    for name in ("takeTramite", "releaseTramite", "assignTramite"):
        given = {"userId": str(other.viewer.user_id)} if name == "assignTramite" else {}
        answer = await desk.refused(other, name, **given)
        assert (answer["__typename"], answer["code"]) == ("NotAllowed", "OWNED_BY_OTHER")

    await desk.do(supervisor, "assignTramite", userId=str(other.viewer.user_id))
    assert await owner_id(desk) == other.viewer.user_id
    await desk.do(other, "assignTramite", userId=str(desk.clerk.viewer.user_id))
    assert await owner_id(desk) == desk.clerk.viewer.user_id
    await desk.do(supervisor, "releaseTramite")
    assert await owner_id(desk) is None


@pytest.mark.parametrize(
    ("role", "office"),
    [
        (Role.CLERK, THERE),
        (Role.CLERK, None),
        (Role.APPLICANT, None),
        (Role.AUDITOR, HERE),
        (Role.ADMINISTRATOR, HERE),
    ],
)
async def test_only_staff_of_its_office_can_own_it(desk: Desk, role: Role, office: str | None) -> None:
    other = await desk.person(role, office)

    answer = await desk.refused(desk.clerk, "assignTramite", userId=str(other.viewer.user_id))

    assert (answer["__typename"], answer["code"], answer["path"]) == (
        "InvalidInput",
        "NOT_OF_ITS_OFFICE",
        ["input", "userId"],
    )


async def test_neither_strangers_nor_frozen_people_nor_its_applicant_can_own_it(desk: Desk) -> None:
    frozen, own = await desk.person(Role.CLERK, HERE), await desk.person(Role.CLERK, HERE)
    await User.filter(id=frozen.viewer.user_id).update(frozen_at=desk.counter.clock())
    await Tramite.filter(id=desk.tramite["id"]).update(applicant_id=own.viewer.user_id)

    for user_id in (uuid4(), frozen.viewer.user_id, own.viewer.user_id):
        answer = await desk.refused(desk.clerk, "assignTramite", userId=str(user_id))
        assert answer["code"] == "NOT_OF_ITS_OFFICE"


async def test_a_referral_releases_the_owner(desk: Desk) -> None:
    await desk.do(desk.clerk, "takeTramite")

    await desk.do(desk.clerk, "referTramite", officeCode=THERE)

    assert await owner_id(desk) is None


async def test_an_applicant_who_sends_it_elsewhere_takes_it_from_its_owner(desk: Desk) -> None:
    await desk.do(desk.clerk, "takeTramite")
    await desk.do(desk.maria, "updateTramite", folios=4)
    kept = await owner_id(desk)

    await desk.do(desk.maria, "updateTramite", officeCode=THERE)

    assert (kept, await owner_id(desk)) == (desk.clerk.viewer.user_id, None)


async def test_the_owner_is_shown_to_staff_and_never_to_the_applicant(desk: Desk) -> None:
    await desk.do(desk.clerk, "takeTramite")
    people = {
        "applicant": desk.maria,
        "clerk": await desk.person(Role.CLERK, HERE),
        "supervisor elsewhere": await desk.person(Role.SUPERVISOR, THERE),
        "auditor": await desk.person(Role.AUDITOR, None),
    }

    shown = {name: await desk.seen(person) for name, person in people.items()}

    told = {name: each["owner"] is not None for name, each in shown.items()}
    acts = {name: [act["act"] for act in each["history"]] for name, each in shown.items()}
    assert told == {"applicant": False, "clerk": True, "supervisor elsewhere": True, "auditor": True}
    assert acts.pop("applicant") == ["FILED"]
    assert set(map(tuple, acts.values())) == {("FILED", "OWNER_CHANGED")}


async def test_staff_do_not_learn_who_owns_what_they_filed_themselves(desk: Desk) -> None:
    await desk.do(desk.clerk, "takeTramite")
    own = await desk.person(Role.SUPERVISOR, HERE)
    await Tramite.filter(id=desk.tramite["id"]).update(applicant_id=own.viewer.user_id)

    shown = await desk.seen(own)

    assert (shown["owner"], [act["act"] for act in shown["history"]]) == (None, ["FILED"])


async def test_a_short_history_does_not_betray_how_much_is_hidden(desk: Desk) -> None:
    await desk.do(desk.clerk, "takeTramite")
    await desk.do(desk.clerk, "addNote", text="Nota.")

    answer = await desk.maria.data(
        "query($n: String!) { tramite(number: $n) { history(last: 1) { act } } }", n=desk.tramite["number"]
    )

    assert answer["tramite"]["history"] == [{"act": "FILED"}]


async def test_of_two_who_take_it_at_once_one_has_it(desk: Desk) -> None:
    clerks = [desk.clerk.viewer, (await desk.person(Role.CLERK, HERE)).viewer]
    id_ = (await Tramite.get(number=desk.tramite["number"])).id

    answers = await asyncio.gather(
        *(owners.take_tramite(desk.counter.tools, clerk, id_) for clerk in clerks), return_exceptions=True
    )

    assert [isinstance(answer, OwnedByOther) for answer in answers].count(True) == 1
    assert await Entry.filter(act=Act.OWNER_CHANGED).count() == 1


COLLEAGUES = "query($office: String!) { colleagues(officeCode: $office) { userId role } }"


@pytest.mark.parametrize(
    ("role", "office", "sees"),
    [
        (Role.CLERK, HERE, True),
        (Role.SUPERVISOR, HERE, True),
        (Role.CLERK, THERE, False),
        (Role.SUPERVISOR, THERE, False),
        (Role.AUDITOR, HERE, False),
        (Role.ADMINISTRATOR, HERE, False),
        (Role.APPLICANT, None, False),
    ],
)
async def test_those_who_attend_in_an_office_see_who_else_does(
    desk: Desk, role: Role, office: str | None, sees: bool
) -> None:
    person: Api = await desk.person(role, office)

    found: list[Any] = (await person.data(COLLEAGUES, office=HERE))["colleagues"]

    expected = {str(desk.clerk.viewer.user_id), str(person.viewer.user_id)} if sees else set[str]()
    assert {each["userId"] for each in found} == expected


async def test_who_is_given_a_tramite_while_they_leave_does_not_get_it(desk: Desk, database: Database) -> None:
    """The person is locked before the trámite, as by who deactivates them: otherwise each waits for the other."""
    colleague = (await desk.person(Role.CLERK, HERE)).viewer.user_id
    await Tramite.filter(id=desk.tramite["id"]).update(owner_id=colleague)
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    first = await asyncpg.connect(database.owner_url)
    async with first.transaction():
        await first.execute("UPDATE users SET deactivated_at = now() WHERE id = $1", colleague)
        giving = asyncio.create_task(supervisor.mutate("assignTramite", id=desk.tramite["id"], userId=str(colleague)))
        await database.until_somebody_waits(unless=giving)
        await first.execute("UPDATE tramites SET owner_id = NULL WHERE owner_id = $1", colleague)
    await first.close()

    assert (await giving)["code"] == "NOT_OF_ITS_OFFICE"
    assert (await Tramite.get(id=desk.tramite["id"])).owner_id is None
