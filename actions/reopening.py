"""Reopening (reapertura): a supervisor takes up again what was resolved or had lapsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import notices
from actions.steps import lock_for_desk, record_step, save_change, take_step
from actions.submission import wake
from actions.transaction import tx
from actions.waiting import WAITING, begin_waiting, terms_of_desk
from rules import words
from rules.access import Right
from rules.lifecycle import Step
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer


async def reopen_tramite(
    tools: Tools, supervisor: Viewer, tramite_id: UUID, *, reason: str, expected: int | None = None
) -> Tramite:
    """
    Take up a trámite again; it is pending, in the office that has it, and keeps its dates and receipts.

    The terms of the desk begin anew, and whoever owned it does so no longer: they may have left. It is not observed a
    second time. The earlier answer stays in the history. Mails the applicant the reason.

    Raises:
        NoSuchTramite, TramiteChanged: as `actions.steps.lock_for_desk`.
        NotAllowed: the viewer may see it, but is no supervisor, or filed it (NotYours, StepNotAllowed).
        WrongStep: it is neither resolved nor lapsed, or what it told was erased since (TramiteErased).
        InvalidInput: the reason is empty or too long.
    """
    checks = Checks()
    said = checks.take("reason", words.clean_required_reason, reason)
    checks.refuse_any()
    async with tx() as connection:
        tramite = await lock_for_desk(supervisor, tramite_id, expected=expected, rights=(Right.REOPEN, Right.ACT))
        before, now = take_step(tramite, Step.REOPEN, supervisor), tools.clock()
        tramite.resolution, tramite.owner_id = None, None
        await begin_waiting(tools, tramite, at=now)
        await save_change(tramite, ["status", "resolution", "owner_id", *WAITING])
        await notices.promise(tools, NoticeKind.REOPENED, tramite=tramite, detail={"reason": said})
        detail = terms_of_desk(tramite)
        await record_step(
            connection, tools, supervisor, tramite, act=Act.REOPENED, before=before, at=now, text=said, detail=detail
        )
    wake(tools)
    return tramite
