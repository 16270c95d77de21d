"""Files as the counter takes them: which kinds, how large, how many, and how they may be called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.catalogue import AttachmentRole
from rules.refusals import InvalidInput
from rules.words import fit_text

MEGABYTE: Final = 2**20
"""What file managers show as one MB; the larger reading of the limit is the citizen's."""

MAIN_MAX_BYTES: Final = 20 * MEGABYTE
FIRST_ANNEX_MAX_BYTES: Final = 30 * MEGABYTE
OTHER_ANNEX_MAX_BYTES: Final = 5 * MEGABYTE
LARGEST_BYTES: Final = max(MAIN_MAX_BYTES, FIRST_ANNEX_MAX_BYTES, OTHER_ANNEX_MAX_BYTES)
MAX_ANNEXES: Final = 5
MAX_ANSWER_FILES: Final = 5
FIRST_ANSWER_PLACE: Final = 101
"""Files of an answer have places of their own, apart from those of what was handed in."""

PDF_MARK: Final = b"%PDF-"
PDF_MARK_WITHIN_BYTES: Final = 1024
HEAD_BYTES: Final = PDF_MARK_WITHIN_BYTES + len(PDF_MARK) - 1
"""How many leading bytes the checks need; fewer only if the file has no more."""

NAME_MAX_LENGTH: Final = 200
NAME_MAX_BYTES: Final = 240
NAMELESS: Final = "documento"


class PagesProblem(StrEnum):
    """Why the pages of a PDF are not known."""

    ENCRYPTED = "ENCRYPTED"
    DAMAGED = "DAMAGED"
    EMPTY = "EMPTY"
    NOT_COUNTED = "NOT_COUNTED"


class FileKindNotAllowed(InvalidInput):
    """The extension is none that is taken in this place."""

    code = "FILE_KIND_NOT_ALLOWED"


class FileTooLarge(InvalidInput):
    """The file is larger than its place allows."""

    code = "FILE_TOO_LARGE"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"El archivo es demasiado grande: aquí puede pesar hasta {limit_bytes // MEGABYTE} MB. "
            "Redúzcalo o divídalo y vuelva a adjuntarlo."
        )


class FileEmpty(InvalidInput):
    """The file has no bytes."""

    code = "FILE_EMPTY"

    def __init__(self) -> None:
        super().__init__("El archivo está vacío. Compruebe que se abre en su equipo y vuelva a adjuntarlo.")


class FileContentMismatch(InvalidInput):
    """The content is not what the extension says."""

    code = "FILE_CONTENT_MISMATCH"


class TooManyAnnexes(InvalidInput):
    """More annexes than may go with one document."""

    code = "TOO_MANY_ANNEXES"

    def __init__(self, most: int = MAX_ANNEXES) -> None:
        super().__init__(
            f"Puede adjuntar hasta {most} {'anexo' if most == 1 else 'anexos'}. Reúna varios en un solo archivo."
            if most
            else "No se reciben anexos. Reúna todo en el documento principal."
        )


@dataclass(frozen=True, slots=True)
class FileKind:
    """
    A kind of file by its extension (lower case, no dot), and how its content begins.

    The mark must be the very first bytes, or begin within the first `mark_within_bytes` if that is not 0.
    """

    extension: str
    media_type: str
    marks: tuple[bytes, ...]
    mark_within_bytes: int = 0

    def matches(self, head: bytes) -> bool:
        """Say whether a file that begins with *head* (its first `HEAD_BYTES`) can be of this kind."""
        if head.startswith(self.marks):
            return True
        if not self.mark_within_bytes or head.startswith(_FOREIGN_MARKS):
            return False
        return any(head.find(mark, 0, self.mark_within_bytes + len(mark) - 1) >= 0 for mark in self.marks)


_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_RAR = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")
_FOREIGN_MARKS = (_ZIP, _EMPTY_ZIP, _OLE, _PNG, _JPEG, *_RAR, b"MZ", b"\x7fELF", b"#!", b"GIF8", b"<!DOCTYPE", b"<html")
"""What a PDF may not begin with, though readers forgive other bytes before its mark: it would be two things at once."""

_OOXML = "application/vnd.openxmlformats-officedocument"

FILE_KINDS: Mapping[str, FileKind] = {
    kind.extension: kind
    for kind in (
        FileKind("pdf", "application/pdf", (PDF_MARK,), PDF_MARK_WITHIN_BYTES),
        FileKind("png", "image/png", (_PNG,)),
        FileKind("jpg", "image/jpeg", (_JPEG,)),
        FileKind("jpeg", "image/jpeg", (_JPEG,)),
        FileKind("docx", f"{_OOXML}.wordprocessingml.document", (_ZIP,)),
        FileKind("doc", "application/msword", (_OLE,)),
        FileKind("xlsx", f"{_OOXML}.spreadsheetml.sheet", (_ZIP,)),
        FileKind("xls", "application/vnd.ms-excel", (_OLE,)),
        FileKind("zip", "application/zip", (_ZIP, _EMPTY_ZIP)),
        FileKind("rar", "application/vnd.rar", _RAR),
    )
}

_LISTED = ", ".join(f".{extension}" for extension in FILE_KINDS)


def extension_of(name: str) -> str:
    """Return the extension of a file name in lower case, without its dot; empty if it has none."""
    stem, _, extension = name.rpartition(".")
    return extension.lower() if stem else ""


