"""Until when a trámite waits for the desk: the one place that sets it anew once it is filed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from reading.policies import calendar_of
from rules.due import Due, begin_terms, resume_terms
from rules.workdays import filed_on

if TYPE_CHECKING:
    from datetime import datetime

    from actions.tools import Tools
    from models.tramites import Tramite

WAITING = ("route_by", "attend_by")
"""The columns that are set here, for whoever saves the row."""


def terms_of_desk(tramite: Tramite) -> dict[str, str | None]:
    """Return the terms that stand, for the register: a report counts what waited by those of then."""
    return {
        "routeBy": tramite.route_by.isoformat() if tramite.route_by else None,
        "attendBy": tramite.attend_by.isoformat() if tramite.attend_by else None,
    }


async def begin_waiting(tools: Tools, tramite: Tramite, *, at: datetime) -> None:
    """Let the terms of the desk begin anew, in memory, because it was reopened at the instant *at*; office fetched."""
    calendar = await calendar_of(tramite.office, at=at)
    _set(tramite, begin_terms(filed_on(at, calendar).day, tools.institution.desk_terms, calendar))


async def resume_waiting(tools: Tools, tramite: Tramite, *, at: datetime, keeps_date: bool) -> None:
    """
    Let the terms of the desk go on, in memory, after a correction of the instant *at*; office fetched.

    One that does not keep its date has been dated anew already: its terms begin with that date.
    """
    calendar, terms = await calendar_of(tramite.office, at=at), tools.institution.desk_terms
    corrected_on = filed_on(at, calendar).day
    before = begin_terms(tramite.filed_on, terms, calendar)
    if keeps_date and tramite.deadline_rule is not None:
        before = resume_terms(
            Due(before.route_by, tramite.attend_by or before.attend_by),
            observed_on=date.fromisoformat(tramite.deadline_rule["after"]),
            corrected_on=corrected_on,
            terms=terms,
            calendar=calendar,
        )
    _set(tramite, before)


def _set(tramite: Tramite, due: Due) -> None:
    tramite.route_by, tramite.attend_by = due.route_by, due.attend_by
