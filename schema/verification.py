"""What anybody may see who holds a trámite's number and key."""

import datetime as dt

import strawberry

from schema.described import says
from schema.tramite_enums import TramiteStatus


@strawberry.type(
    description="The status of a trámite (estado), for whoever holds its number and key; nothing of the person."
)
class PublicStatus:
    """The public part of a trámite."""

    number: str = says("Its number (número de trámite).")
    status: TramiteStatus = says("Where it stands (estado).")
    status_label: str = says("The status in Spanish, for people.")
    filed_on: dt.date = says("Its legal date (fecha de presentación).")
    office_name: str = says("The office (dependencia) where it is now.")
