"""Notices (avisos), and which of them a person wants."""

import datetime as dt
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import says
from schema.node import Node
from schema.people import User
from schema.tramite_enums import NoticeState, TramiteNoticeKind


@strawberry.type(description="One mail to whoever filed a trámite (aviso); a courtesy, no legal notification.")
class Notice(Node):
    """A notice."""

    kind: TramiteNoticeKind = says("What it tells.")
    label: str = says("What it tells, in Spanish, for people.")
    state: NoticeState = says("What became of it.")
    reason: str | None = says("In Spanish why it was not sent or not delivered (yet); null if there is nothing to say.")
    attempts: int = says("How often it was tried to send it.")
    created_at: dt.datetime = says("When it was promised.")
    finished_at: dt.datetime | None = says("When it was sent, or given up; null while it is pending.")
    masked_address: str | None = says("Where it goes, such as m***@example.pe; null if there is nobody to write to.")


@strawberry.input(description="Which notices the viewer wants (preferencias de avisos).")
class SetNoticePreferencesInput:
    """Preferences."""

    wants_courtesy_notices: bool = says(
        "Whether to be told by mail of updates, referrals and answers. Receipts, observations and what concerns the "
        "account are sent in any case."
    )


@strawberry.type(description="The preferences are as they were asked to be.")
class SetNoticePreferencesSuccess:
    """Set."""

    user: User = says("The viewer as of now.")


SetNoticePreferencesResult: TypeAlias = Annotated[
    SetNoticePreferencesSuccess | refusals.NotSignedIn,
    strawberry.union("SetNoticePreferencesResult", description="Answer to preferences of notices."),
]
