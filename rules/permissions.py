"""What somebody may do with a trámite now: the rights, the life cycle and the owner, judged in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.access import Right, may
from rules.lifecycle import Step
from rules.owners import OwnedByOther, check_reassigning

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from rules.access import Relation, Role


@dataclass(frozen=True, slots=True)
class Standing:
    """Who looks, how they stand to the trámite, and which steps are open to them."""

    role: Role
    viewer_id: UUID
    relation: Relation
    steps: Collection[Step]


@dataclass(frozen=True, slots=True)
class Permissions:
    """Whether each verb would be done now; named as the verbs of the API, and as what is shown only to some."""

    update_tramite: bool
    void_tramite: bool
    correct_tramite: bool
    receive_tramite: bool
    observe_tramite: bool
    refer_tramite: bool
    resolve_tramite: bool
    correct_folios: bool
    reopen_tramite: bool
    take_tramite: bool
    assign_tramite: bool
    release_tramite: bool
    add_note: bool
    look_at: bool
    send_receipt_again: bool
    see_owner: bool
    read_notes: bool


def permissions_of(
    standing: Standing, *, owner_id: UUID | None, has_contact_email: bool, is_erased: bool
) -> Permissions:
    """Return what may be done; who it would be assigned to, and what would be written, is judged when it is."""
    role, relation, steps = standing.role, standing.relation, standing.steps
    disposes = may(role, Right.ACT, relation) and _may_reassign(standing, owner_id)
    return Permissions(
        update_tramite=Step.UPDATE in steps,
        void_tramite=Step.VOID in steps,
        correct_tramite=Step.CORRECT in steps,
        receive_tramite=Step.RECEIVE in steps,
        observe_tramite=Step.OBSERVE in steps,
        refer_tramite=Step.REFER in steps,
        resolve_tramite=Step.RESOLVE in steps,
        correct_folios=Step.CORRECT_FOLIOS in steps,
        reopen_tramite=Step.REOPEN in steps,
        take_tramite=disposes,
        assign_tramite=disposes,
        release_tramite=disposes,
        add_note=may(role, Right.WRITE_NOTES, relation) and not is_erased,
        look_at=may(role, Right.SEE_VIEWERS, relation),
        send_receipt_again=may(role, Right.SEND_RECEIPTS, relation) and has_contact_email and not is_erased,
        see_owner=may(role, Right.SEE_OWNER, relation),
        read_notes=may(role, Right.READ_NOTES, relation),
    )


def _may_reassign(standing: Standing, owner_id: UUID | None) -> bool:
    try:
        check_reassigning(standing.role, viewer_id=standing.viewer_id, owner_id=owner_id)
    except OwnedByOther:
        return False
    return True
