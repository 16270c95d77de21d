"""Internal notes about trámites."""

import datetime as dt
import uuid

import strawberry

from schema.colleagues import Colleague
from schema.described import asks_once, says
from schema.node import Node


@strawberry.type(description="An internal note (nota interna): only those who attend to the trámite read it.")
class Note(Node):
    """A note."""

    text: str = says("What it says.")
    written_at: dt.datetime = says("When it was written.")
    author: Colleague = says("Who wrote it.")


@strawberry.input(description="An internal note (nota interna).")
class AddNoteInput:
    """A note."""

    client_key: uuid.UUID = asks_once()
    id: uuid.UUID = says("Id of the trámite.")
    text: str = says("What it says, up to 2000 characters; neither the applicant nor an auditor reads it.")
