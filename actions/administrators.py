"""What is done about administrators at the machine itself: nobody signed in does it, so the system is who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import accounts, notices, register
from actions.appointments import keep_account, place, record_released
from actions.credentials import new_token
from actions.register import ENTRIES, Record
from actions.staff import take_second_factor
from actions.transaction import tx
from models.people import User
from rules.access import Role
from rules.administration import NothingToChange
from rules.claims import FrozenMeanwhile
from rules.desk import clean_reason
from rules.notices import NoticeKind
from rules.refusals import Conflict, NotFound
from rules.register import Act
from rules.second_factors import NoSecondFactor
from rules.staff import say_appointment

if TYPE_CHECKING:
    from actions.accounts import Registration
    from actions.tools import Tools
    from rules.people import Identity


ORDER_LOCK = 7_242_013
"""Advisory lock under which administrators are made, one after the other."""


class AdministratorThere(Conflict):
    """Somebody administers already, and invites others."""

    code = "ADMINISTRATOR_THERE"

    def __init__(self) -> None:
        super().__init__(
            "Ya hay quien administra: esa persona invita a las demás. Si ninguna puede ingresar, repita la orden con "
            "--another."
        )


class NoSuchAccount(NotFound):
    """Nobody registered with this identity."""

    code = "ACCOUNT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "Nadie se registró con ese documento. Pida a la persona que se registre en la página y confirme su correo, "
            "o indique también sus datos."
        )


class AccountThere(Conflict):
    """Somebody registered with this identity, and may be another than whose data are given."""

    code = "ACCOUNT_THERE"

    def __init__(self) -> None:
        super().__init__(
            "Ya hay una cuenta con ese documento; sus datos no se cambian aquí. Si es de la persona que quiere "
            "nombrar, repita la orden solo con el número."
        )


class AddressNotProved(Conflict):
    """Their mail might go to somebody else."""

    code = "ADDRESS_NOT_PROVED"

    def __init__(self) -> None:
        super().__init__("Esa persona todavía no confirmó su correo. Pídale que lo haga y repita la orden.")


async def make_administrator(
    tools: Tools, identity: Identity, form: Registration | None = None, *, may_be_another: bool = False
) -> None:
    """
    Let somebody administer; with a *form*, open an account for them first.

    Their sessions end, and they are told by mail.

    Raises:
        AdministratorThere: somebody administers already, and that is not meant.
        NothingToChange: they administer already.
        NoSuchAccount: the identity has no account, and there is no form.
        AccountThere: it has one, and there is a form.
        AddressNotProved: it has, but its address was never proved.
        FrozenMeanwhile: it has, but somebody else claims the identity.
        InvalidInput: what is wrong with the form.
    """
    if form is not None:
        await _check_none(may_be_another=may_be_another)
        await _open_account(tools, identity, form)
    async with tx() as connection:
        await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
        await _check_none(may_be_another=may_be_another)
        found = User.filter(identity_kind=identity.kind, identity_number=identity.number)
        user = await found.select_for_update(no_key=True).first()
        if user is None:
            raise NoSuchAccount
        if user.email_verified_at is None:
            raise AddressNotProved
        if user.frozen_at:
            raise FrozenMeanwhile
        if user.role is Role.ADMINISTRATOR and user.is_staff:
            raise NothingToChange
        user.role, user.deactivated_at = Role.ADMINISTRATOR, None
        await user.save(update_fields=["role", "deactivated_at"])
        released = await place(connection, user, [])
        await accounts.end_sessions(tools, user.id)
        told = {"appointment": say_appointment(Role.ADMINISTRATOR, [])}
        await notices.promise(tools, NoticeKind.STAFF_ASSIGNED, user=user, detail=told)
        await keep_account(connection, tools, user)
        await record_released(connection, tools, user, released, by=None)
        detail = {"user": str(user.id)}
        await register.append(connection, Record(Act.ADMINISTRATOR_MADE, tools.clock(), Role.SYSTEM, detail=detail))
    tools.wake(notices.NOTICES)
    tools.wake(ENTRIES)


async def _open_account(tools: Tools, identity: Identity, form: Registration) -> None:
    if await User.exists(identity_kind=identity.kind, identity_number=identity.number):
        raise AccountThere
    await accounts.register_account(tools, form, is_verified=True)


async def _check_none(*, may_be_another: bool) -> None:
    there = User.filter(role=Role.ADMINISTRATOR, deactivated_at__isnull=True, frozen_at__isnull=True)
    if not may_be_another and await there.exists():
        raise AdministratorThere


async def reset_at_machine(tools: Tools, identity: Identity, *, reason: str) -> None:
    """
    Take second factor and password from somebody, as an administrator does for others; they are told by mail.

    Raises:
        NoSecondFactor: there is no such account, or it has none.
        InvalidInput: no reason is given.
    """
    why, nobodys = clean_reason(reason), await tools.hasher.hash(new_token(tools.random_bytes))
    async with tx() as connection:
        found = User.filter(identity_kind=identity.kind, identity_number=identity.number)
        user = await found.select_for_update(no_key=True).first()
        if user is None:
            raise NoSecondFactor
        await take_second_factor(connection, tools, user, password_hash=nobodys)
        await notices.promise(tools, NoticeKind.SECOND_FACTOR_RESET, user=user)
        record = Record(Act.SECOND_FACTOR_RESET, tools.clock(), Role.SYSTEM, text=why, detail={"user": str(user.id)})
        await register.append(connection, record)
    tools.wake(notices.NOTICES)
    tools.wake(ENTRIES)
