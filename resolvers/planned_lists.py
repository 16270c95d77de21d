"""Which root fields besides those of trámites are read by plans: accounts, offices, and the lists of the desk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from actions.reads import note_read
from models.people import User
from reading import mails, staff, tasks, templates
from reading.catalogue import offices_query
from reading.colleagues import BY_NAME, colleagues_query
from reading.mailboxes import mailboxes_query
from reading.people import user_query
from reading.statements import nothing_of, of_each, statement_of
from resolvers.engine.plans.roots import Part, Root, Source
from resolvers.engine.plans.selections import Unplannable
from resolvers.noting import Shown, note_mails, note_tasks
from resolvers.planned_viewer import viewer_of
from resolvers.shapes.catalogue import OFFICE
from resolvers.shapes.colleagues import COLLEAGUE
from resolvers.shapes.mailboxes import MAILBOX
from resolvers.shapes.mails import MAIL
from resolvers.shapes.people import USER
from resolvers.shapes.staff import STAFF_MEMBER
from resolvers.shapes.tasks import TASK
from resolvers.shapes.templates import TEMPLATE
from rules.duties import Duty, has_duty
from rules.reads import ReadKind
from rules.refusals import NotSignedIn
from schema.finding import PageInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from reading.statements import Statement
    from resolvers.engine.plans.roots import Look


class _List(NamedTuple):
    """A list that is read from its start: how cursors are told, and the column before the id that it is ordered by."""

    name: str
    column: str
    place: Callable[[Any, UUID], str]


TASKS = _List("tasks", "opened_at", tasks.place_told)
MAILS = _List("mails", "received_at", mails.place_told)
TEMPLATES = _List("templates", "title", templates.place_told)
STAFF = _List("staff", "created_at", staff.place_told)


def _me(look: Look) -> Source:
    viewer = look.scene.viewer
    if viewer is None and look.context.authorization:
        raise NotSignedIn  # or not, if it is the second factor that is missing: the plain way tells
    statement = statement_of(user_query(viewer)) if viewer else nothing_of(User)
    return _all(statement)


def _offices(_look: Look) -> Source:
    return _all(statement_of(offices_query(), "ORDER BY r.position, r.code"))


def _colleagues(look: Look) -> Source:
    query = colleagues_query(viewer_of(look.scene), look.arguments["office_code"])
    if query is None:
        return _all(nothing_of(User))
    return _all(statement_of(query, BY_NAME))


def _mailboxes(look: Look) -> Source:
    viewer = viewer_of(look.scene)
    if not has_duty(viewer.role, Duty.SEE_MAILBOXES):
        return _all(nothing_of(mails.Mailbox))
    return _all(statement_of(mailboxes_query(viewer), "ORDER BY r.name, r.account, r.folder"))


def _tasks(look: Look) -> Source:
    viewer, asked = viewer_of(look.scene), look.arguments
    first, after = _start(look, "tasks")
    query = tasks.page_query(viewer, first=first, after=after, kind=asked.get("kind"))

    async def note(shown: Sequence[Shown]) -> None:
        await note_tasks(look.context, viewer, shown, look.wanted)

    return _page(look, TASKS, statement_of(query, "ORDER BY r.opened_at, r.id"), note=note)


def _mails(look: Look) -> Source:
    viewer, asked = viewer_of(look.scene), look.arguments
    first, after = _start(look, "mails")
    wanted = mails.MailFilter(asked.get("outcome"), asked.get("mailbox_id"), asked.get("day"))
    query = mails.page_query(viewer, wanted, first=first, after=after)

    async def note(shown: Sequence[Shown]) -> None:
        await note_mails(look.context, viewer, shown, look.wanted)

    if query is None:
        return _page(look, MAILS, nothing_of(mails.MailItem), note=note)
    order = 'ORDER BY r."received_at" DESC, r."id" DESC'
    statement = of_each(mails.mailboxes_query(viewer, wanted.mailbox_id), query, order, most=first + 1)
    return _page(look, MAILS, statement, note=note)


def _templates(look: Look) -> Source:
    viewer, asked = viewer_of(look.scene), look.arguments
    first, after = _start(look, "templates")
    query = templates.page_query(
        viewer, first=first, after=after, kind=asked.get("kind"), with_retired=asked["with_retired"]
    )
    return _page(look, TEMPLATES, statement_of(query, "ORDER BY r.title, r.id"))


def _staff(look: Look) -> Source:
    viewer, asked = viewer_of(look.scene), look.arguments
    first, after = _start(look, "staff")
    query = staff.page_query(viewer, first=first, after=after, role=asked.get("role"), state=asked.get("state"))

    async def note(shown: Sequence[Shown]) -> None:
        if shown:
            await note_read(look.context.tools, viewer, ReadKind.PEOPLE, detail={"staff": len(shown)})

    statement = statement_of(query, "ORDER BY r.created_at, r.id") if query is not None else nothing_of(User)
    return _page(look, STAFF, statement, note=note)


def _start(look: Look, name: str) -> tuple[int, str | None]:
    first, after = look.arguments["first"], look.arguments.get("after")
    if first is None:
        raise Unplannable("null for a number that has a default")
    return first, None if after is None else look.context.tools.cursors.place_in(name, after, argument="after")


def _all(statement: Statement) -> Source:
    return Source(statement.sql, statement.values, ('r."id"',), statement.order)


def _page(look: Look, kind: _List, statement: Statement, *, note: Any = None) -> Source:
    sign = look.context.tools.cursors.sign

    def cursor(value: Any, id_: Any) -> str:
        return sign(kind.name, kind.place(value, id_))

    async def noted(rows: Sequence[Any]) -> None:
        await note([Shown(row[1]) for row in rows])

    cut = partial(_cut, look=look, cursor=cursor)
    keys = (f'r."{kind.column}"', 'r."id"')
    return Source(statement.sql, statement.values, keys, statement.order, None, cut, noted if note else None)


def _cut(rows: Sequence[Any], *, look: Look, cursor: Callable[[Any, Any], str]) -> Part:
    first = look.arguments["first"]
    shown = rows[:first]
    page_info = PageInfo(
        has_next_page=len(rows) > first,
        has_previous_page=look.arguments.get("after") is not None,
        start_cursor=cursor(*shown[0][:2]) if shown and "start_cursor" in look.beside else None,
        end_cursor=cursor(*shown[-1][:2]) if shown and "end_cursor" in look.beside else None,
    )
    return Part(shown, cursor, page_info)


LISTS: Mapping[str, Root] = {
    "me": Root(USER, _me, keys=1),
    "offices": Root(OFFICE, _offices, keys=1),
    "colleagues": Root(COLLEAGUE, _colleagues, keys=1),
    "mailboxes": Root(MAILBOX, _mailboxes, keys=1),
    "tasks": Root(TASK, _tasks, keys=2, is_page=True),
    "mails": Root(MAIL, _mails, keys=2, is_page=True),
    "templates": Root(TEMPLATE, _templates, keys=2, is_page=True),
    "staff": Root(STAFF_MEMBER, _staff, keys=2, is_page=True),
}
