"""What a list costs at the server: finding out what to ask, a page of it, and its count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.server import statement_of
from reading.finding import MOST_COUNTED, PAGE_LENGTH, Slice, counted_of, page_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tortoise.queryset import ValuesListQuery

    from benchmarks.server import Server
    from reading.narrowing import Part
    from rules.orders import TramiteOrder

TARGET_MS = 50.0


async def list_figures(
    server: Server, name: str, order: TramiteOrder, ask: Callable[[], Awaitable[list[Part]]], *, who: str, times: int
) -> list[Figure]:
    """Measure what *ask* has to ask, with each of the two."""
    parts, asking = await server.meanwhile(ask, times)  # persons, offices, how rare a word is
    figures = list[Figure]()
    for kind, queries in (
        ("page", [page_of(part, Slice(), order).limit(PAGE_LENGTH + 1) for part in parts]),
        ("count", await _counted(parts)),
    ):
        took = asking + sum([await server.took(*statement_of(query), times) for query in queries])
        figures.append(Figure(f"{name}, {kind}, {who}", took, "ms", f"< {TARGET_MS:g}", took < TARGET_MS))
    return figures


async def _counted(parts: list[Part]) -> list[ValuesListQuery[Any]]:
    """Return the queries that are asked to count: none after more than a thousand were found."""
    asked, ids = list[Any](), set[Any]()
    for part in parts:
        if len(ids) <= MOST_COUNTED:
            asked.append(counted_of(part))
            ids.update(await counted_of(part))
    return asked
