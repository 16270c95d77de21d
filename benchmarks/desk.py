"""How long the desk's inbox and searches take at the server with many trámites, and what an export costs the web."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import tempfile
import time
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import asyncpg
import httpx

from benchmarks.copies import add_arguments, crowded
from benchmarks.figures import Figure, parser, run
from benchmarks.lists import list_figures
from benchmarks.server import watched
from mesadepartes.multitude import FIRST_DNI
from models.people import User
from reading.filters import Filter
from reading.inbox import desks_of
from reading.narrowing import narrowed, waiting
from rules.catalogue import Channel, DocumentKind
from rules.exports import ExportFormat
from rules.lifecycle import TramiteStatus
from rules.orders import OwnerChoice, TramiteOrder
from rules.workdays import day_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable
    from datetime import date

    from benchmarks.ground import Ground, WebPart
    from benchmarks.server import Server
    from reading.access import Viewer
    from reading.narrowing import Part

MOST_GROWTH_MB = 40.0
"""What the web process and those it starts may grow while it exports, however many rows there are."""

OPEN_EXPORT = """mutation($input: OpenExportInput!) { openExport(input: $input) {
    ... on OpenExportSuccess { export { id url } } ... on Refusal { code message } } }"""


@dataclass(frozen=True)
class Asked:
    """A list that staff ask for."""

    name: str
    wanted: Filter
    order: TramiteOrder = TramiteOrder.SENT_LATEST_FIRST


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Fill, measure each list of a clerk, a supervisor and a supervisor's inbox, then export."""
    async with crowded(arguments) as crowd:
        figures, today = list(crowd.figures), day_of(crowd.ground.counter.tools.clock())
        async with watched(crowd.ground) as server:
            for who, viewer in (("a clerk", crowd.clerk), ("a supervisor", crowd.supervisor)):
                figures += await _lists(server, who, viewer, today, arguments.times)
        if arguments.exported:
            figures += await _exports(crowd.ground, crowd.supervisor, arguments.exported)
        return figures


async def _lists(server: Server, who: str, viewer: Viewer, today: date, times: int) -> list[Figure]:
    figures = list[Figure]()
    lists: list[tuple[str, TramiteOrder, Callable[[], Awaitable[list[Part]]]]] = [
        (f"inbox{name}", TramiteOrder.DUE_SOONEST_FIRST, _inbox(viewer, wanted, today))
        for name, wanted in (("", Filter()), (", nobody's", Filter(owner=OwnerChoice.NOBODY)))
    ]
    lists += [(each.name, each.order, _search(viewer, each, today)) for each in _questions(today)]
    for name, order, everything in lists:
        figures += await list_figures(server, name, order, everything, who=who, times=times)
    return figures


def _inbox(viewer: Viewer, wanted: Filter, today: date) -> Callable[[], Awaitable[list[Part]]]:
    async def everything() -> list[Part]:
        offices = await desks_of(viewer, None)
        return await waiting(viewer, offices, wanted, TramiteOrder.DUE_SOONEST_FIRST, today=today)

    return everything


def _search(viewer: Viewer, asked: Asked, today: date) -> Callable[[], Awaitable[list[Part]]]:
    return lambda: narrowed(viewer, asked.wanted, asked.order, today=today)


def _questions(today: date) -> list[Asked]:
    month, year = today - timedelta(days=30), today - timedelta(days=365)
    return [
        Asked("everything", Filter()),
        Asked("earliest first", Filter(), TramiteOrder.SENT_EARLIEST_FIRST),
        Asked("by legal date", Filter(), TramiteOrder.FILED_LATEST_FIRST),
        Asked("by term to correct", Filter(), TramiteOrder.DEADLINE_SOONEST_FIRST),
        Asked("by deadline", Filter(), TramiteOrder.DUE_SOONEST_FIRST),
        Asked("number", Filter(number=f"MPD-{today.year}-000001")),
        Asked("person", Filter(identity_number=str(FIRST_DNI))),
        Asked("name", Filter(name="María Ñaupari")),
        Asked("a rare name", Filter(name="Zoila")),
        Asked("RUC", Filter(organization_ruc="20131257750")),
        Asked("a frequent word", Filter(text="solicito")),
        Asked("words with accents", Filter(text="licencia construcción")),
        Asked("a rare word", Filter(text="12345")),
        Asked("words in no order of their own", Filter(text="apelo beneficio"), TramiteOrder.FILED_LATEST_FIRST),
        Asked("kind", Filter(document_kinds=(DocumentKind.LETTER,))),
        Asked("status", Filter(statuses=(TramiteStatus.PENDING,)), TramiteOrder.SENT_EARLIEST_FIRST),
        Asked("a rare status", Filter(statuses=(TramiteStatus.OBSERVED,)), TramiteOrder.SENT_EARLIEST_FIRST),
        Asked("statuses by legal date", _open(), TramiteOrder.FILED_LATEST_FIRST),
        Asked("sent in a month", Filter(sent_from=month, sent_to=today)),
        Asked("sent in a year", Filter(sent_from=year, sent_to=today)),
        Asked("filed a year ago", Filter(filed_from=year - timedelta(days=30), filed_to=year)),
        Asked("due soon", Filter(due_from=today, due_to=today + timedelta(days=3)), TramiteOrder.DUE_SOONEST_FIRST),
        Asked("late", Filter(is_late=True)),
        Asked("my own", Filter(owner=OwnerChoice.ME), TramiteOrder.DUE_SOONEST_FIRST),
        Asked("nobody's", Filter(owner=OwnerChoice.NOBODY)),
        Asked("somebody's", Filter(owner=OwnerChoice.SOMEBODY)),
        Asked("by mail", Filter(channel=Channel.EMAIL)),
        Asked("an office", Filter(office_codes=("LIMA",))),
        Asked("offices and statuses", Filter(office_codes=("LIMA", "PUNO"), statuses=_open().statuses)),
        Asked("files received before", Filter(repeats_file=True)),
    ]


