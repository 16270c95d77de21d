"""Answers to mails: the one decision about each, how often an address is answered, and the breaker for all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions.transaction import database
from models.receipts import Notice
from rules.mail import SuppressionReason
from rules.mail_answers import ANSWER_WINDOW, ANSWERS_PER_DAY, BREAKER_LIMIT, BREAKER_WINDOW, answered_address
from rules.notices import BY_HAND, NoticeState

if TYPE_CHECKING:
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

LOCK = "SELECT pg_advisory_xact_lock(('x' || encode(substr($1::bytea, 1, 8), 'hex'))::bit(64)::bigint)"
"""Two mails from one address, read by two workers, are counted one after the other."""

USED = """
SELECT (SELECT count(*) FROM notices WHERE answer_key IS NOT NULL AND state = 'SENT' AND finished_at > $1)
    + (SELECT count(*) FROM notices WHERE answer_key IS NOT NULL AND state = 'PENDING' AND leased_until > $2) AS used
"""
"""Answers that left since $1, and those that are leaving now."""

HELD = """
SELECT count(*) AS held FROM notices WHERE answer_key IS NOT NULL AND state = 'PENDING' AND next_try_at <= $1
    AND kind <> ALL($2) AND (leased_until IS NULL OR leased_until <= $1)
"""


@dataclass(frozen=True)
class Writer:
    """Who wrote a mail, as it says itself, and why no machine may answer it, if so; `message_id` is its own."""

    address: str | None = None
    message_id: str | None = None
    suppression: SuppressionReason | None = None


@dataclass(frozen=True)
class Answer:
    """How a mail is answered: to whom, under which key that is counted, or why it is not."""

    address: str | None
    key: bytes | None
    in_reply_to: str | None
    suppression: SuppressionReason | None


async def decide_answer(connection: TransactionWrapper, tools: Tools, writer: Writer) -> Answer:
    """
    Decide, within a transaction, whether a mail is answered.

    Until the end of the transaction no other mail from the same address is: five answers a day are five.
    """
    if writer.suppression is not None or writer.address is None:
        reason = writer.suppression or SuppressionReason.NO_ADDRESS
        return Answer(writer.address, None, writer.message_id, reason)
    key = answer_key(tools, writer.address)
    await connection.execute_query(LOCK, [key])
    answered = await Notice.filter(
        answer_key=key, state__not=NoticeState.SUPPRESSED, created_at__gt=tools.clock() - ANSWER_WINDOW
    ).count()
    reason = SuppressionReason.TOO_MANY if answered >= ANSWERS_PER_DAY else None
    return Answer(writer.address, key, writer.message_id, reason)


def answer_key(tools: Tools, address: str) -> bytes:
    """Return what stands for an address where its answers are counted."""
    return tools.security_check.blind(f"answers.{answered_address(address)}")


async def have_room(connection: TransactionWrapper, *, at: datetime) -> bool:
    """Say whether another answer may leave: in ten minutes two hundred do at most, whoever they are for."""
    rows = await connection.execute_query_dict(USED, [at - BREAKER_WINDOW, at])
    return int(rows[0]["used"]) < BREAKER_LIMIT


async def held_answers(tools: Tools) -> int:
    """Return how many answers are due and wait."""
    return int((await database().execute_query_dict(HELD, [tools.clock(), list(BY_HAND)]))[0]["held"])
