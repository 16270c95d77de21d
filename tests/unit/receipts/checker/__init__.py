"""
A strict checker of what our receipts must be. It is no validator: it knows the part of ISO 32000-1, PDF/A-3a, PDF/UA-1
and PAdES that we use, and refuses everything else.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf

from tests.unit.receipts.checker.archive import check_colours, check_metadata, check_nothing_forbidden
from tests.unit.receipts.checker.attached import check_attachment, check_field
from tests.unit.receipts.checker.catalog import check_catalog, check_limits, check_pages
from tests.unit.receipts.checker.content import check_content, check_images
from tests.unit.receipts.checker.file import check_file
from tests.unit.receipts.checker.fonts import check_fonts
from tests.unit.receipts.checker.structure import check_parent_tree, check_structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKS: tuple[Callable[[pikepdf.Pdf], Iterator[str]], ...] = (
    check_catalog,
    check_pages,
    check_limits,
    check_metadata,
    check_colours,
    check_nothing_forbidden,
    check_fonts,
    check_content,
    check_images,
    check_structure,
    check_parent_tree,
    check_attachment,
    check_field,
)
BROKEN = (KeyError, AttributeError, ValueError, TypeError, IndexError, pikepdf.PdfError)


def check(data: bytes) -> list[str]:
    """Return what is wrong with the receipt *data*, as bytes and as objects: nothing, if all is well."""
    return [*_found(check_file, data), *check_objects(data)]


def check_objects(data: bytes) -> list[str]:
    """Return what is wrong with the objects of the receipt *data*, wherever they are in the file."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [finding for check in CHECKS for finding in _found(check, pdf)]


def _found(check: Callable[..., Iterator[str]], subject: pikepdf.Pdf | bytes) -> Iterator[str]:
    """Return the findings; what is so wrong that the check cannot go on is one of them."""
    try:
        yield from check(subject)
    except BROKEN as error:
        yield f"{check.__name__} cannot go on: {error!r}"
