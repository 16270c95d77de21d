"""Terms to correct what was observed: which run, and which have run out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.catalogue import Office
from models.receipts import Notice
from reading.policies import calendar_at_hand, calendar_of
from rules.corrections import WORKING_DAYS, Term, judge_term
from rules.notices import NoticeKind, NoticeState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from models.tramites import Tramite

TOLD_AT = """
CASE WHEN {row}.status = 'OBSERVED' THEN (
    SELECT CASE WHEN state = 'SENT' THEN finished_at END FROM notices
    WHERE tramite_id = {row}.id AND kind = 'OBSERVED' ORDER BY created_at DESC LIMIT 1) END
"""
"""When the latest mail left that tells of the observation of the trámite in `{row}`, if it did."""


async def terms_of(tramites: Iterable[Tramite], *, at: datetime) -> dict[UUID, Term]:
    """
    Return where the term of each trámite stands at the instant *at*, of those that have one.

    Asks as often for many as for one, but for the calendars, of which each office has one.
    """
    observed = {tramite.id: tramite for tramite in tramites if tramite.correct_by is not None}
    if not observed:
        return {}
    offices = await Office.filter(id__in={tramite.office_id for tramite in observed.values()})
    calendars = {office.id: await calendar_of(office, at=at) for office in offices}
    told = await _told(observed)
    return {
        id_: judge_term(
            at,
            correct_by=tramite.correct_by,
            told_at=told.get(id_),
            calendar=calendars[tramite.office_id],
            working_days=_working_days(tramite),
        )
        for id_, tramite in observed.items()
        if tramite.correct_by is not None
    }


def term_at_once(tramite: Any, *, at: datetime) -> Term:
    """
    Return where a term stands, of a row that was read with `TOLD_AT` and the calendar of now.

    Raises:
        NotAtHand: that calendar was not read yet.
    """
    return judge_term(
        at,
        correct_by=tramite.correct_by,
        told_at=tramite.told_at,
        calendar=calendar_at_hand(tramite.office_id, tramite.calendar_id, at=at),
        working_days=_working_days(tramite),
    )


def _working_days(tramite: Any) -> int:
    """Return how long its term is: what was given when it was observed, whatever is given since."""
    counted = (tramite.deadline_rule or {}).get("counted")
    return len(counted) if counted else WORKING_DAYS


async def _told(tramite_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when the latest mail that tells of each observation left, if it did and has not bounced."""
    notices = await Notice.filter(tramite_id__in=list(tramite_ids), kind=NoticeKind.OBSERVED).order_by("created_at")
    latest = {notice.tramite_id: notice for notice in notices}
    return {
        id_: notice.finished_at
        for id_, notice in latest.items()
        if id_ is not None and notice.state is NoticeState.SENT and notice.finished_at is not None
    }
