"""Invitations to the staff: sent by mail, accepted once, by the account that has the address, or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import accounts, gate, notices, register
from actions.appointments import keep_account, place, record_released
from actions.client_keys import claim
from actions.credentials import new_token
from actions.register import ENTRIES, Record
from actions.second_factors import lift
from actions.staff import lock_administrators, offices_of
from actions.transaction import database, tx
from models.people import User
from models.staff import Invitation
from reading.staff import is_open, open_invitation
from rules import people
from rules.access import Role
from rules.duties import Duty, check_duty
from rules.notices import SECRET, NoticeKind
from rules.refusals import Checks
from rules.register import Act
from rules.second_factors import SecondFactorNeeded
from rules.sessions import token_hash
from rules.staff import (
    INVITATION_LIFE,
    INVITATIONS_FORGOTTEN_AFTER,
    AlreadyStaff,
    NoSuchInvitation,
    check_post,
    say_appointment,
)
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.second_factors import LiftedSession
    from actions.tools import Tools
    from reading.access import Viewer

LONGEST_CODE = 100

FORGET = """
DELETE FROM invitations WHERE id IN (
    SELECT id FROM invitations WHERE coalesce(accepted_at, withdrawn_at, expires_at) <= $1 LIMIT 200
    FOR UPDATE SKIP LOCKED
) RETURNING 1
"""


@dataclass(frozen=True)
class Appointment:
    """Whom an administrator invites to what, as typed."""

    email: str
    role: Role
    office_codes: Sequence[str]


async def invite_staff(
    tools: Tools, viewer: Viewer, wish: Appointment, *, client_key: UUID | None = None
) -> Invitation:
    """
    Invite somebody to the staff, by a mail with a code that holds for seven days; an earlier one is worth nothing then.

    Whether the address has an account is neither looked up nor told.

    Raises:
        NotYourDuty: the viewer does not manage the staff.
        InvalidInput: address, role and offices, what is wrong with them.
        NoSuchOffice: one of them does not exist.
        KeyReused: the client key was used for something else.
        NoSuchInvitation: the key was used for this one, which was forgotten since.
    """
    check_duty(viewer.role, Duty.MANAGE_STAFF)
    checks = Checks()
    email = checks.take("email", people.clean_email, wish.email)
    checks.refuse_any()
    assert email is not None
    check_post(wish.role, wish.office_codes)
    offices = await offices_of(wish.office_codes)
    code, now, new_id = new_token(tools.random_bytes), tools.clock(), uuid4()
    codes = [office.code for office in offices]
    asked = {"act": "inviteStaff", "email": email, "role": wish.role.value, "offices": codes}
    async with tx() as connection:
        await lock_administrators(tools, viewer)
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=now, asked=asked):
            return await _invited(earlier)
        await _withdraw_earlier(tools, email)
        invitation = await Invitation.create(
            id=new_id,
            email=email,
            role=wish.role,
            offices=codes,
            code_hash=token_hash(code),
            invited_by_id=viewer.user_id,
            invited_at=now,
            expires_at=now + INVITATION_LIFE,
        )
        told = {SECRET: code, "appointment": say_appointment(wish.role, [office.name for office in offices])}
        await notices.promise(tools, NoticeKind.STAFF_INVITED, address=email, detail=told)
        await _append(connection, tools, Act.STAFF_INVITED, viewer, invitation)
    tools.wake(notices.NOTICES)
    return invitation


async def _invited(invitation_id: UUID) -> Invitation:
    invitation = await Invitation.get_or_none(id=invitation_id)
    if invitation is None:
        raise NoSuchInvitation
    return invitation


async def _withdraw_earlier(tools: Tools, email: str) -> None:
    earlier = Invitation.filter(email__iexact=email, accepted_at__isnull=True, withdrawn_at__isnull=True)
    await earlier.update(withdrawn_at=tools.clock())


async def withdraw_invitation(tools: Tools, viewer: Viewer, invitation_id: UUID) -> None:
    """
    Take back an invitation that waits.

    Raises:
        NotYourDuty: the viewer does not manage the staff.
        NoSuchInvitation: none of that id waits.
    """
    check_duty(viewer.role, Duty.MANAGE_STAFF)
    found = await open_invitation(invitation_id, at=tools.clock())
    async with tx() as connection:
        waiting = Invitation.filter(is_open(tools.clock()), id=found.id)
        if not await waiting.update(withdrawn_at=tools.clock()):
            raise NoSuchInvitation
        await _append(connection, tools, Act.INVITATION_WITHDRAWN, viewer, found)


async def accept_invitation(tools: Tools, viewer: Viewer, *, code: str, client: Client) -> LiftedSession:
    """
    Join the staff, by the code that was mailed; answer with the viewer's session, in which they are staff from now on.

    Only an account whose proved address is the one that was written to, with a second factor shown in this session: so
    whoever knows a password of staff never enrols the telephone. Other sessions end, the token of this one changes.

    Raises:
        SecondFactorNeeded: the account has none.
        NoSuchInvitation: the code is another or was used, is somebody else's, was withdrawn, or has expired, or whoever
            invited administers no more.
        AlreadyStaff: they are staff; nobody gives themselves another role.
        TooManyRequests: too many tries.
    """
    if not viewer.has_second_factor:
        raise SecondFactorNeeded
    await gate.admit(tools, Door.CONFIRM, Client(client.address), account=str(viewer.user_id))
    code_hash = token_hash(code.strip()[:LONGEST_CODE])
    async with tx() as connection:
        user = await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        waiting = Invitation.filter(is_open(tools.clock()), code_hash=code_hash)
        invitation = await waiting.select_for_update(no_key=True).first()
        if invitation is None or not _is_for(user, invitation) or not await _stands(invitation):
            raise NoSuchInvitation
        if user.is_staff:
            raise AlreadyStaff
        invitation.accepted_at, invitation.accepted_by_id = tools.clock(), user.id
        await invitation.save(update_fields=["accepted_at", "accepted_by_id"])
        user.role, user.deactivated_at = invitation.role, None
        await user.save(update_fields=["role", "deactivated_at"])
        released = await place(connection, user, await offices_of(invitation.offices))
        await accounts.end_sessions(tools, user.id, keep=viewer.session_id)
        lifted = await lift(tools, user, viewer.session_id)
        await keep_account(connection, tools, user)
        await record_released(connection, tools, user, released, by=viewer)
        await _append(connection, tools, Act.INVITATION_ACCEPTED, viewer, invitation)
    await gate.forgive(tools, Door.CONFIRM, Client(client.address), account=str(viewer.user_id))
    tools.wake(notices.NOTICES)
    tools.wake(ENTRIES)
    return lifted


def _is_for(user: User, invitation: Invitation) -> bool:
    return user.email_verified_at is not None and user.email.lower() == invitation.email.lower()


async def _stands(invitation: Invitation) -> bool:
    """Say whether whoever invited could still do so."""
    return await User.exists(
        id=invitation.invited_by_id, role=Role.ADMINISTRATOR, deactivated_at__isnull=True, frozen_at__isnull=True
    )


async def _append(
    connection: TransactionWrapper, tools: Tools, act: Act, viewer: Viewer, invitation: Invitation
) -> None:
    detail = {"invitation": str(invitation.id), "role": invitation.role.value, "offices": invitation.offices}
    record = Record(act, tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail)
    await register.append(connection, record)


async def forget_invitations(tools: Tools) -> int:
    """Forget invitations that were over 30 days ago, at most 200; the register goes on telling. Return how many."""
    return len(await database().execute_query_dict(FORGET, [tools.clock() - INVITATIONS_FORGOTTEN_AFTER]))
