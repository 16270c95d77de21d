"""The counter's policy: as it holds, and how administrators change it; nothing is judged by a later one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import register
from actions.register import Record
from actions.transaction import tx
from models.counter_policy import PolicyVersion
from reading.policies import policy_book
from rules import counter_policy as rules
from rules.administration import NothingToChange, VersionOutdated, first_instant, read_later_day
from rules.counter_policy import CounterPolicy
from rules.duties import Duty, check_duty
from rules.refusals import Checks
from rules.register import Act
from rules.workdays import day_of

if TYPE_CHECKING:
    from datetime import datetime

    from actions.tools import Tools
    from reading.access import Viewer
    from reading.policies import Latest
    from rules.counter_policy import PolicyForm

ORDER_LOCK = 7_242_011
"""Advisory lock under which versions are numbered."""


def base_of(tools: Tools) -> CounterPolicy:
    """Return the policy with which the program begins; what the settings say holds until an administrator decides."""
    return CounterPolicy(
        unfiled_bytes_each=tools.limits.unfiled_bytes_each,
        correction_keeps_date=tools.institution.correction_keeps_date,
    )


async def policy_of(tools: Tools, *, at: datetime | None = None, latest: Latest | None = None) -> CounterPolicy:
    """Return the policy as it holds at the instant *at*, or now, by the latest version."""
    return (await policy_book(latest)).at(at or tools.clock(), base=base_of(tools))


async def change_policy(
    tools: Tools, viewer: Viewer, form: PolicyForm, *, from_on: str | None, expected_version: int
) -> PolicyVersion:
    """
    Decide otherwise from now on, or from the beginning of a day after today in Lima; return the new version.

    What is given holds from then on, until something later does; all else stays. What was filed, observed or saved
    before keeps what it was given.

    Raises:
        NotYourDuty: the viewer does not administer.
        InvalidInput: for every field that does not hold what it must.
        VersionOutdated: there is a later version than the expected one.
        NothingToChange: all of it would hold then anyhow.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    checks, today = Checks(), day_of(tools.clock())
    day = checks.take("fromOn", lambda given: read_later_day(given, today), from_on) if from_on is not None else None
    values = rules.check_policy(form, checks, most_unfiled_bytes=tools.limits.unfiled_bytes_in_all)
    checks.refuse_any()
    async with tx() as connection:
        await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
        book, now = await policy_book(), tools.clock()
        if book.number != expected_version:
            raise VersionOutdated
        from_at = first_instant(day, now)
        new = rules.differing(values, book.at(from_at, base=base_of(tools)))
        if not new:
            raise NothingToChange
        version = await PolicyVersion.create(
            number=book.number + 1, made_at=now, from_at=from_at, changes=rules.to_json(new)
        )
        detail = {"version": version.number, "from": from_at.isoformat(), "changes": version.changes}
        await register.append(
            connection, Record(Act.POLICY_CHANGED, now, viewer.role, actor_id=viewer.user_id, detail=detail)
        )
    return version
