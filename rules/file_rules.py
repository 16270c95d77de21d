"""What the institution takes of the files that the counter can take: stricter than `rules.files`, never laxer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rules import files
from rules.catalogue import AttachmentRole
from rules.files import FileKindNotAllowed, FileTooLarge, PagesProblem, TooManyAnnexes
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from rules.files import FileKind

MAIN_KINDS: Final = ("pdf",)
"""A main document is a PDF: it is what is read, stamped and kept."""


class FileUnreadable(InvalidInput):
    """A PDF cannot be read, and the institution takes no such files."""

    code = "FILE_UNREADABLE"

    def __init__(self, problem: PagesProblem) -> None:
        super().__init__(_UNREADABLE[problem])


_UNREADABLE: Mapping[PagesProblem, str] = {
    PagesProblem.ENCRYPTED: "Este PDF tiene clave de apertura y así no se recibe. Guárdelo sin clave y vuelva a "
    "adjuntarlo.",
    PagesProblem.DAMAGED: "Este PDF está dañado y así no se recibe. Vuelva a generarlo, compruebe que se abre y "
    "adjúntelo de nuevo.",
    PagesProblem.EMPTY: "Este PDF no tiene ninguna página y así no se recibe. Adjunte el archivo correcto.",
}

REFUSABLE: Final = frozenset(_UNREADABLE)
"""What may be refused of a PDF; that its pages could not be counted in time is ours, never its sender's."""


@dataclass(frozen=True, slots=True)
class FileRules:
    """Which kinds of annex, which sizes, how many; and which faults of a PDF keep it out."""

    annex_kinds: tuple[str, ...] = tuple(files.FILE_KINDS)
    main_max_bytes: int = files.MAIN_MAX_BYTES
    first_annex_max_bytes: int = files.FIRST_ANNEX_MAX_BYTES
    other_annex_max_bytes: int = files.OTHER_ANNEX_MAX_BYTES
    max_annexes: int = files.MAX_ANNEXES
    refused_problems: frozenset[PagesProblem] = frozenset()

    @property
    def largest_bytes(self) -> int:
        """The most that a file may have in any place."""
        return max(self.main_max_bytes, self.first_annex_max_bytes, self.other_annex_max_bytes)

    def size_limit(self, role: AttachmentRole, position: int) -> int:
        """Return how many bytes a file may have in its place, as `rules.files.size_limit`."""
        if role is AttachmentRole.MAIN:
            return self.main_max_bytes
        if role is not AttachmentRole.ANNEX:
            return files.size_limit(role, position)
        return self.first_annex_max_bytes if position <= 1 else self.other_annex_max_bytes

    def check_announced(self, name: str, *, size_bytes: int) -> str:
        """
        Return the clean name of a file that is about to be sent, whose role is not known yet.

        Raises:
            FileKindNotAllowed, FileEmpty, FileTooLarge: it could be taken in no role.
        """
        cleaned = files.check_announced(name, size_bytes=size_bytes)
        self._check_kind(cleaned, (*MAIN_KINDS, *self.annex_kinds))
        if size_bytes > self.largest_bytes:
            raise FileTooLarge(self.largest_bytes)
        return cleaned

    def check_file(
        self,
        name: str,
        *,
        size_bytes: int,
        role: AttachmentRole,
        position: int,
        problem: PagesProblem | None = None,
    ) -> FileKind:
        """
        Return the kind of a file in its place; *problem* is why the pages of a PDF are not known.

        Raises:
            FileKindNotAllowed, FileEmpty, FileTooLarge, FileUnreadable: it cannot be taken in this place.
        """
        kind = files.check_file(name, size_bytes=size_bytes, role=role, position=position)
        if role is AttachmentRole.ANNEX:
            self._check_kind(name, self.annex_kinds)
        if size_bytes > (limit := self.size_limit(role, position)):
            raise FileTooLarge(limit)
        if problem is not None and problem in self.refused_problems:
            raise FileUnreadable(problem)
        return kind

    def check_annex_count(self, annexes: int) -> int:
        """
        Return the number of annexes.

        Raises:
            TooManyAnnexes: they are more than may go with one document.
        """
        if annexes > self.max_annexes:
            raise TooManyAnnexes(self.max_annexes)
        return annexes

    @staticmethod
    def _check_kind(name: str, kinds: tuple[str, ...]) -> None:
        if files.extension_of(name) not in kinds:
            listed = ", ".join(f".{kind}" for kind in dict.fromkeys(kinds))
            raise FileKindNotAllowed(f"Ese tipo de archivo no se recibe aquí. Se reciben: {listed}.")
