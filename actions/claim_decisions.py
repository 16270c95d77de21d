"""What supervisors do with claims of an identity: freeze, keep the holder, hand over. Nothing filed is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from actions import codes, notices, register
from actions.appointments import administrators_locked, end_appointment, record_released
from actions.identity_claims import freeze
from actions.recovery_decisions import check_reference
from actions.register import Record
from actions.transaction import tx
from actions.waiting_recoveries import cancel_waiting, postpone_waiting
from models.people import User
from models.requests import IdentityClaim
from reading.requests import find_claim
from rules.claims import ClaimDecision, ClaimSettled, ClaimState, NothingToHandOver, vacated_number
from rules.codes import CodePurpose
from rules.desk import DeskRight, check_decider, clean_reason
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act
from rules.staff import LastAdministrator

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer


@dataclass(frozen=True)
class Verdict:
    """How a supervisor decides a claim, as typed; the reference is the one that the person shows who claims."""

    decision: ClaimDecision
    reason: str
    reference: str | None = None


async def freeze_claimed_account(tools: Tools, viewer: Viewer, claim_id: UUID) -> IdentityClaim:
    """
    Freeze the account of a claim that waits; freezing it twice is no error. Its holder is told.

    Raises:
        NoSuchRequest: there is none that the viewer may see.
        NotForYou, OwnRequest: they may see but not decide it.
        ClaimSettled: it waits no more.
        NothingToHandOver: no account has the identity.
        LastAdministrator: nobody else administers.
    """
    found = await find_claim(viewer, claim_id)
    check_decider(viewer.role, DeskRight.DECIDE_CLAIMS, decider_id=viewer.user_id, account_id=found.user_id)
    async with tx() as connection:
        administrators = await administrators_locked()
        holder, claim = await _locked(found)
        if not _still_holds(holder, claim):
            raise NothingToHandOver
        assert holder is not None
        _check_administered(administrators, without=holder)
        if holder.frozen_at is None:
            await freeze(tools, holder.id)
            await notices.promise(tools, NoticeKind.ACCOUNT_FROZEN, user=holder)
            await _append(connection, tools, Act.ACCOUNT_FROZEN, claim, by=viewer)
    tools.wake(notices.NOTICES)
    return await find_claim(viewer, claim_id)


async def decide_identity_claim(tools: Tools, viewer: Viewer, claim_id: UUID, verdict: Verdict) -> IdentityClaim:
    """
    Decide a claim, once: for the holder, who may sign in again, or for who claims, who may register the number.

    Handed over, the old account keeps its trámites and shows them to nobody but staff: it stays frozen, and its number
    becomes one that no document has; if it was one of staff, it is no more. Both are told by mail.

    Raises:
        NoSuchRequest: there is none that the viewer may see.
        NotForYou, OwnRequest: they may see but not decide it.
        InvalidInput: no reason is given; WrongReference: the reference is another.
        ClaimSettled: it waits no more.
        NothingToHandOver: no account has the identity.
        LastAdministrator: it is to be handed over, but nobody else administers.
    """
    found = await find_claim(viewer, claim_id)
    check_decider(viewer.role, DeskRight.DECIDE_CLAIMS, decider_id=viewer.user_id, account_id=found.user_id)
    reason = _cleaned(found, verdict)
    async with tx() as connection:
        administrators = await administrators_locked()
        holder, claim = await _locked(found)
        match verdict.decision:
            case ClaimDecision.KEEP_HOLDER:
                await _keep(tools, holder, claim, reason=reason)
            case ClaimDecision.HAND_OVER:
                if holder is not None:
                    _check_administered(administrators, without=holder)
                await _hand_over(connection, tools, holder, claim, by=viewer, reason=reason)
            case _:
                assert_never(verdict.decision)
        claim.decided_at, claim.decided_by_id, claim.reason = tools.clock(), viewer.user_id, reason
        await claim.save(update_fields=["state", "decided_at", "decided_by_id", "reason"])
        await _append(connection, tools, Act.IDENTITY_CLAIM_DECIDED, claim, by=viewer)
    tools.wake(notices.NOTICES)
    return await find_claim(viewer, claim_id)


def _cleaned(claim: IdentityClaim, verdict: Verdict) -> str:
    checks = Checks()
    reason = checks.take("reason", clean_reason, verdict.reason)
    checks.refuse_any()
    if verdict.decision is ClaimDecision.HAND_OVER:
        check_reference(verdict.reference, claim.reference_hash)
    assert reason is not None
    return reason


async def _locked(found: IdentityClaim) -> tuple[User | None, IdentityClaim]:
    """Return the account, if there is one, and the claim that waits, both locked in this order."""
    holder = await User.filter(id=found.user_id).select_for_update(no_key=True).first() if found.user_id else None
    waiting = IdentityClaim.filter(id=found.id, state=ClaimState.WAITING)
    claim = await waiting.select_for_update().first()
    if claim is None:
        raise ClaimSettled
    return holder, claim


def _check_administered(administrators: Collection[UUID], *, without: User) -> None:
    """
    Judge whether somebody administers without that account; whoever could not sign in would not.

    Raises:
        LastAdministrator: nobody does.
    """
    if set(administrators) == {without.id}:
        raise LastAdministrator


def _still_holds(holder: User | None, claim: IdentityClaim) -> bool:
    claimed = (claim.identity_kind, claim.identity_number)
    return holder is not None and (holder.identity_kind, holder.identity_number) == claimed


async def _keep(tools: Tools, holder: User | None, claim: IdentityClaim, *, reason: str) -> None:
    claim.state = ClaimState.KEPT
    if holder and _still_holds(holder, claim):
        await User.filter(id=holder.id).update(frozen_at=None)
        await postpone_waiting(tools, holder)
        await notices.promise(tools, NoticeKind.ACCOUNT_KEPT, user=holder)
    await notices.promise(tools, NoticeKind.CLAIM_REJECTED, address=claim.email, detail={"reason": reason})


async def _hand_over(
    connection: TransactionWrapper, tools: Tools, holder: User | None, claim: IdentityClaim, *, by: Viewer, reason: str
) -> None:
    if holder is None or not _still_holds(holder, claim):
        raise NothingToHandOver
    claim.state = ClaimState.HANDED_OVER
    if holder.is_staff:
        await _dismiss(connection, tools, holder, by=by)
    await freeze(tools, holder.id)
    await User.filter(id=holder.id).update(identity_number=vacated_number(holder.id))
    await codes.drop_codes(connection, tools, holder.id, *CodePurpose)
    await cancel_waiting(connection, tools, holder)
    await notices.promise(tools, NoticeKind.ACCOUNT_HANDED_OVER, user=holder, detail={"reason": reason})
    await notices.promise(tools, NoticeKind.CLAIM_GRANTED, address=claim.email)


async def _dismiss(connection: TransactionWrapper, tools: Tools, holder: User, *, by: Viewer) -> None:
    """Let who was staff under an identity of somebody else's be staff no more."""
    ended = await end_appointment(connection, tools, holder)
    await record_released(connection, tools, holder, ended.released, by=by)
    detail = {"user": str(holder.id), "released": len(ended.released), "withdrawn": ended.withdrawn}
    record = Record(Act.STAFF_DEACTIVATED, tools.clock(), by.role, actor_id=by.user_id, detail=detail)
    await register.append(connection, record)


async def _append(connection: TransactionWrapper, tools: Tools, act: Act, claim: IdentityClaim, *, by: Viewer) -> None:
    detail = {"claim": str(claim.id)} | ({"user": str(claim.user_id)} if claim.user_id else {})
    if act is Act.IDENTITY_CLAIM_DECIDED:
        detail["decision"] = claim.state.value
    await register.append(connection, Record(act, tools.clock(), by.role, actor_id=by.user_id, detail=detail))
