"""Codes of one use: made and hashed before the transaction, sent within it, tried, and taken exactly once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import bounces, notices
from actions.transaction import tx
from models.people import User
from rules.codes import CODE_LIFE, FORGET_AFTER, MOST_TRIES, PAUSES, CodePurpose, WrongCode, new_code
from rules.notices import SECRET, NoticeKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from rules.people import Identity

NOBODY = uuid.UUID("9d0c3c0e-5f0b-4a52-9d6e-0f6a1f3b7c21")
"""Namespace of the subjects that stand for identities without an account."""

MAILS = {
    CodePurpose.VERIFY_EMAIL: NoticeKind.VERIFY_EMAIL,
    CodePurpose.RECOVER: NoticeKind.RECOVERY_CODE,
    CodePurpose.CHANGE_EMAIL: NoticeKind.EMAIL_CHANGE_CODE,
}
"""By which mail the code of each purpose travels."""

KEEP = """
INSERT INTO codes AS kept (id, purpose, subject_id, address, kept_hash, tries, sent_count, sent_at, expires_at)
VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7)
ON CONFLICT (subject_id, purpose) DO UPDATE SET
    id = excluded.id, address = excluded.address, kept_hash = excluded.kept_hash, tries = 0,
    sent_count = CASE WHEN kept.sent_at <= $8 THEN 1 ELSE LEAST(kept.sent_count + 1, 100) END,
    sent_at = excluded.sent_at, expires_at = excluded.expires_at
