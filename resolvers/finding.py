"""Lists of trámites."""

import datetime as dt
from typing import Annotated

import strawberry

from reading import finding as reading
from reading.filters import Filter
from reading.finding import MOST_COUNTED, Found, Slice
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.tramites import TRAMITE
from rules.refusals import InvalidInput
from schema.enums import TramiteOrder
from schema.finding import PageInfo, TotalCount, TramiteConnection, TramiteEdge, TramiteFilter


class NoSuchDay(InvalidInput):
    """There is no such day in the calendar."""

    code = "NO_SUCH_DAY"

    def __init__(self) -> None:
        super().__init__("Ese día no existe. Revise el día, el mes y el año.")


@strawberry.type
class FindingQuery:
    """What the viewer may see."""

    @strawberry.field(description="The trámites that the viewer may see; from one end or the other, 20 unless told.")
    async def tramites(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many from the start, 1 to 100.")] = None,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        last: Annotated[int | None, strawberry.argument(description="How many from the end, 1 to 100.")] = None,
        before: Annotated[str | None, strawberry.argument(description="Cursor before which to go on.")] = None,
        filter: Annotated[  # noqa: A002 - the name that every client expects
            TramiteFilter | None, strawberry.argument(description="What they must be like.")
        ] = None,
        order: Annotated[
            TramiteOrder, strawberry.argument(description="In which order.")
        ] = TramiteOrder.SENT_LATEST_FIRST,
    ) -> TramiteConnection:
        """Return one page."""
        part = Slice(first=first, after=after, last_=last, before=before)
        found = await reading.find_tramites(await signed_in(info), _filter(filter), part, order)
        nodes = await TRAMITE.show(found.tramites, wanted(info, "edges", "node"), await info.context.scene())
        return TramiteConnection(
            edges=[TramiteEdge(cursor=cursor, node=node) for cursor, node in zip(found.cursors, nodes, strict=True)],
            page_info=PageInfo(
                has_next_page=found.has_next,
                has_previous_page=found.has_previous,
                start_cursor=found.cursors[0] if found.cursors else None,
                end_cursor=found.cursors[-1] if found.cursors else None,
            ),
            counted=lambda: _total(found),
        )


async def _total(found: Found) -> TotalCount:
    counted = await found.count()
    return TotalCount(count=min(counted, MOST_COUNTED), is_exact=counted <= MOST_COUNTED)


def _filter(given: TramiteFilter | None) -> Filter:
    if given is None:
        return Filter()
    return Filter(
        number=given.number,
        document_kinds=tuple(given.document_kinds or ()),
        statuses=tuple(given.statuses or ()),
        channel=given.channel,
        office_codes=tuple(given.office_codes or ()),
        organization_ruc=given.organization_ruc,
        sent_from=_day(given.sent_from, "sentFrom"),
        sent_to=_day(given.sent_to, "sentTo"),
        filed_from=_day(given.filed_from, "filedFrom"),
        filed_to=_day(given.filed_to, "filedTo"),
        text=given.text,
    )


def _day(given: object, field: str) -> dt.date | None:
    """Return the day, which the scalar `Date` leaves as text."""
    try:
        return None if given is None else dt.date.fromisoformat(str(given))
    except ValueError:
        raise NoSuchDay().at("filter", field) from None
