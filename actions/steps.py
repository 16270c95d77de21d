"""
What every step on a trámite begins and ends with: the row locked for whoever may act on it, saved with its next
revision, and its entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import register
from actions.register import Record
from models.tramites import Referral, Tramite
from reading.access import NoSuchTramite, relation, visible_tramites
from reading.revisions import changes_since
from rules.access import NotTheApplicant, NotYours, Right, acting_role, may
from rules.lifecycle import Facts, next_status
from rules.revisions import TramiteChanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.access import Role
    from rules.lifecycle import Step, TramiteStatus
    from rules.register import Act


async def lock_for_desk(
    clerk: Viewer, tramite_id: UUID, *, expected: int | None = None, rights: Iterable[Right] = (Right.ACT,)
) -> Tramite:
    """
    Lock a trámite, within a transaction, for whoever has any of *rights* over it; return it with the office.

    Raises:
        NoSuchTramite: there is none that the clerk may see.
        TramiteChanged: it is no longer of the *expected* revision; nothing is told that its history does not show them.
        NotYours: the clerk may see it, but not act on it.
    """
    tramite = await _lock(clerk, tramite_id)
    if expected is not None and expected != tramite.revision:
        raise TramiteChanged(await changes_since(clerk, tramite, expected), revision=tramite.revision)
    was_in_office = await Referral.exists(tramite_id=tramite.id, from_office_id__in=clerk.office_ids)
    stands = relation(clerk, tramite, was_in_office=was_in_office)
    if not any(may(clerk.role, right, stands) for right in rights):
        raise NotYours
    return tramite


async def lock_for_applicant(viewer: Viewer, tramite_id: UUID) -> Tramite:
    """
    Lock a trámite, within a transaction, for whoever filed it; return it with the office.

    Raises:
        NoSuchTramite: there is none that the viewer may see.
        NotTheApplicant: the viewer may see it, but did not file it.
    """
    tramite = await _lock(viewer, tramite_id)
    if not may(viewer.role, Right.ACT_AS_APPLICANT, relation(viewer, tramite, was_in_office=False)):
        raise NotTheApplicant
    return tramite


async def _lock(viewer: Viewer, tramite_id: UUID) -> Tramite:
    wanted = visible_tramites(viewer).filter(id=tramite_id).select_for_update()
    # What was referred away while the first look waited for its lock, only a second one sees as referred by theirs.
    tramite = await wanted.first() or await wanted.first()
    if tramite is None:
        raise NoSuchTramite
    await tramite.fetch_related("office")
    return tramite


def take_step(tramite: Tramite, step: Step, viewer: Viewer, *, is_validated: bool = False) -> TramiteStatus:
    """
    Take *step*, in memory; return the status before it. Of an applicant's step it must be told what *is_validated*.

    Raises:
        WrongStep, NotAllowed: as `next_status`.
    """
    return take_step_as(role_on(tramite, viewer), tramite, step, is_validated=is_validated)


def take_step_as(role: Role, tramite: Tramite, step: Step, *, is_validated: bool = False) -> TramiteStatus:
    """
    Take *step* in *role*, in memory, for somebody who has no session but has shown a right to it.

    Raises:
        WrongStep, NotAllowed: as `next_status`.
    """
    before = tramite.status
    tramite.status = next_status(facts_of(tramite, is_validated=is_validated), step, role)
    return before


def facts_of(tramite: Tramite, *, is_validated: bool = False) -> Facts:
    """Return what the life cycle must know of a trámite; the row does not say whether it was validated."""
    return Facts(
        tramite.status,
        observed_before=tramite.observed_before,
        is_received=tramite.received_at is not None,
        is_validated=is_validated,
        is_erased=tramite.erased_at is not None,
    )


async def save_change(tramite: Tramite, columns: Iterable[str]) -> None:
    """
    Save the *columns* of a locked trámite, within a transaction, as its next revision.

    Nobody else saves one: who changes it after having seen an earlier revision is told of this change. Its act is
    recorded in the same transaction, so that there are as many acts as revisions.
    """
    tramite.revision += 1
    await tramite.save(update_fields=[*columns, "revision"])


def role_on(tramite: Tramite, viewer: Viewer) -> Role:
    """Return the role in which *viewer* takes steps on *tramite*."""
    return acting_role(viewer.role, relation(viewer, tramite, was_in_office=False))


async def record_step(
    connection: TransactionWrapper,
    tools: Tools,
    viewer: Viewer,
    tramite: Tramite,
    *,
    act: Act,
    before: TramiteStatus,
    at: datetime | None = None,
    text: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Append the entry of a step that was taken, as the last statement of its transaction."""
    await register.append(
        connection,
        Record(
            act,
            at=at or tools.clock(),
            role=role_on(tramite, viewer),
            actor_id=viewer.user_id,
            tramite_id=tramite.id,
            from_status=before,
            to_status=tramite.status,
            text=text,
            detail=dict(detail or {}),
        ),
    )


async def record_aside(
    connection: TransactionWrapper,
    tools: Tools,
    viewer: Viewer,
    tramite: Tramite,
    *,
    act: Act,
    detail: Mapping[str, object],
) -> None:
    """Append, as the last statement of its transaction, the entry of an act that is no step: for the office alone."""
    await register.append(
        connection,
        Record(
            act,
            at=tools.clock(),
            role=role_on(tramite, viewer),
            actor_id=viewer.user_id,
            tramite_id=tramite.id,
            detail=dict(detail),
        ),
    )
