"""What clerks do with a trámite: observe, refer, resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import notices
from actions.counter_policy import policy_of
from actions.filing_forms import destination_of
from actions.steps import lock_for_desk, record_step, take_step
from actions.submission import wake
from actions.transaction import tx
from models.tramites import Referral
from reading.policies import calendar_of
from rules import words
from rules.lifecycle import Step
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act
from rules.workdays import count_term

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer


async def observe_tramite(tools: Tools, clerk: Viewer, tramite_id: UUID, *, text: str) -> Tramite:
    """
    Return a trámite to its applicant, once, with all that must be corrected.

    The deadline is as many working days from today as the policy of now says, at least two (TUO Ley 27444, art. 136.1).
    Mails the applicant.

    Raises:
        NoSuchTramite: there is none that the clerk may see.
        NotYours: the clerk may see it, but not act on it.
        WrongStep: it is not pending, or was observed before.
        InvalidInput: the text is empty or too long.
    """
    said = _said(text)
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id)
        before = take_step(tramite, Step.OBSERVE, clerk)
        tramite.observed_before = True
        tramite.observation = said
        now = tools.clock()
        calendar = await calendar_of(tramite.office, at=now)
        working_days = (await policy_of(tools, at=now)).correction_working_days
        term = count_term(now, working_days=working_days, calendar=calendar)
        tramite.correct_by, tramite.deadline_rule = term.day, term.to_json()
        await tramite.save(update_fields=["status", "observed_before", "observation", "correct_by", "deadline_rule"])
        await notices.promise(tools, NoticeKind.OBSERVED, tramite=tramite)
        detail = {"correctBy": term.day.isoformat()}
        await record_step(connection, tools, clerk, tramite, act=Act.OBSERVED, before=before, text=said, detail=detail)
    wake(tools)
    return tramite


async def refer_tramite(
    tools: Tools, clerk: Viewer, tramite_id: UUID, *, office_code: str, text: str | None
) -> Tramite:
    """
    Validate a trámite and send it to an office, which may be the one it is in. Mails the applicant.

    Raises:
        NoSuchTramite, NotYours, WrongStep, InvalidInput: as for `observe_tramite`.
        UnknownOffice, OfficeRetired: there is no office of that code, or it takes no more documents.
    """
    said = _said(text) if text else None
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id)
        target = await destination_of(office_code, at_present=tramite.office_id)
        before = take_step(tramite, Step.REFER, clerk)
        referral = await Referral.create(
            tramite=tramite, from_office_id=tramite.office_id, to_office=target, referred_at=tools.clock()
        )
        detail = {"fromOffice": tramite.office.code, "toOffice": target.code, "referral": str(referral.id)}
        tramite.office = target
        await tramite.save(update_fields=["status", "office_id"])
        await notices.promise(tools, NoticeKind.REFERRED, tramite=tramite)
        await record_step(connection, tools, clerk, tramite, act=Act.REFERRED, before=before, text=said, detail=detail)
    wake(tools)
    return tramite


async def resolve_tramite(tools: Tools, clerk: Viewer, tramite_id: UUID, *, text: str) -> Tramite:
    """
    Answer a trámite; it is then resolved (atendido). Mails the applicant.

    Raises:
        NoSuchTramite, NotYours, WrongStep, InvalidInput: as for `observe_tramite`.
    """
    said = _said(text)
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id)
        before = take_step(tramite, Step.RESOLVE, clerk)
        tramite.resolution = said
        await tramite.save(update_fields=["status", "resolution"])
        await notices.promise(tools, NoticeKind.RESOLVED, tramite=tramite)
        await record_step(connection, tools, clerk, tramite, act=Act.RESOLVED, before=before, text=said)
    wake(tools)
    return tramite


def _said(text: str) -> str:
    checks = Checks()
    said = checks.take("text", words.clean_statement, text)
    checks.refuse_any()
    assert said is not None
    return said
