"""What the institution takes of the files that the counter can take: stricter than `rules.files`, never laxer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rules import files
from rules.catalogue import AttachmentRole
from rules.files import FileKindNotAllowed, FileTooLarge, TooManyAnnexes
from rules.refusals import InvalidInput
from rules.verdicts import REFUSABLE, REFUSED_BY_DEFAULT, Finding, Judgement, code_of, findings_for, say_finding

if TYPE_CHECKING:
    from rules.files import FileKind

NOTHING_FOUND: Final = Judgement()
"""Of what was not looked into yet."""

MAIN_KINDS: Final = ("pdf",)
"""A main document is a PDF: it is what is read, stamped and kept."""


class FileRefused(InvalidInput):
    """Something was found of a file for which the institution does not take it; its code says what."""

    code = "FILE_REFUSED"

    def __init__(self, finding: Finding) -> None:
        super().__init__(say_finding(finding))
        self.code = code_of(finding)


@dataclass(frozen=True, slots=True)
class FileRules:
    """Which kinds of annex, which sizes, how many; and which findings keep a file out."""

    annex_kinds: tuple[str, ...] = tuple(files.FILE_KINDS)
    main_max_bytes: int = files.MAIN_MAX_BYTES
    first_annex_max_bytes: int = files.FIRST_ANNEX_MAX_BYTES
    other_annex_max_bytes: int = files.OTHER_ANNEX_MAX_BYTES
    max_annexes: int = files.MAX_ANNEXES
    refused_findings: frozenset[Finding] = REFUSED_BY_DEFAULT

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
        judgement: Judgement = NOTHING_FOUND,
    ) -> FileKind:
        """
        Return the kind of a file in its place; *judgement* is what its content was found to be.

        Raises:
            FileKindNotAllowed, FileEmpty, FileTooLarge, FileRefused: it cannot be taken in this place.
        """
        kind = files.check_file(name, size_bytes=size_bytes, role=role, position=position)
        if role is AttachmentRole.ANNEX:
            self._check_kind(name, self.annex_kinds)
        if size_bytes > (limit := self.size_limit(role, position)):
            raise FileTooLarge(limit)
        for finding in self.refused_of(name, judgement):
            raise FileRefused(finding)
        return kind

    def refused_of(self, name: str, judgement: Judgement) -> tuple[Finding, ...]:
        """Return what is found, of a file of that name, for which it is not taken."""
        found = findings_for(name, judgement)
        return tuple(each for each in found if each in self.refused_findings and each in REFUSABLE)

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
