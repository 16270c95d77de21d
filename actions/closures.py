"""Accounts are closed at the wish of their holder: what the law does not require goes, and nothing filed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from actions import notices, passwords, register
from actions.closing_accounts import close_account
from actions.register import Record
from actions.transaction import database, tx
from models.people import User
from models.retention import AccountClosure
from rules.closures import CLOSES_AFTER, ClosureState, ClosureWaits, NoClosure, StaffStay
from rules.notices import NoticeKind
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.throttling import Client

BATCH = 20

DUE = """
SELECT c.user_id AS id FROM account_closures c JOIN users u ON u.id = c.user_id
WHERE c.state = 'WAITING' AND c.due_at <= $1 AND u.frozen_at IS NULL
    AND (u.role = 'APPLICANT' OR u.deactivated_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM identity_claims i WHERE i.user_id = u.id AND i.state = 'WAITING')
    AND NOT EXISTS (SELECT FROM tramites t WHERE t.applicant_id = u.id
        AND t.status NOT IN ('RESOLVED', 'VOIDED', 'LAPSED'))
"""
"""Those whose time has come and that nothing keeps open: no trámite under way, no claim of the identity."""

FIRST_DUE = f"{DUE} ORDER BY c.due_at LIMIT {BATCH}"
STILL_DUE = f"{DUE} AND u.id = $2"


async def request_closure(tools: Tools, viewer: Viewer, password: str, *, client: Client) -> AccountClosure:
    """
    Ask to close the viewer's account: in seven days, or when the last of their trámites that is open has ended.

    They are told by mail at once, and go on using the account until then.

    Raises:
        StaffStay: it is an account of staff, in whatever way they are signed in now.
        ClosureWaits: it was asked for already.
        WrongPassword: the password is another.
        TooManyRequests: too many tries, or too many passwords wait to be checked.
    """
    user, now = await passwords.confirmed(tools, viewer, client, password), tools.clock()
    try:
        async with tx() as connection:
            account = await passwords.locked(user)
            if account.is_staff:
                raise StaffStay
            due = now + CLOSES_AFTER
            closure = await AccountClosure.create(
                user_id=account.id, state=ClosureState.WAITING, asked_at=now, due_at=due
            )
            told = {"dueAt": due.isoformat()}
            await notices.promise(tools, NoticeKind.CLOSURE_REQUESTED, user=account, detail=told)
            await _append(connection, tools, Act.CLOSURE_REQUESTED, viewer, closure)
    except IntegrityError:
        raise ClosureWaits from None
    tools.wake(notices.NOTICES)
    return closure


async def stop_closure(tools: Tools, viewer: Viewer) -> None:
    """
    Stop the closing of the viewer's account that waits; they are told by mail.

    Raises:
        NoClosure: none waits.
    """
    async with tx() as connection:
        user = await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        closure = await AccountClosure.get_or_none(user_id=user.id, state=ClosureState.WAITING)
        if closure is None:
            raise NoClosure
        closure.state, closure.settled_at = ClosureState.STOPPED, tools.clock()
        await closure.save(update_fields=["state", "settled_at"])
        await notices.promise(tools, NoticeKind.CLOSURE_STOPPED, user=user)
        await _append(connection, tools, Act.CLOSURE_STOPPED, viewer, closure)
    tools.wake(notices.NOTICES)


async def _append(
    connection: TransactionWrapper, tools: Tools, act: Act, viewer: Viewer, closure: AccountClosure
) -> None:
    detail = {"user": str(viewer.user_id), "closure": str(closure.id)}
    await register.append(connection, Record(act, tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail))


async def close_due_accounts(tools: Tools) -> int:
    """Close accounts whose time has come, each in a transaction of its own, at most twenty; return how many."""
    found = await database().execute_query_dict(FIRST_DUE, [tools.clock()])
    return sum([await _close(tools, row["id"]) for row in found])


async def _close(tools: Tools, user_id: UUID) -> bool:
    """Close one account, unless something keeps it open by now; say whether it was closed."""
    async with tx() as connection:
        # Stronger than others lock a person's row: a filing in flight, which refers to it, is waited for or waits.
        user = await User.filter(id=user_id, closed_at__isnull=True).select_for_update().first()
        due = await connection.execute_query_dict(STILL_DUE, [tools.clock(), user_id])
        if user is None or not due:
            return False
        gone = await close_account(connection, tools, user)
    if gone is None:
        return False
    tools.wake(notices.NOTICES)
    for upload_id in gone:
        await tools.staging.discard(upload_id)
    return True
