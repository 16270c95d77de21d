"""What the counter is: its offices, hours, and the privacy policy in force."""

import datetime as dt

import strawberry

from schema.described import says
from schema.node import Node
from schema.scalars import ClockTime, EmailAddress
from schema.tramite_enums import FilingPolicy


@strawberry.type(description="Opening hours (horario de atención), Monday to Friday. Sending is possible always.")
class OfficeHours:
    """When the desk is open."""

    opens_at: ClockTime = says("When the desk opens (horario de atención).")
    closes_at: ClockTime = says("When the desk closes (horario de atención).")


@strawberry.type(description="A destination of documents (dependencia).")
class Office(Node):
    """An office."""

    code: str = says("Its code, by which documents are addressed to it.")
    name: str = says("Its name in Spanish.")
    is_open_for_filing: bool = says("Whether documents can be addressed to it; if not, it only keeps what it has.")
    hours: OfficeHours = says("Its opening hours (horario de atención).")


@strawberry.type(description="A rule that gives the legal date (fecha de presentación) of what is sent.")
class DatingRule:
    """One of the two policies, in words."""

    policy: FilingPolicy = says("How the hour of sending counts.")
    text: str = says("The rule in Spanish, for people.")
    source: str = says("The law that it comes from (sustento legal).")


@strawberry.type(description="The privacy policy (política de privacidad) that a filing must accept.")
class PrivacyPolicy:
    """The policy in force."""

    version: str = says("Its version; that of the policy in force is sent as acceptedPrivacyPolicy.")
    text: str = says("The policy in Spanish, as plain text with paragraphs.")


@strawberry.type(description="The public institution (entidad) whose counter this is.")
class Institution:
    """How it names itself, and where it is reached."""

    name: str = says("Its name (razón social).")
    unit: str = says("The unit (unidad) that keeps the counter.")
    ruc: str | None = says("Its taxpayer number (RUC), if it is known.")
    intake_address: EmailAddress = says("Where documents can be sent by mail (correo de la mesa de partes).")
    source_url: str = says(
        "Where the source code of what runs here is (código fuente), which every front end must offer: AGPL-3.0, "
        "section 13."
    )


@strawberry.type(description="Whether the desk is open, and which legal date a document sent now would have.")
class OpeningHours:
    """The hours of today."""

    is_open: bool = says("Whether the desk of the office is open at this moment.")
    filed_on_if_sent_now: dt.date = says("The legal date (fecha de presentación) of a document sent now.")
    next_opening: dt.datetime = says("When the desk opens next.")
    rule: DatingRule = says("The rule that gives the legal date.")
    message: str | None = says(
        "What to show before sending, in Spanish: that the desk is closed, and the legal date; null while it is open."
    )
    office: Office = says("The office whose hours these are.")


@strawberry.type(description="A day other than a weekend that does not count (feriado, día no laborable).")
class ClosedDay:
    """A day on which the counter is closed."""

    day: dt.date = says("The day.")
    reason: str = says("Its name in Spanish.")
    source: str | None = says("The law or decree that says so (sustento legal); null if none is recorded.")


@strawberry.type(description="The legal calendar (calendario) of an office in one year.")
class OfficeCalendar:
    """A year of an office."""

    version: str = says("Version of the calendar.")
    closed_days: list[ClosedDay] = says("The days that do not count besides weekends, in order; at most 366.")
