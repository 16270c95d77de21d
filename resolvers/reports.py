"""Reports for supervisors."""

import datetime as dt
from typing import Annotated

import strawberry

from reading.reports import Wanted, report_of
from resolvers.context import Info, signed_in
from resolvers.shapes.reports import report
from rules.reports import Period, day_in
from schema.reports import Report
from schema.tramite_enums import Channel, DocumentKind, ReportGroup, TramiteStatus


@strawberry.type
class ReportQuery:
    """What is counted."""

    @strawberry.field(
        description="Counts and times of a period (reporte). For supervisors and auditors; null for everybody else."
    )
    async def report(
        self,
        info: Info,
        from_on: Annotated[dt.date, strawberry.argument(name="from", description="First day.")],
        to_on: Annotated[
            dt.date,
            strawberry.argument(name="to", description="Last day, included; at most 366 days in all, 93 by day."),
        ],
        group_by: Annotated[
            ReportGroup | None, strawberry.argument(description="By what to tell apart; left out: one total.")
        ] = None,
        office_codes: Annotated[
            list[str] | None, strawberry.argument(description="Only of these offices (dependencias); at most 20.")
        ] = None,
        document_kinds: Annotated[
            list[DocumentKind] | None, strawberry.argument(description="Only of these kinds (tipos); at most 20.")
        ] = None,
        statuses: Annotated[
            list[TramiteStatus] | None,
            strawberry.argument(description="Only acts that led to these statuses (estados); at most 20."),
        ] = None,
        channel: Annotated[
            Channel | None, strawberry.argument(description="Only what came by this door (canal).")
        ] = None,
    ) -> Report | None:
        """Return a report."""
        wanted = Wanted(
            period=Period(day_in(str(from_on), "from"), day_in(str(to_on), "to")),
            group=group_by,
            office_codes=tuple(office_codes or ()),
            document_kinds=tuple(document_kinds or ()),
            statuses=tuple(statuses or ()),
            channel=channel,
        )
        found = await report_of(await signed_in(info), wanted, at=info.context.tools.clock())
        return report(wanted, found) if found else None
