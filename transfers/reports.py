"""Reports on their way out, as CSV: the same numbers as the API tells."""

from __future__ import annotations

import csv
import io
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from starlette.responses import StreamingResponse
from starlette.routing import Route

from reading.reports import Wanted, report_of
from rules.catalogue import Channel, DocumentKind
from rules.duties import NotYourDuty
from rules.exports import harmless
from rules.lifecycle import TramiteStatus
from rules.refusals import InvalidInput
from rules.reports import Period, ReportGroup, cells_of, day_in, heads
from rules.service_tokens import Scope
from transfers.answers import refusing
from transfers.downloads import disposition
from transfers.viewers import authenticate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from reading.reports import Report

E = TypeVar("E", bound=Enum)

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the machine's code page."""


class NoSuchChoice(InvalidInput):
    """A parameter holds a value that it does not have."""

    code = "NO_SUCH_CHOICE"

    def __init__(self, name: str) -> None:
        super().__init__(f"El parámetro «{name}» no admite ese valor. Revise la dirección del reporte.", path=(name,))


def report_routes(tools: Tools) -> list[Route]:
    """Return where reports are fetched."""

    async def report(request: Request) -> Response:
        """Answer with a report; its question stands in the address, by the names of the API."""
        viewer = await authenticate(tools, request, scope=Scope.REPORTS)
        wanted = _wanted(request.query_params)
        found = await report_of(viewer, wanted, at=tools.clock())
        if found is None:
            raise NotYourDuty
        return StreamingResponse(_pieces(found), headers=_headers(wanted.period))

    return [Route("/reports", refusing(report), methods=["GET"])]


def _wanted(given: QueryParams) -> Wanted:
    period = Period(day_in(given.get("from", ""), "from"), day_in(given.get("to", ""), "to"))
    return Wanted(
        period=period,
        group=next(iter(_choices(given, "groupBy", ReportGroup)), None),
        office_codes=tuple(given.getlist("officeCodes")),
        document_kinds=_choices(given, "documentKinds", DocumentKind),
        statuses=_choices(given, "statuses", TramiteStatus),
        channel=next(iter(_choices(given, "channel", Channel)), None),
    )


def _choices(given: QueryParams, name: str, choices: type[E]) -> tuple[E, ...]:
    try:
        return tuple(choices(value) for value in given.getlist(name) if value)
    except ValueError:
        raise NoSuchChoice(name) from None


def _pieces(report: Report) -> Iterator[bytes]:
    """Return the lines as RFC 4180 writes them, one after the other."""
    yield (BYTE_ORDER_MARK + _row(heads(report.group))).encode()
    for line in report.lines:
        yield _row(cells_of(line)).encode()


def _row(cells: list[str] | list[str | int]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()


def _headers(period: Period) -> dict[str, str]:
    name = f"reporte-{period.from_on.isoformat()}-{period.to_on.isoformat()}.csv"
    return {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": disposition(name),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
