"""Lists of trámites."""

import datetime as dt
import uuid
from dataclasses import fields
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from reading import finding as reading
from reading.filters import Filter
from reading.finding import MOST_COUNTED, Found, Slice
from reading.found_in import FoundIn, found_in
from reading.inbox import find_inbox
from reading.searches import chosen
from reading.typed_words import file_words
from resolvers.context import Info, signed_in, wanted
from resolvers.noting import note_tramites
from resolvers.shapes.files import ATTACHMENT
from resolvers.shapes.tramites import TRAMITE
from rules.refusals import InvalidInput
from rules.workdays import day_of
from schema.files import Attachment
from schema.finding import PageInfo, TotalCount, TramiteConnection, TramiteEdge, TramiteFilter
from schema.texts import FoundInFile, SnippetPart
from schema.tramite_enums import TramiteOrder

DAYS = ("sent_from", "sent_to", "filed_from", "filed_to", "due_from", "due_to")
LISTS = ("document_kinds", "statuses", "office_codes")


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
        saved_search: Annotated[
            uuid.UUID | None, strawberry.argument(description="Id of a saved search, in the place of a filter.")
        ] = None,
        order: Annotated[
            TramiteOrder | None,
            strawberry.argument(
                description="In which order; left out: that of the saved search, or SENT_LATEST_FIRST."
            ),
        ] = None,
    ) -> TramiteConnection:
        """Return one page."""
        viewer, part = await signed_in(info), Slice(first=first, after=after, last_=last, before=before)
        given = filter_of(filter) if filter is not None else None
        asked, sorting = await chosen(viewer, given, order, search_id=saved_search)
        found = await reading.find_tramites(viewer, asked, part, sorting, today=today(info))
        await note_tramites(info.context, viewer, found.tramites, wanted(info, "edges", "node"), asked)
        return await _page(info, found, asked)

    @strawberry.field(
        description="The inbox (bandeja) of the desk: what waits for staff, what is due soonest first. Of the viewer's "
        "offices; supervisors and auditors may ask for any office, and those of none see all. Empty for others."
    )
    async def inbox(
        self,
        info: Info,
        first: Annotated[int | None, strawberry.argument(description="How many from the start, 1 to 100.")] = None,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        last: Annotated[int | None, strawberry.argument(description="How many from the end, 1 to 100.")] = None,
        before: Annotated[str | None, strawberry.argument(description="Cursor before which to go on.")] = None,
        office_code: Annotated[
            str | None, strawberry.argument(description="Code of the office (dependencia); left out: all of theirs.")
        ] = None,
        filter: Annotated[  # noqa: A002 - the name that every client expects
            TramiteFilter | None, strawberry.argument(description="What they must be like besides.")
        ] = None,
    ) -> TramiteConnection:
        """Return one page."""
        viewer, part = await signed_in(info), Slice(first=first, after=after, last_=last, before=before)
        asked = filter_of(filter)
        found = await find_inbox(viewer, office_code, asked, part, today=today(info))
        await note_tramites(info.context, viewer, found.tramites, wanted(info, "edges", "node"), asked)
        return await _page(info, found, asked)


def today(info: Info) -> dt.date:
    """Return the day on which it is asked, in Lima."""
    return day_of(info.context.tools.clock())


async def _page(info: Info, found: Found, asked: Filter) -> TramiteConnection:
    nodes = await TRAMITE.show(found.tramites, wanted(info, "edges", "node"), await info.context.scene())
    places = await _places(info, found, asked)
    return TramiteConnection(
        edges=[
            TramiteEdge(cursor=place, node=node, found_in=places.get(tramite.id, []))
            for place, node, tramite in zip(found.places, nodes, found.tramites, strict=True)
        ],
        page_info=PageInfo(
            has_next_page=found.has_next,
            has_previous_page=found.has_previous,
            start_cursor=found.places[0] if found.places else None,
            end_cursor=found.places[-1] if found.places else None,
        ),
        counted=lambda: _total(found),
    )


async def _places(info: Info, found: Found, asked: Filter) -> dict[uuid.UUID, list[FoundInFile]]:
    """Return where the words were found, if that is asked for."""
    is_asked = "foundIn" in wanted(info, "edges").fields
    if asked.in_files is None or not is_asked or not found.tramites:
        return {}
    places = await found_in([tramite.id for tramite in found.tramites], file_words(asked.in_files))
    files = [place.file for group in places.values() for place in group]
    shown = iter(await ATTACHMENT.show(files, wanted(info, "edges", "foundIn", "file"), await info.context.scene()))
    return {id_: [_place(next(shown), place) for place in group] for id_, group in places.items()}


def _place(file: Attachment, place: FoundIn) -> FoundInFile:
    snippet = [SnippetPart(text=part.text, is_match=part.is_match) for part in place.snippet]
    return FoundInFile(file=file, page=place.page, is_recognized=place.is_recognized, snippet=snippet)


async def _total(found: Found) -> TotalCount:
    counted = await found.count()
    return TotalCount(count=min(counted, MOST_COUNTED), is_exact=counted <= MOST_COUNTED)


def filter_of(given: TramiteFilter | None) -> Filter:
    """
    Return what a client looks for.

    Raises:
        NoSuchDay: one of the days is none.
    """
    if given is None:
        return Filter()
    values: dict[str, Any] = {each.name: getattr(given, each.name) for each in fields(Filter)}
    for name in DAYS:
        values[name] = _day(values[name], to_camel_case(name))
    for name in LISTS:
        values[name] = tuple(values[name] or ())
    return Filter(**values)


def _day(given: object, field: str) -> dt.date | None:
    """Return the day, which the scalar `Date` leaves as text."""
    try:
        return None if given is None else dt.date.fromisoformat(str(given))
    except ValueError:
        raise NoSuchDay().at("filter", field) from None
