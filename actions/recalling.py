"""
Who holds a session, taken from memory and proven by the statement that reads what they may see.

To ask who looks, and then for what they may see, takes two trips to the database, each of which costs as much as a
small page. So what the row of a session told the last time is taken as true, and the next statement yields rows only
if in its own snapshot the session is live and its row tells the same: they were read under rights that held. If it
yields none, or anything else is to be asked, it is asked first who looks.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from actions.leases import Lease
from reading.access import HOLDER_BY_TOKEN_OF_KIND

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from reading.access import Ask

MOST_REMEMBERED: Final = 10_000
MOST_STATEMENTS: Final = 1_000

# All that makes a viewer; not when the session was last seen, which says nothing of rights and changes every minute.
_PROOF = "ROW(h.id, h.user_id, h.second_factor_at, h.role, h.deactivated_at, h.confirmed_at, h.office_ids)::text"
TOLD = f"SELECT h.*, {_PROOF} FROM ({HOLDER_BY_TOKEN_OF_KIND}) h"  # noqa: S608 - our own statement


class Disproved(Exception):
    """What was remembered of a session holds no more: what was asked under it must be asked anew."""


class _Claim(NamedTuple):
    values: tuple[object, ...]
    proof: str


_remembered = OrderedDict[tuple[object, ...], tuple[tuple[Any, ...], str]]()
"""By token and kind of session: what its row told, and what proves it."""


class Recall(Lease):
    """A lease that may begin with what is remembered of who asks."""

    __slots__ = ("_claim", "_doubt", "_who")

    def __init__(self) -> None:
        super().__init__()
        self._claim: _Claim | None = None
        self._doubt: Callable[[], None] | None = None
        self._who: tuple[object, ...] = ()

    def ask_doubting(self, doubt: Callable[[], None]) -> Ask:
        """Return what asks who holds a session; *doubt* is called if what was remembered is not proven in the end."""
        self._doubt = doubt
        return self._ask

    async def _ask(self, sql: str, *values: object) -> Sequence[Any]:
        """
        Return who holds a session, from memory if it is remembered.

        Anything else changes what is remembered (that the session is in use): it is asked when that is proven.

        Raises:
            Disproved: it holds no more.
        """
        if sql != HOLDER_BY_TOKEN_OF_KIND:
            await self.prove()
            _remembered.pop(self._who, None)
            return await self.fetch(sql, *values)
        _, *who = values
        self._who = tuple(who)
        if (found := _remembered.get(self._who)) is None:
            return await self._tell(values)
        row, proof = found
        self._claim = _Claim(values, proof)
        return [row]

    async def fetch(self, sql: str, *values: object) -> list[Any]:
        """
        Return the rows of a statement; what is remembered of who asks is proven by it.

        Raises:
            Disproved: it holds no more.
        """
        if (claim := self._claim) is None:
            return await super().fetch(sql, *values)
        rows = await super().fetch(_under_claim(sql, len(values)), *values, *claim.values, claim.proof)
        if rows:
            self._claim = None
        else:
            await self.prove()
        return rows

    async def prove(self) -> None:
        """
        Ask whether what is remembered still holds, unless that is proven.

        Raises:
            Disproved: it does not.
        """
        if (claim := self._claim) is None:
            return
        await self._tell(claim.values)
        self._claim = None  # no sooner: if nothing can be asked, nothing is proven
        if _remembered.get(self._who, (None, None))[1] != claim.proof:
            self._doubted()
            raise Disproved

    async def give_back(self, *, is_sound: bool = True) -> None:
        """
        Give the connection back, as any lease does.

        Raises:
            Disproved: what was asked by it, if all is sound, was asked under what holds no more.
        """
        if is_sound:
            await self.prove()
        elif self._claim is not None:
            self._claim = None
            _remembered.pop(self._who, None)  # or an ended session might be charged for again and again, never proven
            self._doubted()
        await super().give_back(is_sound=is_sound)

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[None]:
        """Let Tortoise ask by the same connection, as any lease does, once it is proven who asks."""
        await self.prove()
        async with super().shared():
            yield

    async def _tell(self, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Ask who holds a session, and remember it."""
        told = await super().fetch(TOLD, *values)
        _remembered.pop(self._who, None)
        for *row, proof in told:
            _remembered[self._who] = tuple(row), proof
        if len(_remembered) > MOST_REMEMBERED:
            _remembered.popitem(last=False)
        return [tuple(row) for *row, _ in told]

    def _doubted(self) -> None:
        if self._doubt is not None:
            self._doubt()


def forget_all() -> None:
    """Remember nothing."""
    _remembered.clear()


@lru_cache(MOST_STATEMENTS)
def _under_claim(sql: str, taken: int) -> str:
    """Return a statement that yields its rows, in their order, only if the claim in its last values is true."""
    holder = re.sub(r"\$(\d)", lambda place: f"${int(place[1]) + taken}", HOLDER_BY_TOKEN_OF_KIND)
    is_true = f"(SELECT {_PROOF} FROM ({holder}) h) = ${taken + 4}"  # noqa: S608 - our own statement
    return f"SELECT * FROM ({sql}) read WHERE {is_true}"  # noqa: S608 - as was given
