"""How contents begin that have no place inside an archive, or behind a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from files.sieve import marks
from files.sieve.names import MADE_OF_ZIP
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

START_BYTES: Final = 264
"""How many leading bytes tell the most: a tar says so at 257."""

_ARCHIVES: Final = (
    *marks.RAR,
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",  # gzip
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",  # Zstandard
    b"MSCF\0",  # a cabinet of Windows
    b"MSWIM\0",
)
_TAR, _TAR_AT = b"ustar", 257
_BZIP2, _BZIP2_BLOCK, _BZIP2_BLOCK_AT = b"BZh", b"1AY&SY", 4
_DOCUMENTS: Final = (*marks.ZIP, *marks.RAR, *marks.OLE, *marks.PNG, *marks.JPEG)
_FILES: Final = (*_DOCUMENTS, *_ARCHIVES, marks.PDF, b"<html", b"<script")


def judge_start(start: bytes, extension: str) -> Iterator[Finding]:
    """Yield what is found of a member by its first `START_BYTES`."""
    if marks.is_program(start):
        yield Finding.PROGRAM
    if _is_archive(start, extension):
        yield Finding.NESTED_ARCHIVE


def is_document(start: bytes) -> bool:
    """Say whether it is of a kind that the sieve can look into."""
    return start.startswith(_DOCUMENTS) or marks.PDF in start[: marks.PDF_WITHIN_BYTES]


def is_file_of_its_own(start: bytes) -> bool:
    """Say whether something begins here that somebody could open by itself."""
    return start.lstrip().startswith(_FILES) or marks.is_program(start)


def _is_archive(start: bytes, extension: str) -> bool:
    if start.startswith(marks.ZIP):
        return extension not in MADE_OF_ZIP
    if start.startswith(_BZIP2) and start[_BZIP2_BLOCK_AT:].startswith(_BZIP2_BLOCK):
        return True
    return start.startswith(_ARCHIVES) or start[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
