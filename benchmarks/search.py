"""How long lists and searches take at the server with many trámites, beside the same with ten thousand."""

from __future__ import annotations

import random
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from benchmarks.server import statement_of, watched
from mesadepartes.multitude import FIRST_DNI, multiply
from models.people import User
from reading.access import Viewer
from reading.filters import Filter
from reading.finding import PAGE_LENGTH, Slice, counted_of, page_of
from reading.narrowing import narrowed
from rules.access import Role
from rules.catalogue import DocumentKind
from rules.lifecycle import TramiteStatus
from rules.orders import TramiteOrder
from rules.workdays import day_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from benchmarks.server import Server

FEW = 10_000
BUSIEST = 2_000
"""How many the busiest applicant has, at both sizes: it is the others' that make the difference."""
QUIET = 20
"""How many an office has of which its clerk's lists are measured."""
OPEN_OFFICE = """
INSERT INTO offices (id, code, name, position, opens_at, closes_at)
VALUES (gen_random_uuid(), 'QUIETA', 'Quieta', 99, '08:30', '16:30') RETURNING id
"""
MOVE_OLDEST = "UPDATE tramites SET office_id = $1 WHERE id IN (SELECT id FROM tramites ORDER BY sent_at LIMIT $2)"
TARGET_MS = 50.0
TARGET_RATIO = 2.0
NEGLIGIBLE_MS = 1.0
"""A list that takes less is not compared: what is measured of it is the clock."""


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Fill up to ten thousand, measure, fill up to as many as asked for, measure again."""
    async with prepared() as ground:
        tools, chance = ground.counter.tools, random.Random(1)
        await multiply(tools, ground.owner_url, FEW, chance=chance, told=lambda _: None, busiest=BUSIEST)
        async with watched(ground) as server:
            few = await _measured(server, tools.clock(), arguments.times)
        began = time.perf_counter()
        ground.counter.clock.advance(hours=1)
        await multiply(tools, ground.owner_url, arguments.rows - FEW, chance=chance, told=lambda _: None, busiest=0)
        seconds = time.perf_counter() - began
        async with watched(ground) as server:
            many = await _measured(server, tools.clock(), arguments.times)
    rows = Figure("trámites", arguments.rows, "trámites")
    return [rows, Figure("made up a second", (arguments.rows - FEW) / seconds, "1/s"), *_figures(few, many)]


def _figures(few: dict[str, float], many: dict[str, float]) -> list[Figure]:
    figures = list[Figure]()
    for name, ms in many.items():
        figures.append(Figure(f"{name}, median", ms, "ms", f"< {TARGET_MS:g}", ms < TARGET_MS))
        ratio = ms / few[name]
        is_met = ratio <= TARGET_RATIO or ms < NEGLIGIBLE_MS
        target = f"<= {TARGET_RATIO:g}, or under {NEGLIGIBLE_MS:g} ms"
        figures.append(Figure(f"{name} ÷ with {FEW}", ratio, "", target, is_met))
    return figures


async def _measured(server: Server, now: datetime, times: int) -> dict[str, float]:
    few, thousands = await _viewer(FIRST_DNI + 7), await _viewer(FIRST_DNI)
    async with _quiet_office(server.connection) as office_id:
        clerk = replace(few, role=Role.CLERK, office_ids=frozenset({office_id}))
        measured = dict[str, float]()
        for who, viewer in (
            ("an applicant with a few", few),
            (f"one with {BUSIEST}", thousands),
            (f"a clerk whose office has {QUIET}", clerk),
        ):
            for what, wanted, order in _questions(now):
                everything = await narrowed(viewer, wanted, order, today=day_of(now))
                pages = [page_of(part, Slice(), order).limit(PAGE_LENGTH + 1) for part in everything]
                counts = [counted_of(part) for part in everything]
                for kind, queries in (("page", pages), ("count", counts)):
                    took = [await server.took(*statement_of(query), times) for query in queries]
                    measured[f"{what}, {kind}, {who}"] = sum(took)
    return measured


@asynccontextmanager
async def _quiet_office(owner: asyncpg.Connection) -> AsyncGenerator[UUID]:
    """Give an office, for as long as it is measured, the oldest trámites and no others."""
    meanwhile = owner.transaction()
    await meanwhile.start()
    office_id = UUID(str(await owner.fetchval(OPEN_OFFICE)))
    await owner.execute(MOVE_OLDEST, office_id, QUIET)
    await owner.execute("ANALYZE tramites")
    try:
        yield office_id
    finally:
        await meanwhile.rollback()


def _questions(now: datetime) -> list[tuple[str, Filter, TramiteOrder]]:
    latest = TramiteOrder.SENT_LATEST_FIRST
    day = now.date()
    return [
        ("everything", Filter(), latest),
        ("earliest first", Filter(), TramiteOrder.SENT_EARLIEST_FIRST),
        ("by legal date", Filter(), TramiteOrder.FILED_LATEST_FIRST),
        ("by deadline", Filter(), TramiteOrder.DEADLINE_SOONEST_FIRST),
        ("a number", Filter(number=f"MPD-{day.year}-000001"), latest),
        ("kind and status", Filter(document_kinds=(DocumentKind.LETTER,), statuses=(TramiteStatus.PENDING,)), latest),
        ("dates", Filter(sent_from=day.replace(month=1, day=1), filed_to=day), latest),
        ("an office", Filter(office_codes=("PUNO",)), latest),
        ("a frequent word", Filter(text="solicito"), latest),
        ("words with accents", Filter(text="licencia construcción"), latest),
        ("a rare word", Filter(text="12345"), latest),
    ]


async def _viewer(identity_number: int) -> Viewer:
    user = await User.get(identity_number=str(identity_number))
    return Viewer(user.id, user.id, Role.APPLICANT)


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--rows", type=int, default=100_000, help="trámites; a large institution has 1,000,000")
    command_line.add_argument("--times", type=int, default=5, help="how often each question is asked")
    run(command_line.parse_args(), measure)
