"""What somebody is at the counter: where they serve, and what ends and begins with that; no rights are judged here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import accounts, notices, register
from actions.register import Record
from models.people import Post, User
from models.retention import AccountClosure
from models.staff import Invitation
from rules.access import Role
from rules.closures import ClosureState
from rules.notices import NoticeKind
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.catalogue import Office
    from reading.access import Viewer

RELEASE = """
UPDATE tramites SET owner_id = NULL, revision = revision + 1
WHERE owner_id = $1 AND office_id <> ALL($2::uuid[]) AND status IN ('PENDING', 'OBSERVED', 'REFERRED') RETURNING id
"""
"""What is over keeps its owner: who attended to it; reopened, it has none."""


@dataclass(frozen=True)
class Ended:
    """What ended with an appointment: trámites that are nobody's now, and how many invitations are worth nothing."""

    released: list[UUID]
    withdrawn: int


async def administrators_locked() -> list[UUID]:
    """Lock, within a transaction, all who administer, always in the same order; return their ids."""
    active = User.filter(role=Role.ADMINISTRATOR, deactivated_at__isnull=True, frozen_at__isnull=True)
    return [user.id for user in await active.order_by("id").select_for_update(no_key=True)]


async def place(connection: TransactionWrapper, user: User, offices: Sequence[Office]) -> list[UUID]:
    """Let somebody serve these offices and no others, within a transaction; return the trámites that were released."""
    ids = [office.id for office in offices]
    await Post.filter(user_id=user.id).exclude(office_id__in=ids).delete()
    await Post.bulk_create([Post(user=user, office=office) for office in offices], ignore_conflicts=True)
    return [row["id"] for row in await connection.execute_query_dict(RELEASE, [user.id, ids])]


async def end_appointment(connection: TransactionWrapper, tools: Tools, user: User) -> Ended:
    """
    Make *user*, locked by the caller's transaction, staff no more, at once; they stay what they are as an applicant.

    The caller records what was released (`record_released`) and that they left.
    """
    user.deactivated_at = tools.clock()
    await user.save(update_fields=["deactivated_at"])
    released = await place(connection, user, [])
    await accounts.end_sessions(tools, user.id)
    return Ended(released, await withdraw_invitations_of(tools, user))


async def withdraw_invitations_of(tools: Tools, user: User) -> int:
    """Make worthless, within a transaction, the invitations that somebody made; return how many waited."""
    made = Invitation.filter(invited_by_id=user.id, accepted_at__isnull=True, withdrawn_at__isnull=True)
    return await made.update(withdrawn_at=tools.clock())


async def record_released(
    connection: TransactionWrapper, tools: Tools, user: User, released: Sequence[UUID], *, by: Viewer | None
) -> None:
    """Append an act for each trámite that somebody owns no more: each revision of a trámite has its act."""
    for tramite_id in released:
        record = Record(
            Act.OWNER_CHANGED,
            tools.clock(),
            by.role if by else Role.SYSTEM,
            actor_id=by.user_id if by else None,
            tramite_id=tramite_id,
            detail={"before": str(user.id), "after": None},
        )
        await register.append(connection, record)


async def keep_account(connection: TransactionWrapper, tools: Tools, user: User) -> None:
    """
    Stop, within a transaction that has locked the account, the closing that waits, if one does: *user* becomes staff.

    Otherwise it would be closed on the day on which they leave, for something they asked for long before.
    """
    closure = await AccountClosure.get_or_none(user_id=user.id, state=ClosureState.WAITING)
    if closure is None:
        return
    closure.state, closure.settled_at = ClosureState.STOPPED, tools.clock()
    await closure.save(update_fields=["state", "settled_at"])
    await notices.promise(tools, NoticeKind.CLOSURE_STOPPED, user=user)
    detail = {"user": str(user.id), "closure": str(closure.id)}
    await register.append(connection, Record(Act.CLOSURE_STOPPED, tools.clock(), Role.SYSTEM, detail=detail))
