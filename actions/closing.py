"""Tasks for the desk closed by people, with a note of what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import bounces, register
from actions.register import Record
from actions.transaction import tx
from models.receipts import Notice
from models.tasks import Task
from reading import tasks as reading
from rules.refusals import Checks
from rules.register import Act
from rules.tasks import NoSuchTask, NotYourTask, TaskClosed, TaskKind, clean_note

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer


async def close_task(tools: Tools, viewer: Viewer, task_id: UUID, *, note: str, resume_notices: bool = False) -> Task:
    """
    Close a task with a note of what was done.

    With *resume_notices* the address of an ADDRESS_BOUNCED task is written to again; of others it means nothing.

    Raises:
        InvalidInput: the note is empty or too long.
        NoSuchTask: there is none that the viewer may see.
        NotYourTask: the viewer may see it, but not close it.
        TaskClosed: somebody has closed it already.
    """
    checks = Checks()
    said = checks.take("note", clean_note, note)
    checks.refuse_any()
    async with tx() as connection:
        task = await _lock(viewer, task_id)
        task.done_at, task.done_by_id, task.note = tools.clock(), viewer.user_id, said
        await task.save(update_fields=["done_at", "done_by_id", "note"])
        if resume_notices and task.kind is TaskKind.ADDRESS_BOUNCED:
            await _resume(tools, task)
        detail = {"task": str(task.id), "kind": task.kind.value, "resumesNotices": resume_notices}
        record = Record(Act.TASK_CLOSED, tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail)
        await register.append(connection, record)
    return task


async def _lock(viewer: Viewer, task_id: UUID) -> Task:
    seen = await Task.filter(reading.visible(viewer), id=task_id).exists()
    task = await Task.filter(id=task_id).select_for_update().first() if seen else None
    if task is None:
        raise NoSuchTask
    await task.fetch_related("tramite")
    if not reading.may_close(viewer, task):
        raise NotYourTask
    if task.done_at is not None:
        raise TaskClosed
    return task


async def _resume(tools: Tools, task: Task) -> None:
    notice = await Notice.get_or_none(id=task.detail.get("notice"))
    if notice is not None and notice.address is not None:
        await bounces.lift_mark(notice.address, at=tools.clock())
