"""`mesadepartes calendar`: policies, hours and holidays, by which documents are dated."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, TextIO

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DAY = click.DateTime(["%Y-%m-%d"])
HOUR = click.DateTime(["%H:%M"])


@click.group("calendar")
def command() -> None:
    """
    Show the legal calendar, and change it.

    Each change is a new version and holds from a day on; what was filed before keeps its date.
    """


@command.command("show")
@click.option("--office", "office_code", default="SEDE-CENTRAL", show_default=True, help="Code of the office.")
@click.option("--year", type=click.IntRange(1990, 2100), help="Which year's days; else this one's.")
def show(office_code: str, year: int | None) -> None:
    """Say by what an office dates now, and which days of a year do not count."""

    async def told() -> str:
        from mesadepartes.clock import now
        from reading.catalogue import office_of_code
        from reading.policies import calendar_of
        from rules.workdays import day_of

        calendar = await calendar_of(await office_of_code(office_code), at=now())
        days = calendar.closed_in(year or day_of(now()).year)
        return "\n".join(
            [
                f"Versión {calendar.version}, política {calendar.policy.value}: {calendar.policy.sentence}",
                f"Horario: {calendar.opens_at:%H:%M} a {calendar.closes_at:%H:%M}, de lunes a viernes.",
                *(f"{day}  {closed.name} ({closed.source})" for day, closed in days),
            ]
        )

    _run(told)


@command.command("policy")
@click.argument("policy", type=click.Choice(["A", "B"]))
@click.option("--from", "from_on", type=DAY, required=True, help="The first day for which it holds, after today.")
def policy(policy: str, from_on: datetime) -> None:
    """Let the hour of sending count by policy A (any hour) or B (until closing time) from a day on."""

    async def changed() -> str:
        from actions.calendar import change_policy
        from mesadepartes.clock import now
        from rules.workdays import FilingPolicy

        return _new(await change_policy(FilingPolicy(policy), from_on=from_on.date(), now=now()))

    _run(changed)


@command.command("hours")
@click.argument("office_code", metavar="OFFICE")
@click.argument("opens_at", type=HOUR)
@click.argument("closes_at", type=HOUR)
@click.option("--from", "from_on", type=DAY, required=True, help="The first day for which they hold, after today.")
def hours(office_code: str, opens_at: datetime, closes_at: datetime, from_on: datetime) -> None:
    """Open OFFICE in other hours (HH:MM HH:MM, on Lima's clock) from a day on."""

    async def changed() -> str:
        from actions.calendar import change_hours
        from mesadepartes.clock import now

        version = await change_hours(
            office_code, opens_at=_clock(opens_at), closes_at=_clock(closes_at), from_on=from_on.date(), now=now()
        )
        return _new(version)

    _run(changed)


@command.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
def import_(file: TextIO) -> None:
    """
    Close the counter on the days of FILE: CSV with the columns date, name, source, office (empty: all), closed.

    All of them or, if a line is wrong, none. Days that are in the calendar already change nothing.
    """

    async def declared() -> str:
        from actions.calendar import declare_days
        from mesadepartes.clock import now
        from rules.holidays import read_days

        return _new(await declare_days(read_days(file), now=now()))

    _run(declared)


def _clock(given: datetime) -> time:
    return given.time()


def _new(version: str) -> str:
    return f"El calendario tiene una nueva versión: {version}."


def _run(ask: Callable[[], Awaitable[str]]) -> None:
    settings = settings_for(Part.MIGRATE, log_as="calendar")
    assert settings.database_url is not None
    said: list[str] = []
    run_on_database(_told(settings.database_url, ask, said))
    click.echo(said[0])


async def _told(url: str, ask: Callable[[], Awaitable[str]], said: list[str]) -> None:
    from mesadepartes.database import connected
    from rules.refusals import Refusal

    async with connected(url, pool_size=1):
        try:
            said.append(await ask())
        except (Refusal, UnicodeDecodeError) as reason:
            raise click.ClickException(f"{reason}") from None
