"""Anchors: where the chains ended when a day was over, kept and mailed to who keeps them out of our reach."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from actions import notices
from actions.transaction import tx
from models.register import Anchor as AnchorRow
from rules.anchors import Anchor
from rules.chain import Chain
from rules.notices import NoticeKind
from rules.workdays import day_of

if TYPE_CHECKING:
    from datetime import date

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools

ANCHOR = "SELECT day, chain, sequence, encode(hash, 'hex') AS hash FROM register_anchor($1, $2)"


async def anchor_yesterday(tools: Tools) -> int:
    """
    Anchor both chains for the day that is over in Lima, once; return how many anchors were made.

    Mails them to the configured address, if there is one. A day on which this never ran has no anchor: the next one
    holds what came before it all the same.
    """
    now = tools.clock()
    day = day_of(now) - timedelta(days=1)
    if await AnchorRow.exists(day=day):
        return 0
    async with tx() as connection:
        made = await _anchor(connection, [day, now])
        if made and tools.anchor_address is not None:
            await _promise(tools, tools.anchor_address, day, made)
    tools.wake(notices.NOTICES)
    return len(made)


async def _anchor(connection: TransactionWrapper, values: list[Any]) -> list[Anchor]:
    """Return what was anchored; nothing if another worker was first."""
    rows = await connection.execute_query_dict(ANCHOR, values)
    return [Anchor(row["day"], Chain(row["chain"]), row["sequence"], row["hash"]) for row in rows]


async def _promise(tools: Tools, address: str, day: date, made: list[Anchor]) -> None:
    detail = {"day": day.isoformat(), "anchors": [anchor.line() for anchor in made]}
    await notices.promise(tools, NoticeKind.REGISTER_ANCHORED, address=address, detail=detail)