WHERE kept.sent_at + ($9::interval[])[LEAST(kept.sent_count, array_length($9::interval[], 1))] <= $6
RETURNING kept.id
"""

TRY = """
UPDATE codes SET tries = tries + 1
WHERE subject_id = $1 AND purpose = $2 AND tries < $3 AND expires_at > $4
RETURNING id, kept_hash, address
"""

TAKE = "DELETE FROM codes WHERE id = $1 RETURNING id"

DROP = "DELETE FROM codes WHERE subject_id = $1 AND purpose = ANY($2)"

FORGET = """
DELETE FROM codes WHERE id IN (SELECT id FROM codes WHERE sent_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING id
"""

EXPIRE = """
UPDATE notices SET state = 'SUPPRESSED', reason = 'CODE_EXPIRED', detail = detail - $1, finished_at = $2,
    next_try_at = NULL, lease_holder = NULL, leased_until = NULL
WHERE id IN (
    SELECT id FROM notices
    WHERE state = 'PENDING' AND created_at <= $3 AND kind = ANY($4) AND (leased_until IS NULL OR leased_until <= $2)
    LIMIT $5 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""

BATCH = 200


@dataclass(frozen=True)
class FreshCode:
    """A code that nobody was sent yet, and what is kept of it."""

    text: str
    kept_hash: str


@dataclass(frozen=True)
class TriedCode:
    """A code that was found right, to be taken; the address it was sent to, and when it was tried."""

    id: UUID
    address: str
    tried_at: datetime


async def make_code(tools: Tools) -> FreshCode:
    """
    Return a new code and its Argon2id hash; takes time, so call it before the transaction.

    Eight digits could be guessed from a fast hash in no time, by whoever reads a copy of the database.

    Raises:
        TooManySignIns: too many passwords and codes wait to be hashed.
    """
    text = new_code(tools.random_bytes)
    return FreshCode(text, await tools.hasher.hash(text))


def nobody(identity: Identity) -> UUID:
    """Return the subject that stands for an identity without an account."""
    return uuid.uuid5(NOBODY, str(identity))


async def subject_of(identity: Identity) -> tuple[UUID, User | None]:
    """Return the subject of an identity's codes, and the account if there is one."""
    user = await User.get_or_none(identity_kind=identity.kind, identity_number=identity.number)
    return (user.id, user) if user else (nobody(identity), None)


async def send_code(
    connection: TransactionWrapper, tools: Tools, code: FreshCode, purpose: CodePurpose, *, user: User, address: str
) -> bool:
    """
    Keep, within a transaction, the code of *user* for *purpose* and promise the mail that brings it to *address*.

    It replaces an earlier one, whose mail is taken back if it has not left yet. False, and nothing done, when the
    last one was sent too short ago.
    """
    if not await _keep(connection, tools, code, purpose, subject_id=user.id, address=address):
        return False
    kind = MAILS[purpose]
    await notices.withdraw(connection, tools, user.id, [kind], reason="CODE_REPLACED")
    await notices.promise(tools, kind, user=user, address=address, detail={SECRET: code.text})
    return True


async def seem_to_send(
    connection: TransactionWrapper, tools: Tools, code: FreshCode, purpose: CodePurpose, *, identity: Identity
) -> None:
    """Do as `send_code`, for an identity that gets no code: as many statements, the same commit, and no mail."""
    subject_id = nobody(identity)
    if await _keep(connection, tools, code, purpose, subject_id=subject_id, address=None):
        for _ in ("the earlier mail", "the mail"):
            await notices.withdraw(connection, tools, subject_id, [MAILS[purpose]], reason="CODE_REPLACED")


async def _keep(
    connection: TransactionWrapper,
    tools: Tools,
    code: FreshCode,
    purpose: CodePurpose,
    *,
    subject_id: UUID,
    address: str | None,
) -> bool:
    now = tools.clock()
    values = [uuid.uuid4(), purpose.value, subject_id, address, code.kept_hash, now, now + CODE_LIFE]
    return bool(await connection.execute_query_dict(KEEP, [*values, now - FORGET_AFTER, list(PAUSES)]))


async def try_code(tools: Tools, purpose: CodePurpose, *, subject_id: UUID, digits: str) -> TriedCode:
    """
    Spend one of the five tries of a code, then compare; answer with what `take_code` takes.

    The try is committed before the comparison, in a transaction of its own: whatever fails later, it stays spent.
    Takes about the same time whether there is a code or not.

    Raises:
        WrongCode: it is another, or there is none that holds.
        TooManySignIns: too many passwords and codes wait to be hashed.
    """
    async with tx() as connection:
        now = tools.clock()
        rows = await connection.execute_query_dict(TRY, [subject_id, purpose.value, MOST_TRIES, now])
    found = rows[0] if rows else None
    if not await tools.hasher.matches(digits, kept=found["kept_hash"] if found else None):
        raise WrongCode
    assert found is not None
    if found["address"] is None:
        raise WrongCode
    return TriedCode(found["id"], found["address"], now)


async def take_code(connection: TransactionWrapper, tried: TriedCode) -> None:
    """
    Use up, within a transaction, a code that was found right; of several who try it at once, one gets it.

    It shows that mail arrives at its address: one that bounced before is written to again.
    Lock the account first: everybody locks in that order.

    Raises:
        WrongCode: it was taken, replaced or dropped meanwhile.
    """
    if not await connection.execute_query_dict(TAKE, [tried.id]):
        raise WrongCode
    await bounces.lift_mark(tried.address, at=tried.tried_at)


async def drop_codes(connection: TransactionWrapper, tools: Tools, user_id: UUID, *purposes: CodePurpose) -> None:
    """Make worthless, within a transaction, the codes of an account for *purposes*, and take their mails back."""
    await connection.execute_query(DROP, [user_id, [purpose.value for purpose in purposes]])
    await notices.withdraw(connection, tools, user_id, [MAILS[each] for each in purposes], reason="CODE_DROPPED")


async def forget_codes(tools: Tools) -> int:
    """
    Forget codes sent a day ago, and take back mails whose code has expired, with the code in them.

    Returns how many codes and mails; takes at most 200 of each, so that it is called again while there are any.
    """
    now = tools.clock()
    async with tx() as connection:
        codes = await connection.execute_query_dict(FORGET, [now - FORGET_AFTER, BATCH])
        kinds = [kind.value for kind in MAILS.values()]
        mails = await connection.execute_query_dict(EXPIRE, [SECRET, now, now - CODE_LIFE, kinds, BATCH])
    return len(codes) + len(mails)
