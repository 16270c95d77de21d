"""Tasks for the desk: list them, close them."""

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from actions import closing
from reading import tasks as reading
from resolvers.context import Info, signed_in, wanted
from resolvers.noting import note_tasks
from resolvers.shapes.tasks import TASK
from schema.described import takes
from schema.finding import PageInfo
from schema.tasks import CloseTaskInput, CloseTaskResult, CloseTaskSuccess, TaskConnection, TaskEdge
from schema.tramite_enums import TaskKind


@strawberry.type
class TaskQuery:
    """What waits for the desk."""

    @strawberry.field(
        description="Open tasks (tareas) for the desk, the oldest first: those about the trámites of one's offices and "
        "about accounts; of all offices for supervisors and auditors; none for others, and none about oneself."
    )
    async def tasks(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        kind: Annotated[TaskKind | None, strawberry.argument(description="Only tasks of this kind.")] = None,
    ) -> TaskConnection:
        """Return a page of open tasks."""
        viewer, asks = await signed_in(info), wanted(info, "edges", "node")
        page = await reading.page_of(viewer, first=first, after=after, kind=kind)
        await note_tasks(info.context, viewer, page.tasks, asks)
        nodes = await TASK.show(page.tasks, asks, await info.context.scene())
        edges = [
            TaskEdge(cursor=reading.place_for(row), node=node) for row, node in zip(page.tasks, nodes, strict=True)
        ]
        return TaskConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


@strawberry.type
class TaskMutation:
    """Close what is done."""

    @strawberry.mutation(
        description="Close a task (cerrar una tarea) with a note of what was done. Clerks close those of their offices "
        "and those about accounts, supervisors all; nobody one about themselves."
    )
    async def close_task(
        self, info: Info, given: Annotated[CloseTaskInput, takes("The task, and what was done.")]
    ) -> CloseTaskResult:
        """Close a task."""
        form: dict[str, Any] = asdict(given)
        task = await closing.close_task(info.context.tools, await signed_in(info), form.pop("id"), **form)
        [shown] = await TASK.show([task], wanted(info, "task"), await info.context.scene())
        return CloseTaskSuccess(task=shown)
