"""What clerks do with a trámite: observe, refer, resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import notices
from actions.answers import Answer, attach_answer
from actions.counter_policy import policy_of
from actions.filing_forms import destination_of
from actions.reception import attest_reception, recorded_of, told_of
from actions.steps import lock_for_desk, record_step, save_change, take_step
from actions.submission import wake
from actions.transaction import tx
from models.tramites import Referral
from reading.policies import calendar_of
from rules import words
from rules.lifecycle import Step
from rules.notices import NoticeKind
from rules.observations import clean_observation
from rules.refusals import Checks, InvalidInput
from rules.register import Act
from rules.workdays import count_term

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from models.catalogue import Office
    from models.tramites import Tramite
    from reading.access import Viewer
    from rules.observations import Observation

OBSERVED_COLUMNS = ("status", "observed_before", "observation", "observation_points", "correct_by", "deadline_rule")


class AlreadyThere(InvalidInput):
    """It was referred to that office already."""

    code = "ALREADY_THERE"

    def __init__(self) -> None:
        super().__init__(
            "El trámite ya está derivado a esa dependencia. Elija otra, o atiéndalo.", path=("officeCode",)
        )


async def observe_tramite(
    tools: Tools,
    clerk: Viewer,
    tramite_id: UUID,
    *,
    text: str | None = None,
    points: Sequence[str] = (),
    expected: int | None = None,
) -> Tramite:
    """
    Return a trámite to its applicant, once, with all that must be corrected: points, words about them, or both.

    The deadline is as many working days from today as the policy of now says, at least two (TUO Ley 27444, art. 136.1),
    and never fewer than the receipt of the filing told. Mails the applicant.

    Raises:
        NoSuchTramite: there is none that the clerk may see.
        TramiteChanged: it is no longer of the *expected* revision.
        NotYours: the clerk may see it, but not act on it.
        WrongStep: it is not pending, or was observed before.
        InvalidInput: for every field that does not hold what it must.
    """
    observation = clean_observation(points, text)
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, expected=expected)
        before = take_step(tramite, Step.OBSERVE, clerk)
        said = await _set_observation(tools, tramite, observation, at=tools.clock())
        await save_change(tramite, OBSERVED_COLUMNS)
        await notices.promise(tools, NoticeKind.OBSERVED, tramite=tramite)
        assert tramite.correct_by is not None
        detail = {"correctBy": tramite.correct_by.isoformat(), "points": len(observation.points)}
        await record_step(connection, tools, clerk, tramite, act=Act.OBSERVED, before=before, text=said, detail=detail)
    wake(tools)
    return tramite


async def _set_observation(tools: Tools, tramite: Tramite, observation: Observation, *, at: datetime) -> str:
    """Put an observation and its term into a trámite; return it in words."""
    calendar = await calendar_of(tramite.office, at=at)
    policies = [await policy_of(tools, at=each) for each in (tramite.sent_at, at)]
    working_days = max(policy.correction_working_days for policy in policies)
    term = count_term(at, working_days=working_days, calendar=calendar)
    said = observation.in_words()
    tramite.observed_before = True
    tramite.observation, tramite.observation_points = said, list(observation.points)
    tramite.correct_by, tramite.deadline_rule = term.day, term.to_json()
    return said


async def refer_tramite(
    tools: Tools,
    clerk: Viewer,
    tramite_id: UUID,
    *,
    office_code: str,
    text: str | None,
    expected: int | None = None,
) -> Tramite:
    """
    Validate a trámite and send it to an office, or refer on what was referred; whoever owned it does so no longer.

    It may be the office that it is in, which so keeps what it validates. Mails the applicant, the first time with the
    cargo de recepción. The text is for that office alone.

    Raises:
        NoSuchTramite, NotYours, WrongStep, TramiteChanged, InvalidInput: as for `observe_tramite`.
        UnknownOffice, OfficeRetired: there is no office of that code, or it takes no more documents.
        AlreadyThere: it was referred to that office before, and lies there.
    """
    said, now = _said(text) if text else None, tools.clock()
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, expected=expected)
        target = await destination_of(office_code, at_present=tramite.office_id)
        before = take_step(tramite, Step.REFER, clerk)
        if before is tramite.status and target.id == tramite.office_id:
            raise AlreadyThere
        detail = await _move(tramite, target, at=now)
        receipt = await attest_reception(tools, tramite, at=now)
        await save_change(tramite, ["status", "office_id", "owner_id", "received_at"])
        await notices.promise(tools, NoticeKind.REFERRED, tramite=tramite, detail=told_of(receipt))
        await record_step(
            connection,
            tools,
            clerk,
            tramite,
            act=Act.REFERRED,
            before=before,
            at=now,
            text=said,
            detail=detail | recorded_of(receipt),
        )
    wake(tools)
    return tramite


async def _move(tramite: Tramite, target: Office, *, at: datetime) -> dict[str, str]:
    """Send a trámite to an office; return what the register tells of it."""
    referral = await Referral.create(
        tramite=tramite, from_office_id=tramite.office_id, to_office=target, referred_at=at
    )
    detail = {"fromOffice": tramite.office.code, "toOffice": target.code, "referral": str(referral.id)}
    tramite.office, tramite.owner_id = target, None
    return detail


async def resolve_tramite(
    tools: Tools,
    clerk: Viewer,
    tramite_id: UUID,
    *,
    text: str,
    files: Sequence[UUID] = (),
    expected: int | None = None,
) -> Tramite:
    """
    Answer a trámite, with up to five files (uploads of the clerk) if there are any; it is then resolved (atendido).

    Mails the applicant, with the cargo de recepción if it was not referred before.

    Raises:
        NoSuchTramite, NotYours, WrongStep, TramiteChanged, InvalidInput: as for `observe_tramite`.
        NoSuchUpload, UploadIncomplete: a file is not there, or not whole.
    """
    answer, now = Answer.of(text, files), tools.clock()
    async with tx() as connection:
        tramite = await lock_for_desk(clerk, tramite_id, expected=expected)
        before = take_step(tramite, Step.RESOLVE, clerk)
        attached = await attach_answer(connection, tools, clerk, tramite, answer)
        tramite.resolution = answer.text
        receipt = await attest_reception(tools, tramite, at=now)
        await save_change(tramite, ["status", "resolution", "received_at"])
        told = told_of(receipt) | ({"answerFiles": [file.name for file in attached]} if attached else {})
        await notices.promise(tools, NoticeKind.RESOLVED, tramite=tramite, detail=told)
        detail = {"files": [{"sha256": file.sha256} for file in attached]} if attached else {}
        await record_step(
            connection,
            tools,
            clerk,
            tramite,
            act=Act.RESOLVED,
            before=before,
            at=now,
            text=answer.text,
            detail=detail | recorded_of(receipt),
        )
    wake(tools)
    return tramite


def _said(text: str) -> str:
    checks = Checks()
    said = checks.take("text", words.clean_statement, text)
    checks.refuse_any()
    assert said is not None
    return said
