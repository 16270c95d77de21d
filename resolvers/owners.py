"""Owners of trámites (responsables): take on, assign, release, and who could."""

from typing import Annotated

import strawberry

from actions import owners as actions
from reading import colleagues as reading
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.colleagues import COLLEAGUE
from resolvers.tramites import show
from schema.colleagues import Colleague
from schema.described import takes
from schema.desk import (
    AssignTramiteInput,
    AssignTramiteResult,
    AssignTramiteSuccess,
    ReleaseTramiteInput,
    ReleaseTramiteResult,
    ReleaseTramiteSuccess,
    TakeTramiteInput,
    TakeTramiteResult,
    TakeTramiteSuccess,
)


@strawberry.type
class OwnerQuery:
    """Who may own."""

    @strawberry.field(
        description="Who attends to the trámites of an office, by name, at most 200; nobody, to those who do not "
        "attend to them there."
    )
    async def colleagues(
        self,
        info: Info,
        office_code: Annotated[str, strawberry.argument(description="Code of the office (dependencia).")],
    ) -> list[Colleague]:
        """Return those who may own a trámite of the office."""
        people = await reading.colleagues_of(await signed_in(info), office_code)
        return await COLLEAGUE.show(people, wanted(info), await info.context.scene())


@strawberry.type
class OwnerMutation:
    """Take on, assign, release."""

    @strawberry.mutation(description="Take a trámite on (tomar a cargo), if nobody else has. Staff of its office only.")
    async def take_tramite(
        self, info: Info, given: Annotated[TakeTramiteInput, takes("The trámite.")]
    ) -> TakeTramiteResult:
        """Take a trámite on."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await actions.take_tramite(tools, clerk, given.id, expected=given.expected_revision)
        return TakeTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(
        description="Give a trámite to somebody of its office (asignar). Staff of its office only; what another has, "
        "its supervisors only."
    )
    async def assign_tramite(
        self, info: Info, given: Annotated[AssignTramiteInput, takes("The assignment.")]
    ) -> AssignTramiteResult:
        """Assign a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await actions.assign_tramite(
            tools, clerk, given.id, user_id=given.user_id, expected=given.expected_revision
        )
        return AssignTramiteSuccess(tramite=await show(info, row))

    @strawberry.mutation(description="Let go of a trámite (dejar). Its owner only, and the supervisors of its office.")
    async def release_tramite(
        self, info: Info, given: Annotated[ReleaseTramiteInput, takes("The trámite.")]
    ) -> ReleaseTramiteResult:
        """Release a trámite."""
        tools, clerk = info.context.tools, await signed_in(info)
        row = await actions.release_tramite(tools, clerk, given.id, expected=given.expected_revision)
        return ReleaseTramiteSuccess(tramite=await show(info, row))
