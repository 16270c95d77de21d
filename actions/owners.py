"""The owner of a trámite (responsable): who of its office has taken it on, by themselves or because they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.steps import lock_for_desk, record_aside, save_change
from actions.submission import wake
from actions.transaction import tx
from reading.colleagues import lock_colleague, serves
from rules.access import NotYours
from rules.owners import NotOfItsOffice, check_reassigning
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.people import User
    from models.tramites import Tramite
    from reading.access import Viewer


async def take_tramite(tools: Tools, clerk: Viewer, tramite_id: UUID, *, expected: int | None = None) -> Tramite:
    """
    Take a trámite on; whoever has it already has it still.

    Raises:
        NoSuchTramite, NotYours, TramiteChanged: as `actions.steps.lock_for_desk`.
        OwnedByOther: somebody else has taken it on.
    """
    return await _give(tools, clerk, tramite_id, to=clerk.user_id, expected=expected)


async def assign_tramite(
    tools: Tools, clerk: Viewer, tramite_id: UUID, *, user_id: UUID, expected: int | None = None
) -> Tramite:
    """
    Give a trámite to somebody of its office; what another has, only a supervisor gives.

    Raises:
        NoSuchTramite, NotYours, TramiteChanged, OwnedByOther: as for `take_tramite`.
        NotOfItsOffice: they do not attend to it: no staff of its office, or its applicant.
    """
    return await _give(tools, clerk, tramite_id, to=user_id, expected=expected)


async def release_tramite(tools: Tools, clerk: Viewer, tramite_id: UUID, *, expected: int | None = None) -> Tramite:
    """
    Let go of a trámite, so that anybody of its office may take it on; what another has, only a supervisor releases.

    Raises:
        NoSuchTramite, NotYours, TramiteChanged, OwnedByOther: as for `take_tramite`.
    """
    return await _give(tools, clerk, tramite_id, to=None, expected=expected)


async def _give(tools: Tools, clerk: Viewer, tramite_id: UUID, *, to: UUID | None, expected: int | None) -> Tramite:
    async with tx() as connection:
        colleague = await lock_colleague(to) if to is not None else None
        tramite = await lock_for_desk(clerk, tramite_id, expected=expected)
        had = tramite.owner_id
        check_reassigning(clerk.role, viewer_id=clerk.user_id, owner_id=had)
        if to is not None and not await _may_own(colleague, tramite):
            # Who takes it on acted for the office when the request began: they were let go meanwhile.
            raise NotYours if to == clerk.user_id else NotOfItsOffice
        if to == had:
            return tramite
        tramite.owner_id = to
        await save_change(tramite, ["owner_id"])
        detail = {"before": str(had) if had else None, "after": str(to) if to else None}
        await record_aside(connection, tools, clerk, tramite, act=Act.OWNER_CHANGED, detail=detail)
    wake(tools)
    return tramite


async def _may_own(colleague: User | None, tramite: Tramite) -> bool:
    return colleague is not None and colleague.id != tramite.applicant_id and await serves(colleague, tramite.office_id)
