"""Templates: written by supervisors, used by clerks, kept in every version."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions.templates import TemplateForm, save_template
from models.desk import Template, TemplateVersion
from models.register import Entry
from rules.access import Role
from rules.register import Act
from rules.templates import TemplateChanged, TemplateKind
from tests.database.desk import HERE, THERE, record

if TYPE_CHECKING:
    from tests.api import Api
    from tests.database.desk import Desk

LIST = """query($first: Int! = 20, $after: String, $kind: TemplateKind, $withRetired: Boolean! = false) {
    templates(first: $first, after: $after, kind: $kind, withRetired: $withRetired) {
        edges { cursor node { title version retiredAt } } pageInfo { hasNextPage endCursor } } }"""
TEMPLATE = (
    "template { id kind version title text office { code } retiredAt versions { version text savedBy { role } } }"
)


async def save(by: Api, **given: Any) -> dict[str, Any]:
    asked = {"kind": "OBSERVATION_POINT", "title": "Firma", "text": "Falta la firma.", **given}
    return await by.mutate("saveTemplate", TEMPLATE, **asked)


async def titles(by: Api, **arguments: Any) -> list[str]:
    return [edge["node"]["title"] for edge in (await by.data(LIST, **arguments))["templates"]["edges"]]


async def test_a_template_keeps_all_its_versions(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    first = (await save(supervisor))["template"]

    second = await save(supervisor, id=first["id"], text="Falta firmar la solicitud.", officeCode=THERE)

    assert second["template"] == {
        "id": first["id"],
        "kind": "OBSERVATION_POINT",
        "version": 2,
        "title": "Firma",
        "text": "Falta firmar la solicitud.",
        "office": {"code": THERE},
        "retiredAt": None,
        "versions": [
            {"version": 1, "text": "Falta la firma.", "savedBy": {"role": "SUPERVISOR"}},
            {"version": 2, "text": "Falta firmar la solicitud.", "savedBy": {"role": "SUPERVISOR"}},
        ],
    }
    entries = await Entry.filter(act=Act.TEMPLATE_SAVED).order_by("sequence")
    assert [(entry.actor_id, entry.detail["version"], entry.text) for entry in entries] == [
        (supervisor.viewer.user_id, 1, None),
        (supervisor.viewer.user_id, 2, None),
    ]


async def test_a_retired_template_is_offered_no_more_and_stays(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    kept = (await save(supervisor))["template"]
    desk.counter.clock.advance(minutes=1)

    answers = [await supervisor.mutate("retireTemplate", TEMPLATE, id=kept["id"]) for _ in range(2)]

    assert {answer["template"]["retiredAt"] for answer in answers} == {"2026-03-09T15:01:00+00:00"}
    assert await Entry.filter(act=Act.TEMPLATE_RETIRED).count() == 1
    assert (await titles(supervisor), await titles(desk.clerk, withRetired=True)) == ([], [])
    assert await titles(supervisor, withRetired=True) == ["Firma"]
    before = await record()
    again = await save(supervisor, id=kept["id"])
    assert (again["__typename"], again["code"]) == ("Conflict", "TEMPLATE_RETIRED")
    assert await record() == before


async def test_clerks_are_offered_what_is_for_all_and_for_their_offices(desk: Desk) -> None:
    supervisor, auditor = await desk.person(Role.SUPERVISOR, THERE), await desk.person(Role.AUDITOR, None)
    for title, office in (("C para todas", None), ("B de aquí", HERE), ("A de allá", THERE)):
        await save(supervisor, title=title, officeCode=office)
    await save(supervisor, title="Respuesta", kind="ANSWER")

    assert await titles(desk.clerk) == ["B de aquí", "C para todas", "Respuesta"]
    assert await titles(desk.clerk, kind="ANSWER") == ["Respuesta"]
    for person in (supervisor, auditor):
        assert await titles(person) == ["A de allá", "B de aquí", "C para todas", "Respuesta"]
    for person in (desk.maria, await desk.person(Role.ADMINISTRATOR, None)):
        assert await titles(person, withRetired=True) == []


async def test_pages_go_by_title_and_end(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    for title in ("C", "A", "B", "A"):
        await save(supervisor, title=title)
    found, after = list[str](), None
    while True:
        page = (await desk.clerk.data(LIST, first=3, after=after))["templates"]
        found += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert found == ["A", "A", "B", "C"]
    for arguments, code in (({"first": 0}, "PAGE_SIZE"), ({"after": "?"}, "UNKNOWN_CURSOR")):
        answer = await desk.clerk.answer(LIST, **arguments)
        assert answer["errors"][0]["extensions"]["code"] == code
    strange = await desk.clerk.answer(LIST, after=str(uuid4()))
    assert strange["errors"][0]["extensions"]["code"] == "UNKNOWN_CURSOR"


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.ADMINISTRATOR, Role.APPLICANT])
async def test_only_supervisors_edit_templates(desk: Desk, role: Role) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    kept = (await save(supervisor))["template"]["id"]
    person = desk.maria if role is Role.APPLICANT else await desk.person(role, HERE)
    before = await record()

    answers = [
        await save(person),
        await save(person, id=kept, text="Otra cosa."),
        await save(person, id=str(uuid4())),
        await person.mutate("retireTemplate", id=kept),
    ]

    assert {(each["__typename"], each["code"]) for each in answers} == {("NotAllowed", "NOT_YOUR_DUTY")}
    assert await record() == before


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"title": " "}, "TEXT_MISSING", ["input", "title"]),
        ({"title": "x" * 121}, "TEXT_TOO_LONG", ["input", "title"]),
        ({"text": "x" * 501}, "TEXT_TOO_LONG", ["input", "text"]),
        ({"kind": "ANSWER", "text": "x" * 4001}, "TEXT_TOO_LONG", ["input", "text"]),
        ({"officeCode": "LUNA"}, "OFFICE_UNKNOWN", ["input", "officeCode"]),
        ({"id": str(uuid4())}, "TEMPLATE_NOT_FOUND", ["input", "id"]),
    ],
)
async def test_what_is_no_template_is_refused_by_its_field(
    desk: Desk, given: dict[str, Any], code: str, path: list[str]
) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    before = await record()

    answer = await save(supervisor, **given)

    assert (answer["code"], answer["path"]) == (code, path)
    assert await record() == before


async def test_of_two_who_change_a_version_at_once_the_second_is_told(desk: Desk) -> None:
    viewer = (await desk.person(Role.SUPERVISOR, HERE)).viewer
    form = TemplateForm(TemplateKind.ANSWER, "Copia", "Se entregó la copia.")
    kept = await save_template(desk.counter.tools, viewer, form)

    answers = await asyncio.gather(
        *(save_template(desk.counter.tools, viewer, form, template_id=kept.id, expected_version=1) for _ in range(2)),
        return_exceptions=True,
    )

    assert [isinstance(answer, TemplateChanged) for answer in answers].count(True) == 1
    assert await TemplateVersion.filter(template_id=kept.id).count() == (await Template.get(id=kept.id)).version == 2
