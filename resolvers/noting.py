"""Which lists leave a trace: those that show who others are, or how to reach them, once for each page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from actions.reads import note_list
from rules.reads import PLAIN_OF_MAIL, PLAIN_OF_TASK, PLAIN_OF_TRAMITE, ReadKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from actions.reads import Filed
    from models.mail import MailItem
    from models.tasks import Task
    from models.tramites import Tramite
    from reading.access import Viewer
    from reading.filters import Filter
    from resolvers.context import Context
    from resolvers.engine.shapes import Wanted


class Shown(NamedTuple):
    """A row that is about to be shown, by its id alone."""

    id: UUID


def _tells(wanted: Wanted, plain: frozenset[str]) -> bool:
    return not wanted.fields.keys() <= plain


def tells_people(change: Wanted) -> bool:
    """Say whether a change is asked for with whose trámite it is, or what people wrote."""
    return "text" in change.fields or _tells(change.at("tramite"), PLAIN_OF_TRAMITE)


async def note_tramites(
    context: Context, viewer: Viewer, tramites: Sequence[Tramite | Filed], wanted: Wanted, asked: Filter
) -> None:
    """
    Note that the viewer is about to be shown what others filed, and who they are; or that it was looked for by that, or
    by what their files say.

    What only tells numbers, dates, offices and what it is about leaves no trace: a desk looks at it all day long.
    """
    others = [tramite.id for tramite in tramites if tramite.applicant_id != viewer.user_id]
    if asked.in_files is not None:
        await note_list(context.tools, viewer, ReadKind.TEXTS, others, by_person=asked.is_of_a_person)
    elif asked.is_of_a_person:
        await note_list(context.tools, viewer, ReadKind.PEOPLE, others, by_person=True)
    elif _tells(wanted, PLAIN_OF_TRAMITE):
        await note_list(context.tools, viewer, ReadKind.TRAMITES, others)


async def note_tasks(context: Context, viewer: Viewer, tasks: Sequence[Task | Shown], wanted: Wanted) -> None:
    """Note that the viewer is about to be shown tasks, and whom they are about."""
    if _tells(wanted, PLAIN_OF_TASK) or _tells(wanted.at("tramite"), PLAIN_OF_TRAMITE):
        await note_list(context.tools, viewer, ReadKind.TASKS, [task.id for task in tasks])


async def note_mails(context: Context, viewer: Viewer, mails: Sequence[MailItem | Shown], wanted: Wanted) -> None:
    """Note that the viewer is about to be shown mails, and what was written about them or of whom they are."""
    about = [wanted.at(name) for name in ("tramite", "hint")]
    if _tells(wanted, PLAIN_OF_MAIL) or any(_tells(each, PLAIN_OF_TRAMITE) for each in about):
        await note_list(context.tools, viewer, ReadKind.MAILS, [mail.id for mail in mails])
