"""Anchors: where the chains ended when a day was over, kept and mailed to who keeps them out of our reach."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from actions import notices
from actions.transaction import tx
from models.receipts import Notice
from models.register import Anchor as AnchorRow
from rules.anchors import Anchor
from rules.chain import Chain
from rules.notices import NoticeKind, NoticeState
from rules.workdays import day_of

if TYPE_CHECKING:
    from datetime import date

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

logger = logging.getLogger(__name__)

MOST_LINES = 60
"""So many lines in a mail at most: both chains' anchors of a month."""

ANCHOR = "SELECT day, chain, sequence, encode(hash, 'hex') AS hash FROM register_anchor($1, $2)"


async def anchor_yesterday(tools: Tools) -> int:
    """
    Anchor both chains for the day that is over in Lima, once; return how many anchors were made.

    Mails them to the configured address, if there is one, together with those that did not arrive before. A day on
    which this never ran has no anchor: the next one holds what came before it all the same. If it runs late, what was
    recorded since midnight is in it too; what is recorded after it is not dated on its day.
    """
    now = tools.clock()
    day = day_of(now) - timedelta(days=1)
    if await AnchorRow.exists(day=day):
        return 0
    async with tx() as connection:
        made = await _anchor(connection, [day, now])
        if made:
            await tell_keeper(tools, day, [anchor.line() for anchor in made])
    tools.wake(notices.NOTICES)
    return len(made)


async def _anchor(connection: TransactionWrapper, values: list[Any]) -> list[Anchor]:
    """Return what was anchored; nothing if another worker was first."""
    rows = await connection.execute_query_dict(ANCHOR, values)
    return [Anchor(row["day"], Chain(row["chain"]), row["sequence"], row["hash"]) for row in rows]


async def tell_keeper(tools: Tools, day: date, made: list[str]) -> None:
    """
    Promise the mail with the lines of what was anchored or published, within a transaction.

    Those that did not arrive before are in it too; nobody at the desk could do anything about them.
    """
    if tools.anchor_address is None:
        logger.warning("Anchors are mailed to nobody", extra={"action": "anchors_stay_here"})
        return
    lost = await _lost(tools)
    lines = [line for notice in lost for line in notice.detail["anchors"]] + made
    if lost:
        logger.error("Mails with anchors that came back: %d", len(lost), extra={"action": "anchors_undelivered"})
    detail = {"day": day.isoformat(), "anchors": list(dict.fromkeys(lines))[-MOST_LINES:]}
    await notices.promise(tools, NoticeKind.REGISTER_ANCHORED, address=tools.anchor_address, detail=detail)


async def _lost(tools: Tools) -> list[Notice]:
    """Return the mails of a month that came back or went nowhere, the oldest first, since one that was sent."""
    since = tools.clock() - timedelta(days=30)
    mails = await Notice.filter(kind=NoticeKind.REGISTER_ANCHORED, created_at__gte=since).order_by("-created_at")
    lost = takewhile(lambda mail: mail.state is not NoticeState.SENT, mails)
    return [mail for mail in lost if mail.state is NoticeState.UNDELIVERABLE and mail.erased_at is None][::-1]
