"""Offices, the calendar and the counter's policy, and what is told of their changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import counter_policy, offices
from actions.service_tokens import TokenForm, create_service_token
from models.catalogue import Office
from models.counter_policy import PolicyVersion
from reading.administration import decided_now
from reading.policies import policy_book
from rules.access import Role
from rules.counter_policy import PolicyForm
from rules.service_tokens import Scope
from tests.matrix.asking import Fields, mutation, query
from tests.matrix.world import NO_ID, Thing

if TYPE_CHECKING:
    from tests.matrix.world import Person, World

_numbers = count(1)


async def office(world: World, _person: Person, _relation: int) -> Thing:
    """Return an office that was just added, with its version and those of the list and the calendar."""
    administrator = replace(world.colleague, role=Role.ADMINISTRATOR)
    code = f"NUEVA-{next(_numbers)}"
    form = offices.OfficeForm(code=code, name=f"Oficina {code}", opens_at="08:00", closes_at="16:00")
    added = await offices.add_office(world.counter.tools, administrator, form)
    all_codes = await Office.all().order_by("position", "code").values_list("code", flat=True)
    versions = {"version": f"{added.revision}", "calendar": (await decided_now()).latest.calendar_name}
    return Thing(NO_ID, more={"code": code, "codes": " ".join(str(each) for each in all_codes), **versions})


async def retired(world: World, person: Person, relation: int) -> Thing:
    """Return an office that was just retired."""
    it = await office(world, person, relation)
    administrator = replace(world.colleague, role=Role.ADMINISTRATOR)
    row = await offices.retire_office(
        world.counter.tools, administrator, it["code"], expected_version=int(it["version"])
    )
    return replace(it, more={**it.more, "version": f"{row.revision}"})


async def policy(world: World, _person: Person, _relation: int) -> Thing:
    """Return the latest version of the policy, which somebody has just made."""
    administrator = replace(world.colleague, role=Role.ADMINISTRATOR)
    latest = (await policy_book()).number
    days = 31 + await PolicyVersion.all().count()
    row = await counter_policy.change_policy(
        world.counter.tools, administrator, PolicyForm(draft_days=days), from_on=None, expected_version=latest
    )
    return Thing(NO_ID, marks=(f'"{days}"',), more={"version": f"{row.number}"})


async def first_calendar(_world: World, _person: Person, _relation: int) -> Thing:
    """Return the first version of the calendar."""
    return Thing(NO_ID, marks=("Calendario inicial",))


async def named(world: World, person: Person, relation: int) -> Thing:
    """Return a change of an office in the register."""
    it = await office(world, person, relation)
    return replace(it, marks=(it["code"],))


async def service_token(world: World, _person: Person, _relation: int) -> Thing:
    """Return a service token that holds."""
    await world.forgive()
    ana = await world.counter.register(role=Role.ADMINISTRATOR)
    form = TokenForm(name=f"Tablero {uuid4()}", scopes=[Scope.STATUS], all_offices=True)
    made = await create_service_token(world.counter.tools, ana, form, client_key=uuid4())
    return Thing(made.row.id, (str(made.row.id), made.row.name))


@query("serviceTokens", about=service_token)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { id name } } }"


@mutation("createServiceToken")
def _(_it: Thing) -> Fields:
    return {"clientKey": str(uuid4()), "name": "Tablero", "scopes": ["STATUS"], "allOffices": True}


@mutation("revokeServiceToken", about=service_token)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@query("administration")
def _(_it: Thing) -> str:
    return " { officesVersion }"


@query("calendarVersions", about=first_calendar)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { change } } }"


@query("policyVersions", about=policy)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { changes { value } } } }"


@query("administrationChanges", about=named)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { details { value } } } }"


@mutation("addOffice", about=office)
def _(it: Thing) -> Fields:
    return {"code": f"{it['code']}-B", "name": "Otra", "opensAt": "08:00", "closesAt": "16:00"}


@mutation("renameOffice", about=office)
def _(it: Thing) -> Fields:
    return {"code": it["code"], "name": "Otro nombre", "expectedVersion": int(it["version"])}


@mutation("retireOffice", about=office)
def _(it: Thing) -> Fields:
    return {"code": it["code"], "expectedVersion": int(it["version"])}


@mutation("reopenOffice", about=retired)
def _(it: Thing) -> Fields:
    return {"code": it["code"], "expectedVersion": int(it["version"])}


@mutation("reorderOffices", about=office)
def _(it: Thing) -> Fields:
    return {"codes": it["codes"].split()[::-1], "expectedVersion": int(it["version"])}


@mutation("changeHours", about=office)
def _(it: Thing) -> Fields:
    hours = {"opensAt": "09:00", "closesAt": "12:00", "fromOn": "2090-01-02"}
    return {"officeCode": it["code"], "expectedVersion": it["calendar"], **hours}


@mutation("changeFilingPolicy", about=office)
def _(it: Thing) -> Fields:
    return {"policy": "B", "fromOn": "2090-01-02", "expectedVersion": it["calendar"]}


@mutation("declareDays", about=office)
def _(it: Thing) -> Fields:
    day = {"day": "2090-01-03", "name": "Aniversario", "source": "Ordenanza", "officeCode": it["code"]}
    return {"days": [day], "expectedVersion": it["calendar"]}


@mutation("importDays", about=office)
def _(it: Thing) -> Fields:
    line = f"2090-01-04,Aniversario,Ordenanza,{it['code']}"
    return {"csv": f"date,name,source,office\n{line}\n", "expectedVersion": it["calendar"]}


@mutation("changeCounterPolicy", about=policy)
def _(it: Thing) -> Fields:
    return {"draftsEach": 19, "expectedVersion": int(it["version"])}
