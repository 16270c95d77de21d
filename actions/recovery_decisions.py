"""Recovery by personal data takes effect: because staff approve it, or after its delay; or staff reject it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import accounts, codes, notices, register
from actions.register import Record
from actions.transaction import database, tx
from actions.waiting_recoveries import settle, waiting
from models.people import User
from models.requests import RecoveryRequest
from reading.requests import find_recovery
from rules.access import Role
from rules.claims import FrozenMeanwhile
from rules.codes import CodePurpose
from rules.desk import DeskRight, WrongReference, check_decider, clean_reason
from rules.notices import NoticeKind
from rules.numbering import InvalidCode, clean_code
from rules.recoveries import RecoveryDecision, RecoveryState
from rules.refusals import Checks
from rules.register import Act
from rules.sessions import token_hash

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.codes import FreshCode
    from actions.tools import Tools
    from reading.access import Viewer

BATCH = 50

DUE = """
SELECT r.id, r.user_id, r.email FROM recovery_requests r
JOIN users u ON u.id = r.user_id JOIN notices n ON n.id = r.notice_id
WHERE r.state = 'WAITING' AND r.due_at <= $1 AND u.role = 'APPLICANT' AND u.frozen_at IS NULL
    AND n.state = 'SENT' AND n.finished_at + (r.due_at - r.asked_at) <= $1
ORDER BY r.due_at LIMIT $2
"""


@dataclass(frozen=True)
class Verdict:
    """How a member of staff decides a recovery, as typed; the reference is the one that the person shows."""

    decision: RecoveryDecision
    reason: str
    reference: str | None = None


def check_reference(typed: str | None, kept_hash: bytes) -> None:
    """
    Judge whether who stands at the desk is who made the request.

    Raises:
        WrongReference: they are not, or show nothing.
    """
    try:
        reference = clean_code(typed or "")
    except InvalidCode:
        raise WrongReference from None
    if token_hash(reference) != bytes(kept_hash):
        raise WrongReference


async def decide_recovery(tools: Tools, viewer: Viewer, request_id: UUID, verdict: Verdict) -> RecoveryRequest:
    """
    Approve or reject a request, once; approved, it takes effect at once.

    Who asked shows the reference that they were given: a request that waits may be somebody else's.

    Raises:
        NoSuchRequest: there is none that the viewer may see.
        NotForYou, OwnRequest: they may see but not decide it.
        InvalidInput: no reason is given; WrongReference: the reference is another.
        RecoverySettled: it waits no more.
        FrozenMeanwhile: it is to be approved, but the identity is claimed.
    """
    found = await find_recovery(viewer, request_id)
    assert found.user is not None
    _check_decider(viewer, found.user)
    reason = _cleaned(found, verdict)
    is_approved = verdict.decision is RecoveryDecision.APPROVE
    code = await codes.make_code(tools) if is_approved and found.email else None
    async with tx() as connection:
        user = await User.filter(id=found.user_id).select_for_update(no_key=True).get()
        _check_decider(viewer, user)
        request = await waiting(found.id)
        if not is_approved:
            await _reject(connection, tools, user, request, by=viewer, reason=reason)
        elif user.frozen_at:
            raise FrozenMeanwhile
        else:
            await _append(connection, tools, Act.RECOVERY_APPROVED, request, by=viewer)
            await _apply(connection, tools, user, request, code=code, by=viewer, reason=reason)
    tools.wake(notices.NOTICES)
    request.user = user
    return request


def _check_decider(viewer: Viewer, user: User) -> None:
    right = DeskRight.DECIDE_RECOVERIES_OF_STAFF if user.is_staff else DeskRight.DECIDE_RECOVERIES
    check_decider(viewer.role, right, decider_id=viewer.user_id, account_id=user.id)


def _cleaned(request: RecoveryRequest, verdict: Verdict) -> str:
    checks = Checks()
    reason = checks.take("reason", clean_reason, verdict.reason)
    checks.refuse_any()
    if verdict.decision is RecoveryDecision.APPROVE:
        check_reference(verdict.reference, request.reference_hash)
    assert reason is not None
    return reason


async def _reject(
    connection: TransactionWrapper, tools: Tools, user: User, request: RecoveryRequest, *, by: Viewer, reason: str
) -> None:
    await settle(connection, tools, request, RecoveryState.REJECTED, by=by, reason=reason)
    await notices.promise(tools, NoticeKind.RECOVERY_REJECTED, user=user, detail={"reason": reason})
    await _append(connection, tools, Act.RECOVERY_REJECTED, request, by=by)


async def _apply(
    connection: TransactionWrapper,
    tools: Tools,
    user: User,
    request: RecoveryRequest,
    *,
    code: FreshCode | None,
    by: Viewer | None = None,
    reason: str | None = None,
) -> None:
    """
    Give *user*, locked, what the request asks for; the old address is told, and a new one gets a code to prove it.

    Ends all sessions, and makes worthless all codes sent so far.
    """
    assert request.password_hash is not None
    old_address, user.password_hash = user.email, request.password_hash
    if request.email:
        user.email, user.email_verified_at = request.email, None
    user.mobile = request.mobile or user.mobile
    await user.save(update_fields=["password_hash", "email", "email_verified_at", "mobile"])
    await settle(connection, tools, request, RecoveryState.APPLIED, by=by, reason=reason)
    await accounts.end_sessions(tools, user.id)
    await codes.drop_codes(connection, tools, user.id, *CodePurpose)
    for address in dict.fromkeys((old_address, user.email)):
        await notices.promise(tools, NoticeKind.RECOVERY_APPLIED, user=user, address=address)
    if code:
        await codes.send_code(connection, tools, code, CodePurpose.VERIFY_EMAIL, user=user, address=user.email)
    await _append(connection, tools, Act.RECOVERY_APPLIED, request, by=by)


async def _append(
    connection: TransactionWrapper, tools: Tools, act: Act, request: RecoveryRequest, *, by: Viewer | None
) -> None:
    role, actor_id = (by.role, by.user_id) if by else (Role.SYSTEM, None)
    detail = {"user": str(request.user_id), "request": str(request.id)}
    await register.append(connection, Record(act, tools.clock(), role, actor_id=actor_id, detail=detail))


async def apply_due_recoveries(tools: Tools) -> int:
    """
    Let requests take effect whose delay has passed since the mail that told the person was sent; return how many.

    While that mail could not be sent, nothing takes effect by itself. At most 50, each in its own transaction; what
    somebody else has in hand is passed over.

    Raises:
        TooManySignIns: too many passwords and codes wait to be hashed; what is left stays due.
    """
    due = await database().execute_query_dict(DUE, [tools.clock(), BATCH])
    done = [await _apply_due(tools, row["id"], row["user_id"], has_email=row["email"] is not None) for row in due]
    if any(done):
        tools.wake(notices.NOTICES)
    return sum(done)


async def _apply_due(tools: Tools, request_id: UUID, user_id: UUID, *, has_email: bool) -> bool:
    code = await codes.make_code(tools) if has_email else None
    async with tx() as connection:
        may_be_applied = User.filter(id=user_id, role=Role.APPLICANT, frozen_at__isnull=True)
        user = await may_be_applied.select_for_update(skip_locked=True, no_key=True).first()
        still_due = RecoveryRequest.filter(id=request_id, state=RecoveryState.WAITING, due_at__lte=tools.clock())
        request = await still_due.first()
        if user is None or request is None:
            return False
        await _apply(connection, tools, user, request, code=code)
    return True
