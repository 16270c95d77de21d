"""The staff, invitations to it, and second factors; and what can be asked of them."""

from __future__ import annotations

from uuid import UUID, uuid4

from actions.invitations import Appointment, invite_staff
from models.people import User
from models.receipts import Notice
from reading.cursors import place_of
from rules.access import Role
from rules.notices import SECRET, NoticeKind
from rules.second_factors import code_of, step_at
from tests.counter import PASSWORD, SEED
from tests.matrix.asking import Fields, mutation, query
from tests.matrix.table import OWN
from tests.matrix.world import OFFICE, Person, Thing, World


async def member(world: World, person: Person, relation: int) -> Thing:
    """Return a member of staff, or oneself; found in the list after a cursor that lies right before them."""
    if relation == OWN:
        user = await User.get(id=person.viewer.user_id)
    else:
        await world.forgive()
        user = await User.get(id=(await world.counter.register(role=Role.CLERK, office=OFFICE)).user_id)
    place = place_of(user.created_at.isoformat(), UUID(int=user.id.int - 1).hex)
    before = world.counter.tools.cursors.sign("staff", place)
    return Thing(user.id, (user.email,), {"number": user.identity_number, "before": before})


async def invitation(world: World, _person: Person, _relation: int) -> Thing:
    """Return an invitation of somebody that waits."""
    await world.forgive()
    ana = await world.counter.register(role=Role.ADMINISTRATOR)
    email = f"{uuid4().hex}@example.pe"
    made = await invite_staff(world.counter.tools, ana, Appointment(email, Role.AUDITOR, ()))
    mailed = await Notice.get(kind=NoticeKind.STAFF_INVITED, address=email)
    return Thing(made.id, (email,), {"code": mailed.detail[SECRET]})


async def code(world: World, _person: Person, _relation: int) -> Thing:
    """Return the code of now of everybody's second factor."""
    return Thing(str(world.counter.clock()), more={"code": code_of(SEED, step_at(world.counter.clock()))})


@query("staff", about=member)
def _(it: Thing) -> str:
    after = f', after: "{it["before"]}"' if "before" in it.more else ""
    return f"(first: 1{after}) {{ edges {{ node {{ email }} }} }}"


@mutation("assignStaff", about=member)
def _(it: Thing) -> Fields:
    return {"userId": str(it.id), "role": "AUDITOR", "officeCodes": []}


@mutation("deactivateStaff", about=member)
def _(it: Thing) -> Fields:
    return {"userId": str(it.id), "reason": "Renunció."}


@mutation("resetSecondFactor", about=member)
def _(it: Thing) -> Fields:
    return {"identityKind": "DNI", "identityNumber": it["number"], "reason": "Perdió el celular."}


@query("invitations", about=invitation)
def _(_it: Thing) -> str:
    return " { email }"


@mutation("inviteStaff")
def _(_it: Thing) -> Fields:
    return {"email": f"{uuid4().hex}@example.pe", "role": "AUDITOR", "officeCodes": []}


@mutation("withdrawInvitation", about=invitation)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("acceptInvitation", "of somebody else", about=invitation)
def _(it: Thing) -> Fields:
    return {"code": it["code"]}


@mutation("beginSecondFactor", about=code, is_alone=True)
def _(it: Thing) -> Fields:
    return {"currentPassword": PASSWORD, "code": it["code"]}


@mutation("confirmSecondFactor", "with nothing begun")
def _(_it: Thing) -> Fields:
    return {"code": "000000"}


@mutation("passSecondFactor", about=code, is_alone=True)
def _(it: Thing) -> Fields:
    return {"code": it["code"]}


@mutation("renewRecoveryCodes", about=code, is_alone=True)
def _(it: Thing) -> Fields:
    return {"code": it["code"]}
