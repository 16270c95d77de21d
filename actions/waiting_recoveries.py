"""Requests to recover by personal data that wait: settled by exactly one of those who want to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import notices, register
from actions.register import Record
from actions.transaction import database
from models.requests import RecoveryRequest
from rules.notices import NoticeKind
from rules.recoveries import WARY_FOR, RecoverySettled, RecoveryState
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.people import User
    from reading.access import Viewer


FORGET = """
DELETE FROM recovery_requests WHERE id IN (
    SELECT id FROM recovery_requests WHERE state = 'IGNORED' AND asked_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED
)
RETURNING 1
"""


async def waiting(request_id: UUID) -> RecoveryRequest:
    """
    Return a request as it is now, within a transaction that has locked its account.

    Raises:
        RecoverySettled: it waits no more.
    """
    request = await RecoveryRequest.get_or_none(id=request_id, state=RecoveryState.WAITING)
    if request is None:
        raise RecoverySettled
    return request


async def settle(
    connection: TransactionWrapper,
    tools: Tools,
    request: RecoveryRequest,
    state: RecoveryState,
    *,
    by: Viewer | None = None,
    reason: str | None = None,
) -> None:
    """
    End, within a transaction, the waiting of a request; the password that it asked for is forgotten.

    The mail that told of it is taken back if it has not left yet.

    Raises:
        RecoverySettled: it waits no more.
    """
    request.state, request.settled_at, request.password_hash = state, tools.clock(), None
    request.decided_by_id, request.reason = by.user_id if by else None, reason
    changed = await RecoveryRequest.filter(id=request.id, state=RecoveryState.WAITING).update(
        state=state,
        settled_at=request.settled_at,
        password_hash=None,
        decided_by_id=request.decided_by_id,
        reason=reason,
    )
    if not changed or request.user_id is None:
        raise RecoverySettled
    told = [NoticeKind.RECOVERY_REQUESTED]
    await notices.withdraw(connection, tools, request.user_id, told, reason=f"RECOVERY_{state.value}")


async def cancel_waiting(connection: TransactionWrapper, tools: Tools, user: User) -> None:
    """Make worthless, within a transaction that has locked the account, the request of it that waits, if one does."""
    request = await RecoveryRequest.get_or_none(user_id=user.id, state=RecoveryState.WAITING)
    if request is None:
        return
    await settle(connection, tools, request, RecoveryState.CANCELLED)
    detail = {"user": str(user.id), "request": str(request.id)}
    await register.append(connection, Record(Act.RECOVERY_CANCELLED, tools.clock(), user.role, detail=detail))


async def postpone_waiting(tools: Tools, user: User) -> None:
    """Let the delay of the request that waits, if one does, begin anew."""
    due = RecoveryRequest.filter(user_id=user.id, state=RecoveryState.WAITING, due_at__isnull=False)
    await due.update(due_at=tools.clock() + tools.recovery.delay)


async def was_recovered(user_id: UUID) -> bool:
    """Say whether the account ever got a password by personal data: then its address may be unproved again."""
    return await RecoveryRequest.exists(user_id=user_id, state=RecoveryState.APPLIED)


async def forget_ignored_recoveries(tools: Tools) -> int:
    """
    Forget requests of 30 days ago that asked for nothing, which nobody sees, at most a thousand; return how many.

    The register goes on telling that somebody tried.
    """
    return len(await database().execute_query_dict(FORGET, [tools.clock() - WARY_FOR]))
