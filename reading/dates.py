"""The dates of trámites, as they were frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.tramites import Tramite

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


async def dates_of(tramite_ids: Collection[UUID]) -> dict[UUID, Tramite]:
    """Return trámites that the caller has found to be visible, for the dates that their rows hold."""
    return {tramite.id: tramite for tramite in await Tramite.filter(id__in=list(tramite_ids))}
