"""Requests and tasks about accounts, and what is kept for one person alone; and what can be asked of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import drafts, sessions, uploads
from actions.recovery_requests import DataRecovery, request_recovery_by_data
from actions.tasks import open_task
from actions.transaction import tx
from models.people import Session, User
from models.requests import IdentityClaim, RecoveryRequest
from models.tasks import Task
from rules.access import Role
from rules.claims import ClaimState
from rules.tasks import TaskKind
from rules.throttling import Client
from tests.api import filing
from tests.counter import PASSWORD, PDF
from tests.matrix.asking import Fields, http, mutation, query
from tests.matrix.table import OWN
from tests.matrix.world import OFFICE, Person, Thing, World

if TYPE_CHECKING:
    from reading.access import Viewer

OF_STAFF = 2
"""The relation of the section «About an account» after one's own and an applicant's."""

NEW_PASSWORD = "otra frase larga y propia"


async def _account(world: World, person: Person, relation: int) -> User:
    if relation == OWN:
        return await User.get(id=person.viewer.user_id)
    await world.forgive()
    is_staff = relation == OF_STAFF
    holder = await world.counter.register(
        role=Role.CLERK if is_staff else Role.APPLICANT, office=OFFICE if is_staff else None
    )
    return await User.get(id=holder.user_id)


async def recovery(world: World, person: Person, relation: int) -> Thing:
    """Return a recovery by personal data that waits."""
    user = await _account(world, person, relation)
    request = await _recovery_of(world, user)
    return Thing(request.id, (str(request.id), user.identity_number), {"number": user.identity_number})


async def _recovery_of(world: World, user: User, **changes: str) -> RecoveryRequest:
    if waiting := await RecoveryRequest.get_or_none(user_id=user.id):
        return waiting
    form = DataRecovery(
        identity_kind=user.identity_kind,
        identity_number=user.identity_number,
        given_names=user.given_names,
        first_surname=user.first_surname,
        second_surname=user.second_surname,
        birth_date=user.birth_date,
        new_password=NEW_PASSWORD,
        **changes,
    )
    await world.forgive()
    await request_recovery_by_data(world.counter.tools, form, client=Client())
    return await RecoveryRequest.get(user_id=user.id)


async def claim(world: World, person: Person, relation: int) -> Thing:
    """Return a claim of an identity that waits, whose account is not frozen."""
    user = await _account(world, person, relation)
    made = await IdentityClaim.filter(user_id=user.id).first() or await IdentityClaim.create(
        state=ClaimState.WAITING,
        identity_kind=user.identity_kind,
        identity_number=user.identity_number,
        user_id=user.id,
        given_names=user.given_names,
        first_surname=user.first_surname,
        email="otra@example.pe",
        mobile="+51912345678",
        statement="Nunca me registré.",
        reference_hash=bytes(32),
        claimed_at=world.counter.clock(),
    )
    return Thing(made.id, (str(made.id), user.identity_number), {"number": user.identity_number})


async def account_task(world: World, person: Person, relation: int) -> Thing:
    """Return a task about an account."""
    user = await _account(world, person, relation)
    async with tx():
        await open_task(world.counter.tools, TaskKind.ADDRESS_BOUNCED, user=user)
    opened = await Task.get(user_id=user.id)
    return Thing(opened.id, (str(opened.id), user.identity_number))


@query("recoveryRequests", about=recovery)
def _(it: Thing) -> str:
    return f'(identityNumber: "{it["number"]}") {{ edges {{ node {{ id }} }} }}'


@mutation("decideRecovery", about=recovery)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "decision": "REJECT", "reason": "No mostró su DNI."}


@query("identityClaims", about=claim)
def _(it: Thing) -> str:
    return f'(identityNumber: "{it["number"]}") {{ edges {{ node {{ id }} }} }}'


@mutation("freezeClaimedAccount", about=claim)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("decideIdentityClaim", about=claim)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "decision": "KEEP_HOLDER", "reason": "Mostró su DNI."}


@query("tasks", "about an account", about=account_task)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { id } } }"


@mutation("closeTask", "about an account", about=account_task)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "note": "Se le avisó por teléfono."}


def holder(world: World, person: Person, relation: int) -> Viewer:
    """Return whose a thing is that stands so to a person."""
    return person.viewer if relation == OWN and person.role else world.maria


async def session(world: World, person: Person, relation: int) -> Thing:
    """Return a session other than the one in which is asked."""
    user = await User.get(id=holder(world, person, relation).user_id)
    before = set(await Session.filter(user_id=user.id).values_list("id", flat=True))
    await world.forgive()
    given = sessions.Credentials(
        identity_kind=user.identity_kind, identity_number=user.identity_number, password=PASSWORD
    )
    await sessions.sign_in(world.counter.tools, given, client=Client())
    [begun] = await Session.filter(user_id=user.id).exclude(id__in=list(before))
    return Thing(begun.id, (str(begun.id),))


async def own_recovery(world: World, person: Person, relation: int) -> Thing:
    """Return a recovery of one's own account, or of somebody else's that would change the mobile number too."""
    user = await User.get(id=holder(world, person, relation).user_id)
    is_own = relation == OWN
    made = await _recovery_of(world, user, **({} if is_own else {"new_mobile": "912345678"}))
    return Thing(made.id, (f'"changesMobile":{"false" if is_own else "true"}',))


async def upload(world: World, person: Person, relation: int) -> Thing:
    """Return a file that has arrived."""
    made = await world.counter.upload(holder(world, person, relation), data=PDF + uuid4().bytes)
    return Thing(made.id, (str(made.content_id),))


async def reviewed(world: World, person: Person, relation: int) -> Thing:
    """Return a file that has arrived, with which a filing is ready."""
    return Thing((await upload(world, person, relation)).id, ('"isReady":true',))


async def open_upload(world: World, person: Person, relation: int) -> Thing:
    """Return a file that was announced."""
    viewer = holder(world, person, relation)
    made = await uploads.open_upload(world.counter.tools, viewer, name="solicitud.pdf", size_bytes=len(PDF))
    return Thing(made.id, (f"'upload-length', '{len(PDF)}'", "'upload-offset'"))


async def draft(world: World, person: Person, relation: int) -> Thing:
    """Return a draft."""
    viewer = holder(world, person, relation)
    form = replace(await world.counter.form(viewer), subject=f"Borrador de {viewer.user_id}")
    made = await drafts.save_draft(world.counter.tools, viewer, form, draft_id=None, version=None)
    return Thing(made.id, (form.subject or "",))


@query("sessions", about=session)
def _(_it: Thing) -> str:
    return " { id }"


@mutation("endSession", about=session)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@query("ownRecovery", about=own_recovery)
def _(_it: Thing) -> str:
    return " { changesMobile }"


@query("drafts", about=draft)
def _(_it: Thing) -> str:
    return " { subject }"


@query("draft", about=draft)
def _(it: Thing) -> str:
    return f'(id: "{it.id}") {{ subject }}'


@mutation("saveDraft", about=draft)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "version": 1, "form": {"subject": "Otro asunto"}}


@mutation("discardDraft", about=draft)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@http("HEAD", "/uploads/{id}", about=open_upload)
def _(it: Thing) -> str:
    return str(it.id)


@http("PUT", "/uploads/{id}", about=open_upload, body=PDF)
def _(it: Thing) -> str:
    return str(it.id)


@query("reviewFiling", "of an upload", about=reviewed)
def _(it: Thing) -> str:
    form = (
        'officeCode: "SEDE-CENTRAL", documentKind: APPLICATION, subject: "Solicito copia", folios: 3, '
        f'acceptedPrivacyPolicy: "2026-1", mainUpload: "{it.id}"'
    )
    return f"(input: {{ {form} }}) {{ isReady }}"


@mutation("fileTramite", "of an upload", about=upload)
def _(it: Thing) -> Fields:
    return filing(it.id)


@mutation("openUpload")
def _(_it: Thing) -> Fields:
    return {"name": "solicitud.pdf", "sizeBytes": len(PDF)}


@query("me")
def _(_it: Thing) -> str:
    return " { id }"


@query("validateRuc")
def _(_it: Thing) -> str:
    return '(ruc: "20131370645") { isWellFormed }'


@mutation("signOut", is_alone=True, has_input=False)
def _(_it: Thing) -> Fields:
    return {}


@mutation("endOtherSessions", about=session, is_alone=True, has_input=False)
def _(_it: Thing) -> Fields:
    return {}


@mutation("changePassword", is_alone=True)
def _(_it: Thing) -> Fields:
    return {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}


@mutation("changeContact", is_alone=True)
def _(_it: Thing) -> Fields:
    return {"currentPassword": PASSWORD, "mobile": "912345678"}


@mutation("confirmEmailChange", "with a wrong code")
def _(_it: Thing) -> Fields:
    return {"code": "00000000"}


@mutation("setNoticePreferences", is_alone=True)
def _(_it: Thing) -> Fields:
    return {"wantsCourtesyNotices": False}
