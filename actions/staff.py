"""Members of staff: given a role and offices, deactivated, and their second factor taken away when it was lost."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from actions import accounts, codes, notices, register
from actions.appointments import (
    administrators_locked,
    end_appointment,
    keep_account,
    place,
    record_released,
    withdraw_invitations_of,
)
from actions.credentials import new_token
from actions.register import ENTRIES, Record
from actions.transaction import tx
from actions.waiting_recoveries import cancel_waiting
from models.people import User
from models.second_factors import RecoveryCode, SecondFactor
from reading.access import renewed
from reading.catalogue import office_of_code
from reading.staff import member_of
from rules import people
from rules.access import Role
from rules.codes import CodePurpose
from rules.desk import clean_reason
from rules.duties import Duty, NotYourDuty, check_duty
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act
from rules.second_factors import NoSecondFactor
from rules.staff import (
    AlreadyDeactivated,
    NoSuchStaff,
    OwnAppointment,
    check_offices,
    check_post,
    say_appointment,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.catalogue import Office
    from reading.access import Viewer
    from rules.people import IdentityKind


async def assign_staff(tools: Tools, viewer: Viewer, user_id: UUID, *, role: Role, office_codes: Sequence[str]) -> User:
    """
    Give a member of staff another role or other offices; one who left is staff again.

    Trámites of theirs in offices that are theirs no more are released. Another role ends their sessions, and who
    administers no more has invited nobody. They are told by mail.

    Raises:
        NotYourDuty: the viewer does not manage the staff, or does no more.
        NoSuchStaff: there is no such member.
        OwnAppointment: it is the viewer.
        WrongStaffRole, OfficesMissing, OfficesNotForRole: role and offices do not go together.
        NoSuchOffice: one of them does not exist.
    """
    check_duty(viewer.role, Duty.MANAGE_STAFF)
    check_post(role, office_codes)
    offices = await offices_of(office_codes)
    told = {"appointment": say_appointment(role, [office.name for office in offices])}
    async with tx() as connection:
        user = await _lock_member(tools, viewer, user_id)
        is_other = user.role is not role or user.deactivated_at is not None
        before = user.role
        user.role, user.deactivated_at = role, None
        await user.save(update_fields=["role", "deactivated_at"])
        released = await place(connection, user, offices)
        if is_other:
            await accounts.end_sessions(tools, user.id)
        if role is not Role.ADMINISTRATOR:
            await withdraw_invitations_of(tools, user)
        await notices.promise(tools, NoticeKind.STAFF_ASSIGNED, user=user, detail=told)
        await keep_account(connection, tools, user)
        await record_released(connection, tools, user, released, by=viewer)
        detail = {"before": before.value, "role": role.value, "offices": [office.code for office in offices]}
        await _append(connection, tools, Act.STAFF_ASSIGNED, viewer, user, detail)
    tools.wake(notices.NOTICES)
    tools.wake(ENTRIES)
    return await member_of(user.id)


async def deactivate_staff(tools: Tools, viewer: Viewer, user_id: UUID, *, reason: str) -> User:
    """
    End what a member of staff may as such, at once: their sessions end, their posts too, and what they own is released.

    Their account stays, as that of an applicant; invitations that they made are worth nothing. They are told by mail.

    Raises:
        NotYourDuty: the viewer does not manage the staff, or does no more.
        NoSuchStaff: there is no such member.
        OwnAppointment: it is the viewer.
        InvalidInput: no reason is given.
        AlreadyDeactivated: they left already.
    """
    check_duty(viewer.role, Duty.MANAGE_STAFF)
    checks = Checks()
    why = checks.take("reason", clean_reason, reason)
    checks.refuse_any()
    async with tx() as connection:
        user = await _lock_member(tools, viewer, user_id)
        if user.deactivated_at:
            raise AlreadyDeactivated
        ended = await end_appointment(connection, tools, user)
        await notices.promise(tools, NoticeKind.STAFF_DEACTIVATED, user=user)
        await record_released(connection, tools, user, ended.released, by=viewer)
        detail = {"released": len(ended.released), "withdrawn": ended.withdrawn}
        await _append(connection, tools, Act.STAFF_DEACTIVATED, viewer, user, detail, text=why)
    tools.wake(notices.NOTICES)
    tools.wake(ENTRIES)
    return await member_of(user.id)


async def reset_second_factor(tools: Tools, viewer: Viewer, kind: IdentityKind, number: str, *, reason: str) -> UUID:
    """
    Take the second factor away from somebody who lost telephone and recovery codes, and shows their document.

    Their password goes too: whoever had it has nothing, and the person recovers the account by e-mail, with a password
    as long as without a second factor, before they enrol anew. All sessions end; they are told by mail.

    Raises:
        NotYourDuty: the viewer does not manage the staff, or does no more.
        InvalidInput: what was typed can be no identity, or no reason is given.
        OwnAppointment: it is the viewer.
        NoSecondFactor: there is no such account, or it has none.
    """
    check_duty(viewer.role, Duty.MANAGE_STAFF)
    checks = Checks()
    identity = people.take_identity(checks, kind, number)
    why = checks.take("reason", clean_reason, reason)
    checks.refuse_any()
    assert identity is not None
    nobodys = await tools.hasher.hash(new_token(tools.random_bytes))
    found = await User.get_or_none(identity_kind=identity.kind, identity_number=identity.number)
    if found is None:
        raise NoSecondFactor
    async with tx() as connection:
        await lock_administrators(tools, viewer)
        user = await User.filter(id=found.id).select_for_update(no_key=True).get()
        if user.id == viewer.user_id:
            raise OwnAppointment
        await take_second_factor(connection, tools, user, password_hash=nobodys)
        await notices.promise(tools, NoticeKind.SECOND_FACTOR_RESET, user=user)
        await _append(connection, tools, Act.SECOND_FACTOR_RESET, viewer, user, text=why)
    tools.wake(notices.NOTICES)
    tools.wake(ENTRIES)
    return user.id


async def take_second_factor(connection: TransactionWrapper, tools: Tools, user: User, *, password_hash: str) -> None:
    """
    Take, within a transaction that has locked the account, second factor, recovery codes, password and sessions.

    Also the codes and the request by which somebody could still have given it a password of theirs: against them stood
    the second factor.

    Raises:
        NoSecondFactor: it has none.
    """
    if not await SecondFactor.filter(user_id=user.id, confirmed_at__isnull=False).delete():
        raise NoSecondFactor
    await RecoveryCode.filter(user_id=user.id).delete()
    user.password_hash = password_hash
    await user.save(update_fields=["password_hash"])
    await accounts.end_sessions(tools, user.id)
    await codes.drop_codes(connection, tools, user.id, CodePurpose.RECOVER, CodePurpose.CHANGE_EMAIL)
    await cancel_waiting(connection, tools, user)


async def offices_of(codes: Sequence[str]) -> list[Office]:
    """
    Return the offices of those codes, each once.

    Raises:
        NoSuchOffice: there is none of one of them.
        TooManyChoices: they are more than somebody may serve.
    """
    check_offices(codes)
    return [await office_of_code(code, field="officeCodes") for code in dict.fromkeys(codes)]


async def lock_administrators(tools: Tools, viewer: Viewer) -> None:
    """
    Lock, within a transaction, all who administer, and judge anew whether the viewer is still one of them.

    Of two who take the role, or the second factor, from each other at once, the second finds that their session has
    ended. Together with that nobody acts on themselves, this is why somebody always administers: whoever took it from
    another.

    Raises:
        NotYourDuty: the viewer administers no more, or their session has ended meanwhile.
    """
    locked = await administrators_locked()
    present = await renewed(viewer, at=tools.clock())
    if viewer.user_id not in locked or present is None or present.role is not Role.ADMINISTRATOR:
        raise NotYourDuty


async def _lock_member(tools: Tools, viewer: Viewer, user_id: UUID) -> User:
    await lock_administrators(tools, viewer)
    if user_id == viewer.user_id:
        raise OwnAppointment
    found = User.filter(id=user_id, closed_at__isnull=True).exclude(role=Role.APPLICANT)
    user = await found.select_for_update(no_key=True).first()
    if user is None:
        raise NoSuchStaff
    return user


async def _append(
    connection: TransactionWrapper,
    tools: Tools,
    act: Act,
    viewer: Viewer,
    user: User,
    detail: Mapping[str, object] = MappingProxyType({}),
    *,
    text: str | None = None,
) -> None:
    told = {"user": str(user.id), **detail}
    record = Record(act, tools.clock(), viewer.role, actor_id=viewer.user_id, text=text, detail=told)
    await register.append(connection, record)
