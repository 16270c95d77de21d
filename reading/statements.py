"""Lists of trámites as one statement that was not run yet, so that what belongs to its rows can be read along."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from tortoise.models import Model

from reading.access import visible_tramites
from reading.filters import Filter
from reading.finding import MOST_COUNTED, SORTINGS, Slice, counted_of, page_of, place_in, place_told
from reading.inbox import ORDER, desks_of
from reading.narrowing import narrowed, waiting
from rules.numbering import parse_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tortoise.queryset import AwaitableQuery

    from reading.access import Viewer
    from reading.narrowing import Part
    from rules.access import Role
    from rules.orders import TramiteOrder

M = TypeVar("M", bound=Model)

_PLACES = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|\$([0-9]+)""")

EVERYTHING = Filter()
NOTHING = "SELECT * FROM tramites WHERE false"


@dataclass(slots=True)
class Statement:
    """
    Selects the rows of a part of a list and one more, if there is one; `count` selects how many there are in all.

    Both have their values in common. Rows are in the order `order` of a row that is called *r*.
    """

    sql: str
    values: Sequence[object]
    order: str
    count: str | None


class _Form(NamedTuple):
    """What decides how a list without a filter is written; everything else is a value."""

    role: Role
    offices: int
    """How many the viewer has."""
    desks: int | None
    """Of how many desks it is the inbox; None if it is of all, and -1 if it is no inbox."""
    order: TramiteOrder
    is_backward: bool
    has_place: bool
    is_counted: bool


def known_list(viewer: Viewer, part: Slice, order: TramiteOrder, *, today: date, is_counted: bool) -> Statement | None:
    """
    Return the statement of a list without a filter; None if one of its form was never written.

    Raises:
        InvalidInput: as `list_statement` does.
    """
    known = _KNOWN.get(_form(viewer, part, order, desks=-1, is_counted=is_counted))
    return known and known.of(viewer, (), part, order, today)


async def list_statement(
    viewer: Viewer, wanted: Filter, part: Slice, order: TramiteOrder, *, today: date, is_counted: bool
) -> Statement:
    """
    Return the statement of what `finding.find_tramites` finds.

    Raises:
        InvalidInput: as it does.
    """
    if wanted == EVERYTHING:
        form = _form(viewer, part, order, desks=-1, is_counted=is_counted)
        return (await _known(form, viewer)).of(viewer, (), part, order, today)
    part.length()
    return _written(await narrowed(viewer, wanted, order, today=today), part, order, is_counted=is_counted)


async def inbox_statement(
    viewer: Viewer, office_code: str | None, wanted: Filter, part: Slice, *, today: date, is_counted: bool
) -> Statement:
    """
    Return the statement of what `inbox.find_inbox` finds.

    Raises:
        InvalidInput: as it does.
    """
    desks = await desks_of(viewer, office_code)
    if wanted == EVERYTHING:
        form = _form(viewer, part, ORDER, desks=None if desks is None else len(desks), is_counted=is_counted)
        return (await _known(form, viewer)).of(viewer, desks or (), part, ORDER, today)
    parts = await waiting(viewer, desks, wanted, ORDER, today=today)
    return _written(parts, part, ORDER, is_counted=is_counted)


def one_statement(viewer: Viewer, number: str) -> Statement:
    """
    Return the statement of what `tramites.find` finds.

    Raises:
        InvalidNumber: as it does.
    """
    values = list[object]()
    sql = _rendered(visible_tramites(viewer).filter(number=str(parse_number(number))), values)
    return Statement(sql, values, "", None)


def statement_of(query: AwaitableQuery[Any], order: str = "") -> Statement:
    """Return a query that was not run yet as a statement whose rows, called *r*, are in the same *order*."""
    values = list[object]()
    return Statement(_rendered(query, values), values, order, None)


def of_each(parents: AwaitableQuery[Any], query: AwaitableQuery[Any], order: str, *, most: int) -> Statement:
    """Return the first *most* in an *order* of what a *query* finds of each parent, which it calls *b*."""
    values = list[object]()
    around, its = _rendered(parents, values), _rendered(query, values)
    sql = f"SELECT r.* FROM ({around}) b CROSS JOIN LATERAL ({its}) r {order} LIMIT {most}"  # noqa: S608 - Tortoise's
    return Statement(sql, values, order, None)


def nothing_of(model: type[Model]) -> Statement:
    """Return a statement that finds no rows."""
    return Statement(f'SELECT * FROM "{model._meta.db_table}" WHERE false', (), "", None)  # noqa: S608  # pyright: ignore[reportPrivateUsage] - the models' own name


def row_from(model: type[M], row: Mapping[str, Any]) -> M:
    """Return the row of a model that was read with all columns of its table, maybe along with something else."""
    columns = model._meta.fields_db_projection_reverse  # pyright: ignore[reportPrivateUsage]
    return model._init_from_db(**{name: row[name] for name in columns})  # pyright: ignore[reportPrivateUsage]


def _form(viewer: Viewer, part: Slice, order: TramiteOrder, *, desks: int | None, is_counted: bool) -> _Form:
    part.length()
    has_place = (part.before if part.is_backward else part.after) is not None
    return _Form(viewer.role, len(viewer.office_ids), desks, order, part.is_backward, has_place, is_counted)


