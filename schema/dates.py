"""How the dates of a trámite came about."""

import datetime as dt

import strawberry

from schema.catalogue import ClosedDay, DatingRule
from schema.described import says
from schema.scalars import ClockTime


@strawberry.type(description="How the legal date (fecha de presentación) came about.")
class FilingExplained:
    """The legal date."""

    filed_on: dt.date = says("The legal date (fecha de presentación).")
    rule: DatingRule = says("The rule that gave it.")
    calendar_version: str = says("Version of the calendar that was applied.")
    opens_at: ClockTime | None = says(
        "When the desk opened that day (horario de atención); null for what was filed before this was kept."
    )
    closes_at: ClockTime | None = says(
        "When the desk closed that day (horario de atención); null for what was filed before this was kept."
    )
    skipped: list[ClosedDay] = says("The days, from that of sending on, that did not count, and why.")
    other_filed_on: dt.date | None = says(
        "What the other rule would have given; null for what was filed before this was kept."
    )


@strawberry.type(description="How the last day to correct (plazo de subsanación) came about.")
class CorrectionExplained:
    """The term to correct."""

    correct_by: dt.date = says("The last day (plazo de subsanación).")
    source: str = says("The law that gives the term (sustento legal).")
    observed_on: dt.date | None = says("The day of the observation, which does not count.")
    counted: list[dt.date] = says("The days that count.")
    skipped: list[ClosedDay] = says("The days in between that do not count, and why.")
    calendar_version: str | None = says("Version of the calendar that was applied.")


@strawberry.type(description="All dates of a trámite, each with its reason.")
class DatesExplained:
    """The dates."""

    sent_at: dt.datetime = says("When it was sent (enviado), on Lima's clock (UTC-5).")
    filing: FilingExplained = says("The legal date.")
    received_at: dt.datetime | None = says(
        "When a clerk first had it at the desk (recepcionado), on Lima's clock; null while nobody has."
    )
    correction: CorrectionExplained | None = says(
        "The term to correct (plazo de subsanación); null if it was never observed."
    )
