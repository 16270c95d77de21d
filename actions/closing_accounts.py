"""What is done to an account when it is closed: nothing of its holder is left but what they filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import codes, notices, register
from actions.accounts import blank
from actions.contents import abandon_contents
from actions.register import Record
from actions.waiting_recoveries import cancel_waiting
from models.people import Session, User
from models.retention import AccountClosure
from rules.access import Role
from rules.closures import ClosureState
from rules.codes import CodePurpose
from rules.notices import NoticeKind
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

UPLOADS = "SELECT count(*) FROM uploads WHERE owner_id = $1 AND used_at IS NULL"
LOCK_UPLOADS = """
SELECT id, content_id FROM uploads WHERE owner_id = $1 AND used_at IS NULL FOR UPDATE SKIP LOCKED
"""
FORGET = (
    "DELETE FROM drafts WHERE owner_id = $1",
    "DELETE FROM saved_searches WHERE owner_id = $1",
    "DELETE FROM exports WHERE owner_id = $1",
    "DELETE FROM uploads WHERE owner_id = $1 AND used_at IS NULL",
    "DELETE FROM client_keys WHERE user_id = $1",
    "DELETE FROM second_factors WHERE user_id = $1",
    "DELETE FROM recovery_codes WHERE user_id = $1",
    "DELETE FROM invitations WHERE accepted_by_id = $1",
    # Trámites that are over: nobody is written to about them any more. Their receipts tell what was given.
    "UPDATE tramites SET contact_email = NULL, contact_mobile = NULL WHERE applicant_id = $1",
)
FORGET_AT = (
    "UPDATE uploads SET name = '', erased_at = $2 WHERE owner_id = $1 AND erased_at IS NULL",
    """UPDATE recovery_requests SET email = NULL, mobile = NULL, reason = NULL, erased_at = $2
    WHERE user_id = $1 AND erased_at IS NULL""",
    """UPDATE tasks SET done_at = $2, note = 'La cuenta se cerró a pedido de su titular.'
    WHERE user_id = $1 AND done_at IS NULL""",
)
FORGET_NOTICES = """
UPDATE notices SET address = NULL, in_reply_to = NULL, detail = '{}', erased_at = $2
WHERE user_id = $1 AND finished_at IS NOT NULL AND erased_at IS NULL RETURNING id
"""
FORGET_MARK = "DELETE FROM bounced_addresses WHERE address = lower($1)"


async def close_account(connection: TransactionWrapper, tools: Tools, user: User) -> list[UUID] | None:
    """
    Close the account of *user*, locked by the caller's transaction; call it last.

    The row stays, for trámites and register name it by its id, but what it told of a person goes, and so do its
    sessions, codes, drafts, saved searches, uploads and keys; its number is free to register anew. Returns the uploads
    whose unfinished bytes are to be discarded; None, with nothing done, while somebody is filing with one.
    """
    uploads = await connection.execute_query_dict(LOCK_UPLOADS, [user.id])
    [in_all] = await connection.execute_query_dict(UPLOADS, [user.id])
    if len(uploads) != in_all["count"]:
        return None
    address = user.email
    await cancel_waiting(connection, tools, user)
    await codes.drop_codes(connection, tools, user.id, *CodePurpose)
    erased = await _forget(connection, tools, user)
    await abandon_contents(tools, [row["content_id"] for row in uploads if row["content_id"]])
    await User.filter(id=user.id).update(**blank(user), email_verified_at=None, closed_at=tools.clock())
    closure = await AccountClosure.get(user_id=user.id, state=ClosureState.WAITING)
    closure.state, closure.settled_at = ClosureState.CLOSED, tools.clock()
    await closure.save(update_fields=["state", "settled_at"])
    await notices.promise(tools, NoticeKind.ACCOUNT_CLOSED, address=address)
    detail = {"user": str(user.id), "closure": str(closure.id), "notices": erased}
    await register.append(connection, Record(Act.ACCOUNT_CLOSED, tools.clock(), Role.SYSTEM, detail=detail))
    return [row["id"] for row in uploads]


async def _forget(connection: TransactionWrapper, tools: Tools, user: User) -> int:
    """Erase what is kept of a person for their account alone; return how many notices were erased."""
    await Session.filter(user_id=user.id).delete()
    for statement in FORGET:
        await connection.execute_query(statement, [user.id])
    for statement in FORGET_AT:
        await connection.execute_query(statement, [user.id, tools.clock()])
    await connection.execute_query(FORGET_MARK, [user.email])
    return len(await connection.execute_query_dict(FORGET_NOTICES, [user.id, tools.clock()]))
