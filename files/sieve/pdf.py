"""A PDF, looked at without drawing it or taking its contents apart."""

from __future__ import annotations

import io
import mmap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

import pikepdf
from pikepdf import settings

from files.sieve import pdf_ends
from files.sieve.mapped import mapped
from files.sieve.pdf_bytes import found_in_bytes, is_bomb_inside
from files.sieve.pdf_choice import StructureBomb
from files.sieve.pdf_pages import MOST_PAGES, count_pages, has_fields_to_fill
from files.sieve.pdf_walk import Walk
from rules.files import PagesProblem
from rules.verdicts import Finding, Judgement, in_order

if TYPE_CHECKING:
    from collections.abc import Generator

UNREADABLE: Final = (pikepdf.PikepdfError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError)
"""What the library raises on content that it cannot read. MemoryError is none of them."""

_LIMITS: Final[dict[str, Any]] = {
    "flate_max_memory": 40 << 20,
    "run_length_max_memory": 40 << 20,
    "png_max_memory": 40 << 20,
    "tiff_max_memory": 40 << 20,
}
_MOST_TO_MEND: Final = 50_000
_MOST_LINES_TO_MEND: Final = 4_000_000


def look(file: BinaryIO, size: int) -> Judgement:
    """Return what is found of a PDF."""
    with mapped(file, size) as data, _limits() as limits:
        found: set[Finding] = set()
        if pdf_ends.is_disguised(data):
            found.add(Finding.DISGUISED)
        pages, problem = _look_inside(file, data, found)
        if limits.were_hit():
            found.add(Finding.TOO_COMPLEX)
    return Judgement("pdf", pages, problem, in_order(found))


class _Limits:
    """Tells whether one of qpdf's limits was reached: it then goes on without what lies beyond."""

    def __init__(self) -> None:
        self._before = settings.qpdf_limit_errors()

    def were_hit(self) -> bool:
        return settings.qpdf_limit_errors() > self._before


@contextmanager
def _limits() -> Generator[_Limits]:
    """Hold qpdf to bounds for as long as we look; they are the whole process's."""
    previous = cast("dict[str, Any]", settings.set_qpdf_limits(**_LIMITS))
    try:
        yield _Limits()
    finally:
        settings.set_qpdf_limits(**previous)


def _look_inside(file: BinaryIO, data: mmap.mmap, found: set[Finding]) -> tuple[int | None, PagesProblem | None]:
    try:
        with _opened(file, data, found) as document:
            return _look_at(document, data, found)
    except StructureBomb:
        found.add(Finding.BOMB)
        return None, PagesProblem.NOT_COUNTED
    except pikepdf.PasswordError:
        found.add(Finding.ENCRYPTED)
        return None, PagesProblem.ENCRYPTED
    except UNREADABLE as error:
        if _is_locked(error):
            found.add(Finding.ENCRYPTED)
            return None, PagesProblem.ENCRYPTED
        found |= {Finding.DAMAGED, *found_in_bytes(data)}
        return None, PagesProblem.DAMAGED


def _is_locked(error: Exception) -> bool:
    """Say whether it is encrypted in a way that no password opens: with certificates, or as no standard says."""
    return "encryption" in str(error)


def _opened(file: BinaryIO, data: mmap.mmap, found: set[Finding]) -> pikepdf.Pdf:
    """Open it as it is; else without what was appended; else mended, if that does not take too long."""
    try:
        return _open(file, mend=False)
    except pikepdf.PasswordError:
        raise
    except UNREADABLE as error:
        if _is_locked(error):
            raise
        end = pdf_ends.end_of(data)
        if 0 < end < len(data) - pdf_ends.NEAR_END:
            return _opened_without_rest(data, end, found)
        return _mended(file, data, found)


def _opened_without_rest(data: mmap.mmap, end: int, found: set[Finding]) -> pikepdf.Pdf:
    whole = io.BytesIO(data[:end])
    try:
        return _open(whole, mend=False)
    except pikepdf.PasswordError:
        raise
    except UNREADABLE:
        return _mended(whole, data, found)


def _mended(file: BinaryIO, data: mmap.mmap, found: set[Finding]) -> pikepdf.Pdf:
    if is_bomb_inside(data):
        raise StructureBomb
    found.add(Finding.DAMAGED)
    everything = data[:]
    if everything.count(b" obj") > _MOST_TO_MEND or everything.count(b"\n") > _MOST_LINES_TO_MEND:
        found.add(Finding.TOO_COMPLEX)
        raise pikepdf.PdfError("too much to mend")
    return _open(file, mend=True)


def _open(file: BinaryIO, *, mend: bool) -> pikepdf.Pdf:
    # By its name it is read without asking Python for each piece.
    source = file if isinstance(file, io.BytesIO) else file.name
    return pikepdf.open(source, attempt_recovery=mend, inherit_page_attributes=False)


def _look_at(document: pikepdf.Pdf, data: mmap.mmap, found: set[Finding]) -> tuple[int | None, PagesProblem | None]:
    if document.is_encrypted and not _may_be_used(document):
        found.add(Finding.RESTRICTED)
    found |= Walk(document, data).go()
    if document.get_warnings():  # other readers make something of what was left out here
        found |= found_in_bytes(data)
    _look_at_form(document.Root.get("/AcroForm"), found)
    pages = count_pages(document.Root)
    if pages is None:
        found.add(Finding.TOO_MANY_PAGES)
        return None, PagesProblem.NOT_COUNTED
    if pages > MOST_PAGES:
        found.add(Finding.TOO_MANY_PAGES)
    if pages == 0:
        found.add(Finding.EMPTY)
        return None, PagesProblem.EMPTY
    return pages, None


def _may_be_used(document: pikepdf.Pdf) -> bool:
    """Say whether it may be printed and copied: the rest is for who would change it."""
    allowed = document.allow
    return bool(allowed.extract and allowed.print_lowres and allowed.print_highres)


def _look_at_form(form: Any, found: set[Finding]) -> None:
    if not isinstance(form, pikepdf.Dictionary):
        return
    if "/XFA" in form:
        found.add(Finding.DYNAMIC_FORM)
    if has_fields_to_fill(form):
        found.add(Finding.FORM)
