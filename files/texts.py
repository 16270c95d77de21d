"""The text of a file for finding it, read in the jail: a slice of a PDF's pages, or an Office file whole."""

from __future__ import annotations

import json
import os
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from files import office_texts, old_office_texts
from files.office_texts import Enough, NotXml, Package, Words
from files.old_office_texts import Locked, Unreadable
from rules.files import PDF_MARK, PDF_MARK_WITHIN_BYTES
from rules.texts import MOST_CHARACTERS, MOST_PAGES, TextProblem, clean_text

if TYPE_CHECKING:
    import pypdfium2
    from pypdfium2 import PdfDocument

TEXT = "files.texts:text"
SLICE_PAGES = 50
SLICE_CHARACTERS = 200_000
SLICE_SECONDS = 5
"""What one call reads at most, but for its first page: so that it stays within its time, and little is lost with it."""

PICTURES = ("png", "jpg", "jpeg")
"""What shows one page, and has no text but what a machine recognizes."""

LOW_PRIORITY = 15
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD_ERROR = 4


@dataclass(frozen=True)
class Slice:
    """
    What was read by one call: the texts of pages that have some, by their numbers from 1.

    `pages` is how many there are, 0 of what has none: its text is under 0. `next_page` is from where to go on, None at
    the end. `without_text` are pages that show something or nothing, but no text.
    """

    pages: int = 0
    texts: dict[int, str] = field(default_factory=dict[int, str])
    without_text: tuple[int, ...] = ()
    next_page: int | None = None
    is_cut: bool = False
    problem: TextProblem | None = None

    @classmethod
    def from_json(cls, said: bytes) -> Slice:
        """Return what `text` said."""
        values: dict[str, Any] = json.loads(said)
        return cls(
            values["pages"],
            {int(page): text for page, text in values["texts"].items()},
            tuple(values["without_text"]),
            values["next_page"],
            values["is_cut"],
            TextProblem(values["problem"]) if values["problem"] else None,
        )


def text(asked: bytes) -> bytes:
    """Return as JSON a `Slice` of the file that JSON names: `path`, and the page from 1 that it is `first` of."""
    os.setpriority(os.PRIO_PROCESS, 0, LOW_PRIORITY)
    values: dict[str, Any] = json.loads(asked)
    return json.dumps(vars(text_of(**values))).encode()


def text_of(
    path: str,
    kind: str | None = None,
    *,
    first: int = 1,
    most_pages: int = SLICE_PAGES,
    most_characters: int = MOST_CHARACTERS,
) -> Slice:
    """
    Return text of a file of that kind (its extension in `rules.files`), None to find out; Office files are read whole.

    Whatever is wrong with the file is its problem; what this process runs out of is the jail's to notice.

    Raises:
        OSError: it cannot be opened, which says nothing of what is in it.
    """
    with open(path, "rb"):  # noqa: PTH123 - in the jail nothing is gained by a Path
        pass
    try:
        kind = kind or _kind_of(path)
        if kind in PICTURES:
            return Slice(pages=1, without_text=(1,))
        if kind == "pdf":
            return _of_pdf(path, first, most_pages, most_characters)
        return _of_office(path, kind, most_characters)
    except Locked:
        return Slice(problem=TextProblem.ENCRYPTED)
    except _damage():
        return Slice(problem=TextProblem.DAMAGED)


def _damage() -> tuple[type[Exception], ...]:
    """Return what the libraries raise at files that are not what they should be."""
    # ValueError, LookupError and TypeError are how xlrd, olefile and zipfile stumble over numbers that make no sense.
    told = (NotXml, Unreadable, zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError)
    return (*told, ValueError, LookupError, TypeError, RuntimeError, AssertionError, AttributeError, ArithmeticError)


def _kind_of(path: str) -> str | None:
    with open(path, "rb") as file:  # noqa: PTH123 - in the jail nothing is gained by a Path
        head = file.read(PDF_MARK_WITHIN_BYTES + len(PDF_MARK))
    if head.startswith(_OLE):
        return old_office_texts.kind_of(path)
    if head.startswith(b"PK"):
        return _kind_of_package(path)
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return "png" if head.startswith(b"\x89") else "jpg"
    return "pdf" if PDF_MARK in head else None


def _kind_of_package(path: str) -> str | None:
    try:
        package = Package(path)
    except (KeyError, NotXml):
        return None  # an archive like any other
    kind = office_texts.kind_of(package)
    package.close()
    return kind


def _of_office(path: str, kind: str | None, most: int) -> Slice:
    if kind not in ("docx", "xlsx", "doc", "xls"):
        return Slice(problem=TextProblem.OTHER_KIND)
    words, is_cut = Words(most), False
    try:
        _read_office(path, kind, words)
    except Enough:
        is_cut = True
    said = clean_text(words.text())
    return Slice(texts={0: said} if said else {}, is_cut=is_cut, problem=None if said else TextProblem.EMPTY)


def _read_office(path: str, kind: str, words: Words) -> None:
    if kind == "doc":
        old_office_texts.read_word(path, words)
    elif kind == "xls":
        old_office_texts.read_sheets(path, words)
    else:
        package = Package(path)
        read = office_texts.read_word if kind == "docx" else office_texts.read_sheets
        read(package, words)


def _of_pdf(path: str, first: int, most_pages: int, most: int) -> Slice:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD_ERROR:
            raise Locked from error
        raise Unreadable from error
    try:
        return _slice_of(document, first, most_pages, most)
    finally:
        document.close()


def _slice_of(document: PdfDocument, first: int, most_pages: int, most: int) -> Slice:
    pages = len(document)
    last, until = min(pages, first + most_pages - 1, MOST_PAGES), time.monotonic() + SLICE_SECONDS
    texts, without, used, page = dict[int, str](), list[int](), 0, first - 1
    while page < last and used < min(SLICE_CHARACTERS, most) and (page < first or time.monotonic() < until):
        page += 1
        said = _page_text(document, page)[: most - used]
        used += len(said)
        if said:
            texts[page] = said
        else:
            without.append(page)
    is_cut = used >= most or (page == MOST_PAGES < pages)
    is_end = page >= pages or is_cut
    return Slice(pages, texts, tuple(without), None if is_end else page + 1, is_cut)


def _page_text(document: PdfDocument, page: int) -> str:
    import pypdfium2

    try:
        shown = document[page - 1]
    except pypdfium2.PdfiumError:
        return ""  # one page is damaged; the others may not be
    try:
        found: pypdfium2.PdfTextPage = shown.get_textpage()
        return clean_text(found.get_text_range(0, min(found.count_chars(), MOST_CHARACTERS)))
    finally:
        shown.close()
