"""What a viewer may do now with trámites that they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading.access import relation
from reading.tramites import allowed_steps
from rules.permissions import Permissions, Standing, permissions_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from models.tramites import Tramite
    from reading.access import Viewer
    from rules.lifecycle import Step


async def permissions_for(viewer: Viewer, tramites: Sequence[Tramite], *, at: datetime) -> dict[UUID, Permissions]:
    """Return what the viewer may do with each trámite, all of which they see, at the instant *at*."""
    steps = await allowed_steps(viewer, tramites, at=at)
    return {tramite.id: permissions_with(viewer, tramite, steps[tramite.id]) for tramite in tramites}


def permissions_with(viewer: Viewer, tramite: Any, steps: Collection[Step]) -> Permissions:
    """Return what the viewer may do with a trámite, which they see, where those *steps* are open to them."""
    return permissions_of(
        # Whoever sees it through none of their offices of now sees it through one that had it: `visible`.
        Standing(viewer.role, viewer.user_id, relation(viewer, tramite, was_in_office=True), steps),
        owner_id=tramite.owner_id,
        has_contact_email=tramite.contact_email is not None,
        is_erased=tramite.erased_at is not None,
    )
