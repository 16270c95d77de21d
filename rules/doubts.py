"""What an applicant should look at again before sending: nothing of it keeps a document from being received."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.verdicts import Finding, code_of, say_finding


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stable code, a Spanish sentence, and the field that it is about."""

    code: str
    message: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as far as it is known: `pages` of a PDF that could be counted, and what was found of it."""

    name: str
    path: tuple[str, ...]
    pages: int | None
    findings: tuple[Finding, ...]


def doubts_about_files(files: Sequence[SeenFile]) -> list[Doubt]:
    """Return what is found of each file."""
    return [
        Doubt(code_of(finding), f"«{file.name}»: {say_finding(finding)}", file.path)
        for file in files
        for finding in file.findings
    ]


def doubt_about_folios(folios: int, files: Sequence[SeenFile]) -> Doubt | None:
    """
    Return a doubt if so many sheets cannot hold the pages that were counted: one or two pages to a sheet.

    Files without pages (pictures, archives) may hold any number of sheets, so with them there may be more.
    """
    counted = [file.pages for file in files if file.pages is not None]
    pages = sum(counted)
    fewest, most = -(-pages // 2), pages
    is_all_known = len(counted) == len(files)
    if not counted or (fewest <= folios and (folios <= most or not is_all_known)):
        return None
    expected = f"{fewest}" if fewest == most else f"entre {fewest} y {most}"
    return Doubt(
        "FOLIOS_MISMATCH",
        f"Declaró {folios} folios, pero los PDF adjuntos tienen {pages} páginas; se esperarían {expected} folios. "
        "Revise el número de folios o los archivos.",
        ("folios",),
    )


def doubt_about_copy(numbers: Sequence[str]) -> Doubt | None:
    """Return a doubt if the main document was filed by the same person before, in the trámites of those *numbers*."""
    if not numbers:
        return None
    return Doubt(
        "FILED_BEFORE",
        f"Ya presentó este mismo documento con el trámite {numbers[0]}. Envíelo otra vez solo si es necesario.",
        ("mainUpload",),
    )


def doubt_about_number(document_number: str | None) -> Doubt | None:
    """Return a doubt if the document has no number."""
    if document_number is not None:
        return None
    return Doubt(
        "WITHOUT_NUMBER",
        "El documento se registrará sin número («SN»). Si tiene uno, escríbalo.",
        ("documentNumber",),
    )
