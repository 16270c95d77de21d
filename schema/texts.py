"""The text of files, by which they are found: how far it is, and where something was found."""

from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import says
from schema.files import Attachment


@strawberry.type(description="A part of a snippet.")
class SnippetPart:
    """Some words."""

    text: str = says("The words, as plain text: not markup, whatever it looks like.")
    is_match: bool = says("Whether they are what was looked for.")


@strawberry.type(description="A file in which the words stand that were looked for (encontrado en).")
class FoundInFile:
    """Where words were found."""

    file: Attachment = says("The file.")
    page: int | None = says("The first page (página) that has most of them; null for what has no pages.")
    is_recognized: bool = says("Whether a machine recognized the text of that page (OCR), which may be wrong.")
    snippet: list[SnippetPart] = says("A few words around them, in parts; up to 400 characters.")


@strawberry.type(description="How far the text of files has been taken out, over all there are.")
class TextProgress:
    """Progress."""

    waiting: int = says("Files whose text is still to be taken out (pendientes); at most 1,000 are counted.")
    failed: int = says("Files whose text could not be taken out (fallidos); at most 1,000 are counted.")
    unrecognized: int = says(
        "Files with pages without text that a machine is still to look at, where that is switched on; at most 1,000."
    )


@strawberry.type(description="Those that failed are tried again.")
class RetryTextsSuccess:
    """Retried."""

    count: int = says("How many files.")


RetryTextsResult: TypeAlias = Annotated[
    RetryTextsSuccess | refusals.NotSignedIn | refusals.NotAllowed,
    strawberry.union("RetryTextsResult", description="Answer to another try at the text of files."),
]
