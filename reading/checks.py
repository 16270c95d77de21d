"""Questions about the whole record, each of which finds the first place where it is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from reading.chains import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Check:
    """
    One question: what finds the first place where it is not so, and what is wrong there.

    A query answers with `where`, and with `what` if it tells more than one thing that can be wrong.
    """

    query: str
    what: str
    values: tuple[Any, ...] = ()


async def ask(connection: asyncpg.Connection, checks: Iterable[Check]) -> None:
    """
    Ask all *checks*.

    Raises:
        Fault: the first that finds anything, or that meets a value such as no version of this program writes.
    """
    for check in checks:
        try:
            found = await connection.fetchrow(check.query, *check.values)
        except asyncpg.DataError:
            raise Fault(
                "the record", f"a value that nobody can read hides whether this is so: it {check.what}"
            ) from None
        if found is not None:
            raise Fault(found["where"], found.get("what") or check.what)
