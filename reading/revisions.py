"""What happened to a trámite since somebody saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.register import Entry
from reading.access import relations_of
from rules.history import UNCHANGING, hidden_acts
from rules.revisions import MOST_TOLD, Change

if TYPE_CHECKING:
    from models.tramites import Tramite
    from reading.access import Viewer


async def changes_since(viewer: Viewer, tramite: Tramite, revision: int) -> tuple[Change, ...]:
    """
    Return the acts since *revision* that the viewer may know of, the oldest first; at most the latest twenty.

    Each revision has one act, so that the latest acts are those of the latest revisions.
    """
    count = min(max(tramite.revision - revision, 0), MOST_TOLD)
    acts = Entry.filter(tramite_id=tramite.id, act__not_in=list(UNCHANGING)).order_by("-sequence").limit(count)
    hidden = hidden_acts(viewer.role, (await relations_of(viewer, [tramite.id]))[tramite.id])
    latest = [Change(each.act, each.at, each.role) for each in await acts if each.act not in hidden] if count else []
    return tuple(reversed(latest))
