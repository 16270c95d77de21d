"""PDFs, hostile and honest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.corpus import pdfs_active, pdfs_amounts, pdfs_clean, pdfs_shape
from tests.corpus.book import Book

if TYPE_CHECKING:
    from tests.corpus import Sample


def samples() -> list[Sample]:
    """Return all of them."""
    book = Book("pdf", pages=1)
    for write in (
        pdfs_active.scripts,
        pdfs_active.programs,
        pdfs_active.actions,
        pdfs_active.other_files,
        pdfs_active.media,
        pdfs_active.files_inside,
        pdfs_active.forms,
        pdfs_shape.locks,
        pdfs_shape.damage,
        pdfs_amounts.amounts,
        pdfs_amounts.bombs,
        pdfs_shape.disguises,
        pdfs_clean.book_of_clean,
    ):
        write(book)
    return book.samples
