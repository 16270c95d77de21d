"""How long reports take at the server with many trámites, and what the facts that they are counted from cost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.copies import COUNT, add_arguments, crowded
from benchmarks.figures import Figure, parser, run
from benchmarks.server import watched
from reading.reports import Wanted, question
from rules.catalogue import DocumentKind
from rules.lifecycle import TramiteStatus
from rules.reports import MOST_DAYS, MOST_DAYS_APART, Period, ReportGroup
from rules.workdays import day_of

if TYPE_CHECKING:
    import argparse
    from datetime import date

    from benchmarks.server import Server

TARGET_MS = 200.0
FACTS = ("positions", "acts", "waiting", "waiting_months", "steps", "months", "cells")
TABLES = tuple(f"report_{name}" for name in FACTS)


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Fill up, then ask for every kind of report."""
    async with crowded(arguments) as crowd, watched(crowd.ground) as server:
        today = day_of(crowd.ground.counter.tools.clock())
        figures = [await _timed(server, wanted, today, arguments.times) for wanted in _asked(today)]
        size, owner = 0, server.connection
        for table in TABLES:
            size += int(await owner.fetchval("SELECT pg_total_relation_size($1::text)", table) or 0)
        each = size / int(await owner.fetchval(COUNT) or 1)
    return [*crowd.figures, Figure("facts, with their indexes", each, "bytes a trámite"), *figures]


def _asked(today: date) -> list[Wanted]:
    year = Period(today - timedelta(days=MOST_DAYS - 1), today)
    quarter = Period(today - timedelta(days=MOST_DAYS_APART - 1), today)
    long_ago = Period(today - timedelta(days=900), today - timedelta(days=900 - MOST_DAYS + 1))
    month = Period((today.replace(day=1) - timedelta(days=1)).replace(day=1), today.replace(day=1) - timedelta(days=1))
    groups = [group for group in (None, *ReportGroup) if group is not ReportGroup.DAY]
    return [
        *(Wanted(period=period, group=group) for period in (year, long_ago, quarter, month) for group in groups),
        Wanted(period=quarter, group=ReportGroup.DAY),
        Wanted(period=month, group=ReportGroup.DAY),
        Wanted(period=year, group=ReportGroup.OFFICE, document_kinds=(DocumentKind.LETTER,)),
        Wanted(period=year, group=ReportGroup.DOCUMENT_KIND, office_codes=("PUNO",)),
        Wanted(period=year, group=ReportGroup.OFFICE, statuses=(TramiteStatus.RESOLVED,)),
        Wanted(period=quarter, group=ReportGroup.DAY, office_codes=("PUNO",)),
    ]


async def _timed(server: Server, wanted: Wanted, today: date, times: int) -> Figure:
    """Measure all that the server is asked for a report."""
    ms = await server.took(*question(wanted, min(wanted.period.to_on, today)), times)
    return Figure(_name(wanted), ms, "ms", f"< {TARGET_MS:g}", ms < TARGET_MS)


def _name(wanted: Wanted) -> str:
    only = [*wanted.office_codes, *wanted.document_kinds, *wanted.statuses]
    days = f"{wanted.period.from_on} to {wanted.period.to_on}"
    return f"by {wanted.group or 'nothing'}, {days}{', only ' + only[0] if only else ''}, median"


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    add_arguments(command_line)
    command_line.add_argument("--times", type=int, default=5, help="how often each report is asked for")
    run(command_line.parse_args(), measure)