def _written(parts: Iterable[Part], part: Slice, order: TramiteOrder, *, is_counted: bool) -> Statement:
    values, sorting = list[object](), SORTINGS[order]
    pages = [_rendered(page_of(each, part, order).limit(part.length() + 1), values) for each in parts]
    way = "DESC" if sorting.is_descending is not part.is_backward else "ASC"
    sql = _joined(pages, sorting.column, way, part.length() + 1, values)
    count = None
    if is_counted:
        ids = " UNION ALL ".join(f"({_rendered(counted_of(each), values)})" for each in parts) or "SELECT 1 WHERE false"
        count = f"SELECT count(*) FROM (SELECT DISTINCT * FROM ({ids}) i LIMIT {MOST_COUNTED + 1}) c"  # noqa: S608 - Tortoise's
    return Statement(sql, values, f'ORDER BY r."{sorting.column}" {way}, r."id" {way}', count)


def _joined(pages: Sequence[str], column: str, way: str, length: int, values: list[object]) -> str:
    """Return the nearest of what several statements select, each once."""
    if len(pages) < 2:
        return pages[0] if pages else NOTHING
    values.append(length)
    each = " UNION ALL ".join(f"({page})" for page in pages)
    return (
        f'SELECT DISTINCT ON (u."{column}", u."id") u.* FROM ({each}) u '  # noqa: S608 - Tortoise's own words
        f'ORDER BY u."{column}" {way}, u."id" {way} LIMIT ${len(values)}'
    )


def _rendered(query: AwaitableQuery[Any], values: list[object]) -> str:
    """Return the text of a query whose values stand behind those that there are, and add them."""
    query._choose_db_if_not_chosen()  # pyright: ignore[reportPrivateUsage] - Tortoise has no other way to it
    query._make_query()  # pyright: ignore[reportPrivateUsage]
    sql, own = query.query.get_parameterized_sql()
    before = len(values)
    values.extend(own)
    return _PLACES.sub(lambda found: f"${before + int(found[1])}" if found[1] else found[0], sql)


# A list without a filter is written once for each form, of a made-up viewer; each of its values is known again.

_VIEWER, _ID, _DAY, _LENGTH = UUID(int=1), UUID(int=2), date(1902, 3, 4), 97
_INSTANT = datetime(1901, 2, 3, tzinfo=UTC)
_VALUES = {"sent_at": _INSTANT, "filed_on": _INSTANT.date(), "correct_by": _INSTANT.date(), "due_on": _INSTANT.date()}


def _office(number: int) -> UUID:
    return UUID(int=1_000 + number)


def _desk(number: int) -> UUID:
    return UUID(int=2_000 + number)


class _Known:
    """A statement of a form, and where in it what stands: a number of what is meant, None for what is always so."""

    def __init__(self, form: _Form, statement: Statement) -> None:
        self._statement, self._form = statement, form
        made_up = [_VIEWER, _LENGTH + 1, _DAY, _VALUES[SORTINGS[form.order].column], _ID]
        made_up += [_office(number) for number in range(form.offices)]
        made_up += [_desk(number) for number in range(max(0, form.desks or 0))]
        places = {str(value): number for number, value in enumerate(made_up)}
        self._places = [(places.get(str(value)), value) for value in statement.values]

    def of(self, viewer: Viewer, desks: Sequence[UUID], part: Slice, order: TramiteOrder, today: date) -> Statement:
        """Return it as *viewer* asks it."""
        told = part.before if self._form.is_backward else part.after
        value, id_ = place_in(told, order) if told is not None else (None, None)
        offices = sorted(viewer.office_ids) if viewer.office_ids else ()
        meant = (viewer.user_id, part.length() + 1, today, value, id_, *offices, *desks)
        values = [fixed if place is None else meant[place] for place, fixed in self._places]
        return Statement(self._statement.sql, values, self._statement.order, self._statement.count)


_KNOWN: dict[_Form, _Known] = {}


async def _known(form: _Form, viewer: Viewer) -> _Known:
    known = _KNOWN.get(form)
    if known is None:
        known = _KNOWN[form] = _Known(form, await _pattern(form, viewer))
    return known


async def _pattern(form: _Form, viewer: Viewer) -> Statement:
    somebody = replace(viewer, user_id=_VIEWER, office_ids=frozenset(_office(number) for number in range(form.offices)))
    place = place_told(form.order, _VALUES[SORTINGS[form.order].column], _ID) if form.has_place else None
    ends = {"last_": _LENGTH, "before": place} if form.is_backward else {"first": _LENGTH, "after": place}
    part: Any = Slice(**ends)  # pyright: ignore[reportArgumentType]
    if form.desks == -1:
        parts = await narrowed(somebody, Filter(), form.order, today=_DAY)
    else:
        desks = None if form.desks is None else [_desk(number) for number in range(form.desks)]
        parts = await waiting(somebody, desks, Filter(), form.order, today=_DAY)
    return _written(parts, part, form.order, is_counted=form.is_counted)
