"""What the counter is: its offices, hours, and the privacy policy in force."""

import datetime as dt
import uuid

import strawberry

from schema.described import says
from schema.scalars import ClockTime


@strawberry.type(description="Opening hours (horario de atención), Monday to Friday. Sending is possible always.")
class OfficeHours:
    """When the desk is open."""

    opens_at: ClockTime = says("When the desk opens.")
    closes_at: ClockTime = says("When the desk closes.")


@strawberry.type(description="A destination of documents (dependencia).")
class Office:
    """An office."""

    id: uuid.UUID = says("Its id.")
    code: str = says("Its code, by which documents are addressed to it.")
    name: str = says("Its name in Spanish.")
    hours: OfficeHours = says("Its opening hours (horario de atención).")


@strawberry.type(description="The privacy policy (política de privacidad) that a filing must accept.")
class PrivacyPolicy:
    """The policy in force."""

    version: str = says("The version in force; send it as acceptedPrivacyPolicy.")


@strawberry.type(description="Whether the desk is open, and which legal date a document sent now would have.")
class OpeningHours:
    """The hours of today."""

    is_open: bool = says("Whether the desk of the office is open at this moment.")
    filed_on_if_sent_now: dt.date = says("The legal date (fecha de presentación) of a document sent now.")
    office: Office = says("The office whose hours these are.")
