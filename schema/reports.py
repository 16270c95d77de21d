"""Reports for supervisors (reportes)."""

import datetime as dt

import strawberry

from schema.described import says
from schema.tramite_enums import ReportGroup, ReportStep


@strawberry.type(description="How long a step took in the period; exact.")
class ReportTime:
    """A time."""

    step: ReportStep = says("Which step.")
    times: int = says("How often it was done in the period.")
    median_seconds: int = says("The shortest time in seconds within which at least half of them were done (mediana).")
    ninth_decile_seconds: int = says(
        "The shortest time in seconds within which at least nine of ten were done (percentil 90)."
    )


@strawberry.type(
    description="A line of a report. Acts are counted on the day in Lima on which they were done, with the office, "
    "kind and channel of then and the status that they led to; a referral with the office that referred."
)
class ReportLine:
    """A line."""

    key: str | None = says("Code of the office, value of the enum, or day; null for the total, and for no known kind.")
    label: str = says("What it is about, in Spanish, for people.")
    filed: int = says("Filed in the period (presentados): how many came in.")
    observed: int = says("Observed in the period (observados).")
    corrected: int = says("Corrected in the period (subsanados).")
    lapsed: int = says("Lapsed in the period (tenidos por no presentados).")
    referred: int = says("Referrals in the period (derivaciones).")
    resolved: int = says("Answered in the period (atendidos); one that was reopened counts each time.")
    voided: int = says("Withdrawn in the period (anulados).")
    reopened: int = says("Reopened in the period (reabiertos).")
    waiting: int = says(
        "How many wait (en espera): pending, observed or referred at the end of the day of the line, or of waitingOn, "
        "whenever they came in."
    )
    late: int = says("How many of those are past their deadline (atrasados).")
    times: list[ReportTime] = says("Times of the steps that were done in the period; each at most once.")


@strawberry.type(description="A report (reporte) of a period; all of it is of one moment.")
class Report:
    """A report."""

    from_on: dt.date = says("First day of the period, from its midnight in Lima on.")
    to_on: dt.date = says("Last day of the period, until its midnight in Lima.")
    waiting_on: dt.date = says("At the end of which day is counted what waits: the last of the period, or today.")
    group_by: ReportGroup | None = says("By what the lines tell apart; null for one line with the total.")
    lines: list[ReportLine] = says(
        "The lines in a fixed order, also those of which there is nothing: at most 93 days, or as many as there are "
        "offices, kinds, statuses or channels."
    )
