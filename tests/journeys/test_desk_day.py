"""A day at the desk, from the invitations of its staff to the last report; what it must come to is counted by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.journeys.desk_checks import (
    check_applicants_see_no_notes,
    check_exports,
    check_inboxes,
    check_mailboxes,
    check_reports,
    check_searches,
    check_verified,
)
from tests.journeys.desk_deeds import DayAtDesk
from tests.journeys.desk_people import people_at
from tests.journeys.whole_counter import lima, whole_counter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

pytestmark = pytest.mark.timeout(900)

MARCH = date(2026, 3, 1), date(2026, 3, 31)
THE_DAY = date(2026, 3, 9), date(2026, 3, 9)
THE_NEXT_DAYS = date(2026, 3, 10), date(2026, 3, 13)
UNTIL_MAY = date(2026, 3, 1), date(2026, 4, 30)


async def test_a_day_at_the_desk(database: Database, mail_account: Account, sink: Sink, tmp_path: Path) -> None:
    async with (
        whole_counter(database, mail_account, sink, tmp_path, at=lima(6, 9)) as counter,
        people_at(counter) as people,
    ):
        day = DayAtDesk(counter, people)
        await day.prepare()
        await day.play(until=lima(9, 13))
        await check_inboxes(day)
        await day.play(until=lima(17, 9))
        await check_inboxes(day)
        await check_searches(day)
        await check_exports(day)
        await check_applicants_see_no_notes(day)
        await check_reports(day, MARCH, THE_DAY, THE_NEXT_DAYS)
        await day.play(until=lima(23, 9, month=4))  # those that were referred are late by now
        await check_reports(day, MARCH, UNTIL_MAY)
        check_mailboxes(day)
        await check_verified(day, tmp_path)
