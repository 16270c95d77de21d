"""A trámite is reopened as the register tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.steps import record_step
from actions.transaction import tx
from models.tramites import Tramite
from rules.access import Role
from rules.lifecycle import Facts, Step, next_status
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer


async def reopen(tools: Tools, supervisor: Viewer, tramite_id: UUID) -> None:
    """Reopen a trámite."""
    async with tx() as connection:
        tramite = await Tramite.select_for_update().get(id=tramite_id)
        before = tramite.status
        tramite.status = next_status(Facts(before, tramite.observed_before), Step.REOPEN, Role.SUPERVISOR)
        await tramite.save(update_fields=["status"])
        await record_step(connection, tools, supervisor, tramite, act=Act.REOPENED, before=before, text="Por error")
