"""Files as they are seen without being opened, and links by which the originals are fetched."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import says


@strawberry.input(description="A file that is to be fetched by a link.")
class LinkToFileInput:
    """A file."""

    id: uuid.UUID = says("Id of the file (Attachment).")


@strawberry.type(description="A link by which the file is fetched without an Authorization header or a cookie.")
class LinkToFileSuccess:
    """A link."""

    url: str = says(
        "Where it is fetched, for this viewer and while this session lives; for no other file. Not to be passed on."
    )
    expires_at: dt.datetime = says("Until when it is good, some minutes.")


LinkToFileResult: TypeAlias = Annotated[
    LinkToFileSuccess | refusals.NotSignedIn | refusals.NotFound,
    strawberry.union("LinkToFileResult", description="Answer to a link that is wanted."),
]