def size_limit(role: AttachmentRole, position: int = 0) -> int:
    """Return how many bytes a file may have; *position* is 0 for the main document, and 1 for the first annex."""
    if role is not AttachmentRole.ANNEX:
        return MAIN_MAX_BYTES
    return FIRST_ANNEX_MAX_BYTES if position <= 1 else OTHER_ANNEX_MAX_BYTES


def kind_of(name: str, role: AttachmentRole = AttachmentRole.ANNEX) -> FileKind:
    """
    Return the kind that the name's extension says.

    Raises:
        FileKindNotAllowed: it is none that the counter takes in *role*; a main document is a PDF.
    """
    extension = extension_of(name)
    if role is AttachmentRole.MAIN and extension != "pdf":
        raise FileKindNotAllowed(
            "El documento principal debe ser un archivo .pdf. Conviértalo a PDF y adjúntelo de nuevo."
        )
    kind = FILE_KINDS.get(extension)
    if kind is None:
        raise FileKindNotAllowed(f"Ese tipo de archivo no se recibe. Se reciben: {_LISTED}.")
    return kind


def check_announced(name: str, *, size_bytes: int) -> str:
    """
    Return the clean name of a file that is about to be sent, whose role is not known yet.

    Raises:
        FileKindNotAllowed, FileEmpty, FileTooLarge: it could be taken in no role.
    """
    cleaned = clean_file_name(name)
    kind_of(cleaned)
    _check_size(size_bytes, LARGEST_BYTES)
    return cleaned


def check_file(name: str, *, size_bytes: int, role: AttachmentRole, position: int) -> FileKind:
    """
    Return the kind of a file in its place; *position* as in `size_limit`.

    Raises:
        FileKindNotAllowed, FileEmpty, FileTooLarge: it cannot be taken in this place.
    """
    kind = kind_of(name, role)
    _check_size(size_bytes, size_limit(role, position))
    return kind


def check_head(name: str, head: bytes) -> FileKind:
    """
    Return the kind of a file whose first `HEAD_BYTES` are *head*.

    Leading bytes only: that a document is whole, and harmless, is for a closer look.

    Raises:
        FileKindNotAllowed: the extension is none that the counter takes.
        FileEmpty: there are no bytes.
        FileContentMismatch: the content is not what the extension says.
    """
    kind = kind_of(name)
    if not head:
        raise FileEmpty
    if not kind.matches(head):
        raise FileContentMismatch(_why_not(kind, head))
    return kind


class TooManyAnswerFiles(InvalidInput):
    """More files than may go with an answer."""

    code = "TOO_MANY_FILES"

    def __init__(self) -> None:
        super().__init__(f"Puede adjuntar hasta {MAX_ANSWER_FILES} archivos. Reúna varios en un solo .zip o .pdf.")


def check_answer_count(files: int) -> int:
    """
    Return the number of files of an answer.

    Raises:
        TooManyAnswerFiles: they are more than five.
    """
    if files > MAX_ANSWER_FILES:
        raise TooManyAnswerFiles
    return files


def check_annex_count(annexes: int) -> int:
    """
    Return the number of annexes.

    Raises:
        TooManyAnnexes: they are more than five.
    """
    if annexes > MAX_ANNEXES:
        raise TooManyAnnexes
    return annexes


_PATH = re.compile(r"[/\\]")
_UNSAFE = re.compile(r'[<>:"|?*]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_LONGEST_EXTENSION = 10


def clean_file_name(name: str) -> str:
    """
    Return a name under which any system can keep the file, from whatever a browser or a mail gave; refuses nothing.

    One line in NFC; no path, control, bidirectional or reserved characters, no name that Windows reserves, no dot in
    front or behind; at most 200 characters and 240 bytes of UTF-8, the extension kept; `documento` if nothing is left.
    """
    last = _PATH.split(name.rstrip("/\\ ")[-4 * NAME_MAX_LENGTH :])[-1]
    plain = _UNSAFE.sub("_", fit_text(last, max_length=4 * NAME_MAX_LENGTH))
    stem, extension = _taken_apart(plain.strip(". "))
    if plain.lstrip(" ").startswith(".") and not extension and stem.lower() in FILE_KINDS:
        stem, extension = "", stem
    if _RESERVED.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    suffix = f".{extension}" if extension else ""
    return _shortened(stem or NAMELESS, suffix) + suffix


def _taken_apart(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not extension or len(extension) > _LONGEST_EXTENSION or " " in extension:
        return name, ""
    return stem.rstrip(". "), extension


def _shortened(stem: str, suffix: str) -> str:
    room = NAME_MAX_BYTES - len(suffix.encode())
    cut = stem[: NAME_MAX_LENGTH - len(suffix)].encode()[:room].decode(errors="ignore")
    return unicodedata.normalize("NFC", cut).rstrip(". ") or NAMELESS


def _check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes < 1:
        raise FileEmpty
    if size_bytes > limit_bytes:
        raise FileTooLarge(limit_bytes)


def _why_not(kind: FileKind, head: bytes) -> str:
    if kind.extension in {"docx", "xlsx"} and head.startswith(_OLE):
        return (
            f"El archivo tiene contraseña o un formato antiguo, aunque se llame .{kind.extension}. "
            "Guárdelo sin contraseña en el formato actual y vuelva a adjuntarlo."
        )
    return (
        f"El contenido no es de un archivo .{kind.extension}. Cambiarle el nombre no basta: "
        "ábralo en su programa, guárdelo en ese formato y vuelva a adjuntarlo."
    )
