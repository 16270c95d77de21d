"""Answers to mails: the one decision about each, how often an address is answered, and the breaker for all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions.transaction import database
from rules.mail import SuppressionReason
from rules.mail_answers import ANSWER_WINDOW, ANSWERS_PER_DAY, BREAKER_LIMIT, BREAKER_WINDOW, answered_address
from rules.notices import BY_HAND

if TYPE_CHECKING:
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

ANSWERED = "SELECT mail_answers($1, $2) AS answered"
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
    key = counted_as(tools, writer)
    if key is None:
        return answer_of(writer, key=None, answered=0)
    rows = await connection.execute_query_dict(ANSWERED, [key, tools.clock() - ANSWER_WINDOW])
    return answer_of(writer, key=key, answered=rows[0]["answered"])


def counted_as(tools: Tools, writer: Writer) -> bytes | None:
    """Return under what the answer to a mail is counted; None if it gets none."""
    if writer.address is None or writer.suppression is not None:
        return None
    return answer_key(tools, writer.address)


def answer_of(writer: Writer, *, key: bytes | None, answered: int) -> Answer:
    """
    Return whether a mail is answered, whose sender was answered so often of late, as it is counted under *key*.

    Within a transaction, and with the lock that `mail_answers` takes: five answers a day are five.
    """
    if key is None:
        reason = writer.suppression or SuppressionReason.NO_ADDRESS
        return Answer(writer.address, None, writer.message_id, reason)
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
