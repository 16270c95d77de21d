"""Which root fields are read by plans, and from which statements: the same reading that their resolvers do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from asyncpg import QueryCanceledError

from actions.reads import Filed, note_tramite
from actions.recalling import Recall
from reading.access import admitted
from reading.finding import MOST_COUNTED, SORTINGS, Slice, place_told, value_in
from reading.inbox import ORDER
from reading.patience import SearchTooBroad
from reading.searches import chosen
from reading.statements import EVERYTHING, inbox_statement, known_list, list_statement, one_statement
from resolvers.authorization import is_ruled
from resolvers.context import scene_of
from resolvers.engine.plans.planning import Planning
from resolvers.engine.plans.roots import Part, Root, Source
from resolvers.engine.plans.selections import Unplannable
from resolvers.finding import filter_of
from resolvers.guarding import rule_for
from resolvers.noting import note_tramites
from resolvers.paging import ARGUMENTS
from resolvers.planned_lists import LISTS
from resolvers.planned_viewer import viewer_of
from resolvers.shapes.tramites import TRAMITE
from rules.access import Role
from rules.authorization import check_admission
from rules.orders import TramiteOrder
from rules.workdays import day_of
from schema.finding import PageInfo, TotalCount

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator, Mapping, Sequence
    from uuid import UUID

    from reading.access import Viewer
    from reading.filters import Filter
    from reading.statements import Statement
    from resolvers.context import Context, Scene
    from resolvers.engine.plans.roots import Look


@dataclass(slots=True)
class _Later:
    """What takes asking for other things before: not begun before it is awaited, for it may not be let ask."""

    ask: Callable[[], Coroutine[Any, Any, Source]]

    def __await__(self) -> Generator[Any, Any, Source]:
        return self.ask().__await__()


def _tramites(look: Look) -> Source | Awaitable[Source]:
    """Return what is asked for; what is narrowed down may take asking for other things before."""
    viewer, part, given = viewer_of(look.scene), _slice(look, "tramites"), look.arguments
    if given.get("filter") is not None or given.get("saved_search") is not None:
        return _Later(partial(_narrowed, look, viewer, part))
    order = given.get("order") or TramiteOrder.SENT_LATEST_FIRST
    is_counted, today = "total_count" in look.beside, day_of(look.scene.now)
    statement = known_list(viewer, part, order, today=today, is_counted=is_counted)
    if statement is None:
        return _Later(partial(_narrowed, look, viewer, part))
    return _page(look, viewer, statement, part, order, EVERYTHING, list_name="tramites")


async def _narrowed(look: Look, viewer: Viewer, part: Slice) -> Source:
    filter_ = look.arguments.get("filter")
    given = filter_of(filter_) if filter_ is not None else None
    search_id = look.arguments.get("saved_search")
    asked, order = await chosen(viewer, given, look.arguments.get("order"), search_id=search_id)
    _refuse_places(look, asked)
    is_counted, today = "total_count" in look.beside, day_of(look.scene.now)
    statement = await list_statement(viewer, asked, part, order, today=today, is_counted=is_counted)
    return _page(look, viewer, statement, part, order, asked, list_name="tramites")


def _inbox(look: Look) -> Awaitable[Source]:
    return _Later(partial(_waiting, look))


async def _waiting(look: Look) -> Source:
    viewer, part = viewer_of(look.scene), _slice(look, "inbox")
    asked, office_code = filter_of(look.arguments.get("filter")), look.arguments.get("office_code")
    _refuse_places(look, asked)
    is_counted, today = "total_count" in look.beside, day_of(look.scene.now)
    statement = await inbox_statement(viewer, office_code, asked, part, today=today, is_counted=is_counted)
    return _page(look, viewer, statement, part, ORDER, asked, list_name="inbox")


def _tramite(look: Look) -> Source:
    viewer = viewer_of(look.scene)
    statement = one_statement(viewer, look.arguments["number"])

    async def note(rows: Sequence[Any]) -> None:
        for row in rows:
            await note_tramite(look.context.tools, viewer, Filed(*row[:2]))

    return Source(statement.sql, statement.values, ('r."id"', 'r."applicant_id"'), note=note)


def _slice(look: Look, list_name: str) -> Slice:
    given = look.arguments
    places = {
        name: look.context.tools.cursors.place_in(list_name, given[name], argument=name)
        for name in ARGUMENTS
        if given.get(name) is not None
    }
    return Slice(first=given.get("first"), last_=given.get("last"), **places)


def _refuse_places(look: Look, asked: Filter) -> None:
    if asked.in_files is not None and "found_in" in look.beside:
        raise Unplannable("where in files words were found")


def _page(
    look: Look, viewer: Viewer, statement: Statement, part: Slice, order: TramiteOrder, asked: Filter, *, list_name: str
) -> Source:
    sign = look.context.tools.cursors.sign

    def cursor(value: str, id_: UUID, _applicant_id: UUID | None) -> str:
        return sign(list_name, place_told(order, value_in(order, value), id_))

    async def note(rows: Sequence[Any]) -> None:
        shown = [Filed(*row[1:3]) for row in rows if row[2] != viewer.user_id]
        if shown:
            await note_tramites(look.context, viewer, shown, look.wanted, asked)

    def cut(rows: Sequence[Any]) -> Part:
        return _cut(rows, part, cursor, look.beside)

    keys, leaves_trace = _KEYS[order], viewer.role is not Role.APPLICANT  # who sees nothing but what they filed
    statement_note = note if leaves_trace else None
    return Source(statement.sql, statement.values, keys, statement.order, statement.count, cut, statement_note)


_KEYS = {
    # Instants as text: of a page only one or two are in cursors.
    order: (f'r."{sorting.column}"::text', 'r."id"', 'r."applicant_id"')
    for order, sorting in SORTINGS.items()
}


def _cut(rows: Sequence[Any], part: Slice, cursor: Callable[..., str], beside: Collection[str]) -> Part:
    length, total = part.length(), None
    if "total_count" in beside:
        total = TotalCount(count=min(rows[0][-1], MOST_COUNTED), is_exact=rows[0][-1] <= MOST_COUNTED)
        rows = [row for row in rows if row[1] is not None]
    has_more, shown = len(rows) > length, rows[:length]
    if part.is_backward:
        shown = shown[::-1]
    page_info = PageInfo(
        has_next_page=part.before is not None if part.is_backward else has_more,
        has_previous_page=has_more if part.is_backward else part.after is not None,
        start_cursor=cursor(*shown[0][:3]) if shown and "start_cursor" in beside else None,
        end_cursor=cursor(*shown[-1][:3]) if shown and "end_cursor" in beside else None,
    )
    return Part(shown, cursor, page_info, total)


ROOTS: Mapping[str, Root] = {
    "tramites": Root(TRAMITE, _tramites, keys=3, is_page=True, empty=frozenset({"foundIn"})),
    "inbox": Root(TRAMITE, _inbox, keys=3, is_page=True, empty=frozenset({"foundIn"})),
    "tramite": Root(TRAMITE, _tramite, keys=2),
    **LISTS,
}


RULES = {name: rule_for("Query", name) for name in ROOTS}


def _admit(scene: Scene, name: str) -> None:
    check_admission(RULES[name], _role(scene), changes=False)


async def _scene(context: Context, lease: Recall) -> Scene:
    if context.is_program:
        raise Unplannable("whether a program may have it is judged by its whole document")
    # Who holds a socket was found when it was opened, for all its operations.
    ask = lease.fetch if context.is_socket else lease.ask_doubting(context.forget_holder)
    return scene_of(context.tools, admitted(await context.holder(ask)))


def _role(scene: Scene) -> Role | None:
    return scene.viewer.role if scene.viewer else None


def _known_viewer(scene: Scene) -> Viewer:
    assert scene.viewer is not None
    return scene.viewer


def _final(error: Exception, name: str) -> Exception | None:
    """Return what is said where the database gave up: it would plainly, too, after as long again."""
    if not isinstance(error, QueryCanceledError):
        return None
    return SearchTooBroad() if name in {"tramites", "inbox"} else error


PLANNING = Planning(
    roots=ROOTS,
    lease=Recall,
    scene=_scene,
    variant=_role,
    known={
        "viewer": lambda scene: _known_viewer(scene).user_id,
        "offices": lambda scene: list(_known_viewer(scene).office_ids),
        "today": lambda scene: day_of(scene.now),
        "public_url": lambda scene: scene.public_url,
    },
    admit=_admit,
    is_ruled=is_ruled,
    native=frozenset({"DateTime", "Date"}),
    final=_final,
)
"""How the API is read by plans."""
