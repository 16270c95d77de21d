"""The dates of trámites, as they were frozen, and when each was received at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.register import Entry
from models.tramites import Tramite
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

RECEPTIONS = (Act.REFERRED, Act.RESOLVED)
"""The acts by which a clerk validates a document."""


@dataclass(frozen=True)
class Dates:
    """The dates of one trámite."""

    tramite: Tramite
    received_at: datetime | None


async def dates_of(tramite_ids: Collection[UUID]) -> dict[UUID, Dates]:
    """Return the dates of trámites that the caller has found to be visible."""
    received: dict[UUID | None, datetime] = {}
    for act in await Entry.filter(tramite_id__in=list(tramite_ids), act__in=RECEPTIONS).order_by("-sequence"):
        received[act.tramite_id] = act.at
    tramites = await Tramite.filter(id__in=list(tramite_ids))
    return {tramite.id: Dates(tramite, received.get(tramite.id)) for tramite in tramites}
