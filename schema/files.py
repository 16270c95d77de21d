"""Files: on their way in, and as parts of a trámite."""

import datetime as dt
import uuid

import strawberry

from schema.described import asks_once, says
from schema.file_enums import AttachmentRole, Finding, Fitness, PagesProblem, TextProblem, TextState
from schema.node import Node
from schema.scalars import Sha256


@strawberry.type(description="Something that was found of a file (hallazgo).")
class FileFinding:
    """A finding."""

    code: Finding = says("What was found.")
    message: str = says("What is wrong and what to do, in Spanish, for whoever handed the file in.")


@strawberry.type(description="How far the text of a file can be searched (texto del archivo).")
class FileText:
    """Its text."""

    state: TextState = says("Whether it can be found by its words.")
    problem: TextProblem | None = says("Why it cannot; null if it can, or nothing is known yet.")
    explanation: str | None = says("What somebody should know who looks for words in it, in Spanish; null if nothing.")
    pages_without_text: int = says("How many of its pages have no text (páginas escaneadas sin texto).")
    pages_recognized: int = says("On how many of those a machine recognized some (OCR), which may be wrong.")
    is_cut: bool = says("Whether it is so long that only the beginning is searched.")


@strawberry.type(description="A file of a trámite, exactly as it was received.")
class Attachment(Node):
    """A file."""

    role: AttachmentRole = says("Main document (documento principal), annex (anexo), or file of an answer.")
    position: int = says("Its place: 0 for the main document, annexes from 1, files of an answer from 101.")
    version: int = says(
        "Version (versión): 1 as filed; a correction adds the next one, and earlier ones stay. Of an answer: which "
        "answer, from 1."
    )
    name: str = says("Its file name.")
    size_bytes: int = says("Its size in bytes.")
    pages: int | None = says("How many pages (páginas) it has; null for what is no PDF or could not be counted.")
    pages_problem: PagesProblem | None = says("Why the pages of a PDF could not be counted; null if they were.")
    kind: str | None = says("Extension that its content truly is of, jpg for both of JPEG's; null if none or unknown.")
    findings: list[FileFinding] = says("All that was found of it; a file may be judged again, and more be found then.")
    fitness: Fitness = says("What follows of that. What was received stays received.")
    malware_name: str | None = says("What the antivirus calls what it found; null for applicants, or if it found none.")
    sha256: Sha256 = says("SHA-256 of its bytes, as printed on the receipt.")
    url: str = says("Where its bytes can be fetched, with the same Authorization header.")
    text: FileText | None = says("How far its text can be searched; null once it is no longer kept.")
    erased_at: dt.datetime | None = says(
        "When its bytes were erased, past the time for which they are kept (ya no se conserva); null while they are."
    )


@strawberry.type(description="A file on its way in (carga).")
class Upload(Node):
    """An announced file."""

    name: str = says("Its file name.")
    url: str = says("Where to PUT its bytes, with the same Authorization header; resumable by offset.")
    size_bytes: int = says("How many bytes were announced.")
    received_bytes: int = says("How many bytes have arrived; continue from here.")
    is_complete: bool = says("Whether it has arrived whole and is durably stored.")
    kind: str | None = says("Extension that its content truly is of; null if none, or until it has arrived whole.")
    findings: list[FileFinding] = says("All that was found of it; nothing until it has arrived whole.")
    fitness: Fitness | None = says("What follows of that; null until it has arrived whole.")
    expires_at: dt.datetime = says("Until when it may be completed and filed.")


@strawberry.input(description="A file about to be sent.")
class OpenUploadInput:
    """An announcement."""

    client_key: uuid.UUID = asks_once()
    name: str = says("Its file name with the extension, such as solicitud.pdf.")
    size_bytes: int = says("Its exact size in bytes.")


@strawberry.type(description="The file was announced; its bytes may follow.")
class OpenUploadSuccess:
    """An open upload."""

    upload: Upload = says("The upload, with the URL for its bytes.")
