"""The closing of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.retention import AccountClosure
from models.tramites import Tramite
from rules.closures import ClosureState
from rules.lifecycle import TramiteStatus

if TYPE_CHECKING:
    from reading.access import Viewer

OVER = (TramiteStatus.RESOLVED, TramiteStatus.VOIDED, TramiteStatus.LAPSED)


async def closure_of(viewer: Viewer) -> AccountClosure | None:
    """Return the closing of the viewer's account that waits, None if none does."""
    return await AccountClosure.get_or_none(user_id=viewer.user_id, state=ClosureState.WAITING)


async def open_tramites_of(viewer: Viewer) -> int:
    """Return how many of the viewer's trámites are under way."""
    return await Tramite.filter(applicant_id=viewer.user_id).exclude(status__in=list(OVER)).count()
