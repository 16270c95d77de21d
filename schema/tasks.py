"""Tasks for the desk (tareas)."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import IdentityKind
from schema.described import says
from schema.finding import PageInfo
from schema.node import Node
from schema.tramite_enums import TaskKind
from schema.tramites import Tramite


@strawberry.type(description="The person whose account a task is about, as far as the desk needs it to reach them.")
class TaskPerson:
    """A person."""

    full_name: str = says("Given names and surnames.")
    identity_kind: IdentityKind = says("Kind of their identity document (tipo de documento de identidad).")
    identity_number: str = says("Its number (documento de identidad).")
    mobile: str = says("Mobile number (celular) in E.164.")


@strawberry.type(description="Something that a person at the desk must settle (tarea).")
class Task(Node):
    """A task."""

    kind: TaskKind = says("Why a person is needed.")
    title: str = says("Why, in Spanish, for people.")
    to_do: str = says("What is to be done, in Spanish, for people.")
    tramite: Tramite | None = says("The trámite it is about; null if it is about an account.")
    person: TaskPerson | None = says("The person whose account it is about; null if it is about a trámite.")
    opened_at: dt.datetime = says("When it was opened.")
    closed_at: dt.datetime | None = says("When it was closed; null while it is open.")
    note: str | None = says("What was done about it; null while it is open.")


@strawberry.type(description="A task in a list.")
class TaskEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: Task = says("The task.")


@strawberry.type(description="A page of open tasks, the oldest first.")
class TaskConnection:
    """A page."""

    edges: list[TaskEdge] = says("The tasks of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.input(description="A task that is done (cerrar una tarea).")
class CloseTaskInput:
    """A task that is done."""

    id: uuid.UUID = says("Id of the task.")
    note: str = says("What was done about it, in Spanish, up to 1000 characters; staff read it.")
    resume_notices: bool = strawberry.field(
        description="Whether notices go again to the address of an ADDRESS_BOUNCED task (reanudar los avisos), because "
        "the person vouches for it; means nothing for other tasks.",
        default=False,
    )


@strawberry.type(description="The task is closed.")
class CloseTaskSuccess:
    """Closed."""

    task: Task = says("The task as it is now.")


CloseTaskResult: TypeAlias = Annotated[
    CloseTaskSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("CloseTaskResult", description="Answer to the closing of a task."),
]
