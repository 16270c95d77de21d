"""The folios of a trámite, as the desk counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import notices
from actions.steps import lock_for_desk, record_step, save_change, take_step
from actions.submission import wake
from actions.transaction import tx
from rules import words
from rules.lifecycle import Step
from rules.notices import NoticeKind
from rules.refusals import Checks, InvalidInput
from rules.register import Act

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer


class SameFolios(InvalidInput):
    """The trámite says that number already."""

    code = "SAME_FOLIOS"

    def __init__(self) -> None:
        super().__init__("El trámite ya dice ese número de folios. Indique el que contó.", path=("folios",))


async def correct_folios(
    tools: Tools, clerk: Viewer, tramite_id: UUID, *, folios: int, reason: str, expected: int | None = None
) -> Tramite:
    """
    Correct how many folios a trámite has; its receipts go on saying what was declared when they were issued.

    Mails the applicant both numbers and the reason.

    Raises:
        NoSuchTramite, NotYours, TramiteChanged: as `actions.steps.lock_for_desk`.
        WrongStep: it is neither pending nor referred.
        InvalidInput: for every field that does not hold what it must.
        SameFolios: there is nothing to correct.
    """
    counted, said = _checked(folios, reason)
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, expected=expected)
        before = take_step(tramite, Step.CORRECT_FOLIOS, clerk)
        if tramite.folios == counted:
            raise SameFolios
        detail = {"before": tramite.folios, "after": counted}
        tramite.folios = counted
        await save_change(tramite, ["status", "folios"])
        await notices.promise(
            tools, NoticeKind.FOLIOS_CORRECTED, tramite=tramite, detail={"folios": detail, "reason": said}
        )
        await record_step(
            connection, tools, clerk, tramite, act=Act.FOLIOS_CORRECTED, before=before, text=said, detail=detail
        )
    wake(tools)
    return tramite


def _checked(folios: int, reason: str) -> tuple[int, str]:
    checks = Checks()
    counted = checks.take("folios", words.clean_folios, folios)
    said = checks.take("reason", words.clean_required_reason, reason)
    checks.refuse_any()
    assert counted is not None
    assert said is not None
    return counted, said
