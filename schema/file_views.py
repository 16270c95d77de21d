"""Files as they are seen without being opened, and links by which the originals are fetched."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import says
from schema.file_enums import Fitness
from schema.files import FileFinding
from schema.node import names


@strawberry.input(description="A file that is to be fetched by a link.")
class LinkToFileInput:
    """A file."""

    id: uuid.UUID = says("Id of the file (Attachment).")


@strawberry.type(description="A link by which the file is fetched without an Authorization header or a cookie.")
class LinkToFileSuccess:
    """A link."""

    url: str = says(
        "Where it is fetched, for this viewer and while this session lives; for no other file. Not to be passed on. "
        "Staff who want a file in spite of what the antivirus found in it add `&acceptsRisk=true`."
    )
    expires_at: dt.datetime = says("Until when it is good, some minutes.")


LinkToFileResult: TypeAlias = Annotated[
    LinkToFileSuccess | refusals.NotSignedIn | refusals.NotFound,
    strawberry.union("LinkToFileResult", description="Answer to a link that is wanted."),
]


@strawberry.type(description="A page (página) as pictures in WebP, by addresses that need no Authorization header.")
class PagePictures:
    """A page."""

    page: int = says("Its number, from 1.")
    thumbnail_url: str = says("320 pixels wide (miniatura).")
    url: str = says("1000 pixels wide, to be read.")
    large_url: str = says("1600 pixels wide.")


@strawberry.type(description="A PDF or a picture, page by page; the pictures are never the bytes that were handed in.")
class PagesContent:
    """Pages."""

    count: int = says("How many pages it has; beyond the 5000th only the original shows them.")
    pages: list[PagePictures] = says("Those that were asked for.")


@strawberry.type(description="What an Office file says of itself, declared by whoever made it and never proved.")
class OfficeProperties:
    """Properties."""

    title: str | None = says("Its title; null if it says none, like all of these.")
    author: str | None = says("Who made it (autor).")
    last_author: str | None = says("Who changed it last.")
    application: str | None = says("With what program.")
    created_at: dt.datetime | None = says("When it was made.")
    modified_at: dt.datetime | None = says("When it was changed last.")
    pages: int | None = says("How many pages it is said to have.")
    words: int | None = says("How many words it is said to have.")
    sheets: list[str] = says("Names of the sheets (hojas) of a workbook, at most 100.")


@strawberry.type(description="A document or workbook of Office: its properties, and its text without its looks.")
class OfficeContent:
    """An Office file."""

    properties: OfficeProperties = says("What it says of itself.")
    text: str = says("At most 20 000 characters of its text, after those passed over by `textAfter`.")
    characters: int = says("How many characters there are in all.")
    is_cut: bool = says("Whether the file has more text than is taken out.")


@strawberry.type(description="A file in an archive (comprimido), as the archive says.")
class ArchiveMember:
    """A member."""

    name: str = says("Its name with its folders, shortened to 200 characters, without what cannot be seen.")
    size_bytes: int = says("How many bytes it is said to have; 2147483647 stands for so many or more.")
    is_folder: bool = says("Whether it is a folder.")
    is_encrypted: bool = says("Whether it asks for a password.")


@strawberry.type(description="A ZIP or RAR archive: what it holds, of which nothing is unpacked.")
class ArchiveContent:
    """An archive."""

    count: int = says("How many members it has.")
    members: list[ArchiveMember] = says("Those that were asked for.")


@strawberry.type(description="Nothing of the file can be shown; the original may be downloaded.")
class NothingShown:
    """Nothing."""

    code: str = says("Stable code of the reason, such as PAGE_LOCKED.")
    message: str = says("The reason in plain Spanish, with what to do, for people.")


FileContent: TypeAlias = Annotated[
    PagesContent | OfficeContent | ArchiveContent | NothingShown,
    strawberry.union("FileContent", description="What of a file is shown."),
]


@strawberry.type(description="A file seen without being opened (vista previa).")
class FileView:
    """A view."""

    attachment_id: uuid.UUID = names("Id of the file (Attachment).")
    name: str = says("Its name.")
    size_bytes: int = says("Its size in bytes.")
    findings: list[FileFinding] = says("All that was found of it, as of the file itself.")
    fitness: Fitness = says("What follows of that.")
    content: FileContent = says("What it shows; nothing of a file in which the antivirus found something.")
    expires_at: dt.datetime = says("Until when the addresses of pictures are good; ask again for others.")
