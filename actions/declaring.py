"""Administrators declare days that do not count, typed or as the text of a file, through the calendar's own action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.calendar import UnknownOffices, declare_days
from reading.catalogue import all_offices
from rules.duties import Duty, check_duty
from rules.holidays import check_days, read_days
from rules.refusals import InvalidInput
from rules.words import TextTooLong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actions.calendar import Origin
    from actions.tools import Tools
    from rules.holidays import DeclaredDay, GivenDay

MOST_CHARACTERS = 50_000
"""Of the text of a file: about five hundred days. A longer one is imported from the command line."""


async def declare_typed(tools: Tools, origin: Origin, given: Sequence[GivenDay]) -> str:
    """
    Declare days that were typed; return the calendar's new version.

    Raises:
        InvalidInput: for every field of every day that does not hold what it must.
        NotYourDuty, VersionOutdated, NothingNew: as `declare_days`.
    """
    check_duty(origin.by.role, Duty.ADMINISTER)
    try:
        days = check_days(given)
        await _check_offices(days)
    except InvalidInput as refusal:
        raise refusal.at("days") from None
    return await declare_days(days, now=tools.clock(), origin=origin)


async def declare_file(tools: Tools, origin: Origin, text: str) -> str:
    """
    Declare the days of a file, whose text is CSV as `rules.holidays.read_days` reads it; return the new version.

    Raises:
        TextTooLong, UnreadableDays, UnknownOffices: what they say; nothing is declared.
        NotYourDuty, VersionOutdated, NothingNew: as `declare_days`.
    """
    check_duty(origin.by.role, Duty.ADMINISTER)
    try:
        if len(text) > MOST_CHARACTERS:
            raise TextTooLong(MOST_CHARACTERS)
        days = read_days(text.removeprefix("\ufeff").splitlines())
        return await declare_days(days, now=tools.clock(), origin=origin)
    except InvalidInput as refusal:
        raise refusal.at("csv") from None


async def _check_offices(days: Sequence[DeclaredDay]) -> None:
    """Judge the offices of typed days, each where it was typed."""
    known = {office.code for office in await all_offices()}
    wrong = [
        UnknownOffices([day.office_code]).at(str(index), "officeCode")
        for index, day in enumerate(days)
        if day.office_code is not None and day.office_code not in known
    ]
    if wrong:
        wrong[0].others = tuple(wrong[1:])
        raise wrong[0]
