"""Tasks for the desk: opened by whoever meets what the counter cannot settle, in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.tasks import Task

if TYPE_CHECKING:
    from actions.tools import Tools
    from models.people import User
    from models.tramites import Tramite
    from rules.tasks import TaskKind


async def open_task(
    tools: Tools,
    kind: TaskKind,
    *,
    tramite: Tramite | None = None,
    user: User | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Open, within a transaction, a task for the office that has *tramite*; one that is open already stays alone."""
    task = Task(kind=kind, tramite=tramite, user=user, detail=detail or {}, opened_at=tools.clock())
    await Task.bulk_create([task], ignore_conflicts=True)
