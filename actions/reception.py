"""Reception (recepción): a clerk has the document at the desk, and attests it when it is validated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import issuing
from actions.attachments import files_now
from actions.steps import lock_for_desk, record_step, save_change, take_step
from actions.submission import wake
from actions.transaction import tx
from models.people import User
from models.receipts import Receipt
from reading.folios import are_counted_by_desk
from rules.catalogue import ReceiptKind
from rules.chain import facts_digest
from rules.lifecycle import Step
from rules.receipts import FoliosCount
from rules.register import Act

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer


async def receive_tramite(tools: Tools, clerk: Viewer, tramite_id: UUID, *, expected: int | None = None) -> Tramite:
    """
    Record that the desk has a document, without judging it yet; its applicant sees when.

    Raises:
        NoSuchTramite, NotYours, TramiteChanged: as `actions.steps.lock_for_desk`.
        WrongStep: it is not pending, or was received before.
    """
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, expected=expected)
        before, now = take_step(tramite, Step.RECEIVE, clerk), tools.clock()
        tramite.received_at = now
        await save_change(tramite, ["status", "received_at"])
        await record_step(connection, tools, clerk, tramite, act=Act.RECEIVED, before=before, at=now)
    wake(tools)
    return tramite


async def attest_reception(tools: Tools, tramite: Tramite, *, at: datetime) -> Receipt | None:
    """
    Issue the cargo de recepción, within a transaction, when a locked trámite is validated for the first time.

    It has its new status and office already; it was received at *at* if it was not before, which the caller saves.
    Returns None if it was issued before.
    """
    tramite.received_at = tramite.received_at or at
    if await Receipt.exists(tramite_id=tramite.id, kind=ReceiptKind.RECEPTION):
        return None
    is_counted = await are_counted_by_desk(tramite.id)
    return await issuing.issue_receipt(
        tools,
        tramite,
        ReceiptKind.RECEPTION,
        applicant=await User.get(id=tramite.applicant_id) if tramite.applicant_id else None,
        files=await files_now(tramite),
        acted_at=tramite.received_at,
        folios_count=FoliosCount.CLERK if is_counted else FoliosCount.DECLARED,
    )


def told_of(receipt: Receipt | None) -> dict[str, str]:
    """Return what the notice of an act must know to bring the cargo that was issued with it."""
    return {"receipt": str(receipt.id)} if receipt else {}


def recorded_of(receipt: Receipt | None) -> dict[str, str]:
    """Return what the register keeps of the cargo that was issued with an act."""
    return {"receipt": receipt.kind.value, "facts": facts_digest(receipt.facts)} if receipt else {}