def _open() -> Filter:
    return Filter(statuses=(TramiteStatus.PENDING, TramiteStatus.OBSERVED, TramiteStatus.REFERRED))


async def _exports(ground: Ground, supervisor: Viewer, rows: int) -> list[Figure]:
    """Fetch the latest trámites as a file of each form, a tenth of *rows* and then as many; tell what it took."""
    web = await ground.start_web()
    token = await ground.token(web, (await User.get(id=supervisor.user_id)).identity_number)
    figures = list[Figure]()
    async with httpx.AsyncClient(timeout=300, headers={"authorization": f"Bearer {token}"}) as http:
        for format_ in ExportFormat:
            tenth = await _export(http, web, format_, await _since(ground, rows // 10))
            whole = await _export(http, web, format_, await _since(ground, rows))
            figures += [
                Figure(f"{format_}: rows", whole.rows, "rows"),
                Figure(f"{format_}: made and fetched in", whole.seconds, "s"),
                Figure(f"{format_}: web processes before", whole.before_mb, "MB"),
                Figure(f"{format_}: growth with a tenth of the rows", tenth.growth_mb, "MB"),
                Figure(
                    f"{format_}: growth", whole.growth_mb, "MB", f"< {MOST_GROWTH_MB:g}",
                    whole.growth_mb < MOST_GROWTH_MB,
                ),
            ]  # fmt: skip
    return figures


@dataclass(frozen=True)
class Fetched:
    """What an export took."""

    rows: int
    seconds: float
    before_mb: float
    growth_mb: float


async def _since(ground: Ground, rows: int) -> date:
    """Return the day from which on about so many were sent."""
    owner = await asyncpg.connect(ground.owner_url)
    query = "SELECT sent_at FROM tramites WHERE status <> 'VOIDED' ORDER BY sent_at DESC OFFSET $1 LIMIT 1"
    at = await owner.fetchval(query, rows)
    at = at or await owner.fetchval("SELECT min(sent_at) FROM tramites")
    await owner.close()
    return day_of(at)


async def _export(http: httpx.AsyncClient, web: WebPart, format_: ExportFormat, since: date) -> Fetched:
    given = {"format": format_.value, "filter": {"sentFrom": since.isoformat()}}
    answer = await http.post(f"{web.url}/graphql", json={"query": OPEN_EXPORT, "variables": {"input": given}})
    url = answer.json()["data"]["openExport"]["export"]["url"]
    before, began = _resident_mb(web.pid), time.perf_counter()
    with tempfile.TemporaryFile() as file:
        fetching = asyncio.create_task(_fetch(http, url, file))
        peak = before
        while not fetching.done():
            peak = max(peak, _resident_mb(web.pid))
            await asyncio.sleep(0.1)
        await fetching
        seconds = time.perf_counter() - began
        return Fetched(_rows_in(file, format_), seconds, before, peak - before)


async def _fetch(http: httpx.AsyncClient, url: str, file: IO[bytes]) -> None:
    async with http.stream("GET", url) as response:
        assert response.status_code == 200, await response.aread()
        async for piece in response.aiter_bytes():
            file.write(piece)
    file.seek(0)


def _rows_in(file: IO[bytes], format_: ExportFormat) -> int:
    """Return how many rows came, without the heads."""
    if format_ is ExportFormat.CSV:
        return sum(1 for _ in csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))) - 1
    with zipfile.ZipFile(file) as archive, archive.open("xl/worksheets/sheet1.xml") as sheet:
        rows, before = 0, b""
        while piece := sheet.read(2**20):
            rows += (before + piece).count(b"</row>")
            before = piece[-5:]
        return rows - 1


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process and of those that it started (`VmRSS` of proc(5))."""
    return sum(_own_mb(each) for each in _with_children(pid))


def _own_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:  # it has ended meanwhile
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _with_children(pid: int) -> list[int]:
    started = dict[int, list[int]]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            name, _, rest = path.read_text().rpartition(")")
            started.setdefault(int(rest.split()[1]), []).append(int(name.split()[0]))
    found = [pid]
    for each in found:
        found += started.get(each, [])
    return found


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    add_arguments(command_line)
    command_line.add_argument("--exported", type=int, default=10_000, help="rows of an export; 0 for none")
    command_line.add_argument("--times", type=int, default=5, help="how often each question is asked")
    run(command_line.parse_args(), measure)
