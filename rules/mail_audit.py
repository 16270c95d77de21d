"""What may differ between a mailbox, the ledger, the store and the trámites; each kind says that something was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

GRACE: Final = timedelta(minutes=15)
"""How long a mail may lie on the server, or wait for its next try, before that is a difference."""

STALE: Final = timedelta(minutes=2)
"""A lease that ran out so long ago belongs to a worker that has died, and nobody has taken its place."""

LONGEST_LEASE: Final = timedelta(minutes=5)
"""No worker asks for more; what is leased for longer nobody can take over."""


class DifferenceKind(StrEnum):
    """What does not agree. Members are added, never removed."""

    NOT_IN_LEDGER = "NOT_IN_LEDGER"
    NOT_TAKEN_IN = "NOT_TAKEN_IN"
    NOT_ON_SERVER = "NOT_ON_SERVER"
    WRONG_FOLDER = "WRONG_FOLDER"
    ORIGINAL_MISSING = "ORIGINAL_MISSING"
    ORIGINAL_DAMAGED = "ORIGINAL_DAMAGED"
    WRONG_CONTENT_KEY = "WRONG_CONTENT_KEY"
    FILE_MISSING = "FILE_MISSING"
    FILE_DAMAGED = "FILE_DAMAGED"
    FILED_WITHOUT_TRAMITE = "FILED_WITHOUT_TRAMITE"
    TRAMITE_OF_UNFILED = "TRAMITE_OF_UNFILED"
    TRAMITE_WITHOUT_MAIL = "TRAMITE_WITHOUT_MAIL"
    WRONG_TRAMITE = "WRONG_TRAMITE"
    WRONG_DATE = "WRONG_DATE"
    WRONG_OUTCOME = "WRONG_OUTCOME"
    WRONG_PROOF = "WRONG_PROOF"
    NOTICE_UNDECIDED = "NOTICE_UNDECIDED"
    WRONG_NOTICE = "WRONG_NOTICE"
    WRONG_LINK = "WRONG_LINK"
    ITEM_WITHOUT_SLOT = "ITEM_WITHOUT_SLOT"
    DOUBLED = "DOUBLED"
    STALE_LEASE = "STALE_LEASE"
    WRONG_MAILBOX = "WRONG_MAILBOX"

    @property
    def words(self) -> str:
        """What it means, for whoever looks after the counter."""
        return _WORDS[self]


_WORDS: Final[Mapping[DifferenceKind, str]] = {
    DifferenceKind.NOT_IN_LEDGER: "a mail on the server that the ledger does not know",
    DifferenceKind.NOT_TAKEN_IN: "a mail that failed and was not tried again in its time",
    DifferenceKind.NOT_ON_SERVER: "a mail of the ledger that is in no folder of the server",
    DifferenceKind.WRONG_FOLDER: "a mail that lies in a folder for other outcomes than its own",
    DifferenceKind.ORIGINAL_MISSING: "a mail whose bytes are not in the store",
    DifferenceKind.ORIGINAL_DAMAGED: "a mail whose bytes in the store are not those that came",
    DifferenceKind.WRONG_CONTENT_KEY: "a mail that the ledger names by another content than it has",
    DifferenceKind.FILE_MISSING: "a file of a trámite by mail that is not in the store",
    DifferenceKind.FILE_DAMAGED: "a file of a trámite by mail whose bytes in the store are not those that came",
    DifferenceKind.FILED_WITHOUT_TRAMITE: "a mail that was filed, or answers a trámite, of which there is no trámite",
    DifferenceKind.TRAMITE_OF_UNFILED: "a mail with a trámite, though its outcome is another",
    DifferenceKind.TRAMITE_WITHOUT_MAIL: "a trámite by mail, of which there is no mail",
    DifferenceKind.WRONG_TRAMITE: "a mail with a trámite that its notice does not tell of, or that came another way",
    DifferenceKind.WRONG_DATE: "a mail with another date than its trámite, its notice or the server has",
    DifferenceKind.WRONG_OUTCOME: "a mail whose outcome is not what was decided of it, or found in it",
    DifferenceKind.WRONG_PROOF: "a trámite whose sender is proven and its mail's is not, or the other way round",
    DifferenceKind.NOTICE_UNDECIDED: "a mail of which nobody decided whether it is answered",
    DifferenceKind.WRONG_NOTICE: "a notice of another kind, to another address, or of another end than was decided",
    DifferenceKind.WRONG_LINK: "a one-time link that was used without an act, or is good again after one",
    DifferenceKind.ITEM_WITHOUT_SLOT: "a mail of the ledger that came from no place on the server",
    DifferenceKind.DOUBLED: "a content that was taken in twice, or a trámite of two mails",
    DifferenceKind.STALE_LEASE: "a mailbox that nobody reads: its lease is that of a worker that has died",
    DifferenceKind.WRONG_MAILBOX: "a mailbox that the ledger has under another name or office than the settings",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree; ids, numbers and folders only, never what a mail says."""

    kind: DifferenceKind
    mailbox_id: UUID | None = None
    item_id: UUID | None = None
    tramite_id: UUID | None = None
    folder: str | None = None
    uid: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return it for logs and programs; what is not told of it is left out."""
        told = {
            "mailbox": str(self.mailbox_id) if self.mailbox_id else None,
            "mail": str(self.item_id) if self.item_id else None,
            "tramite": str(self.tramite_id) if self.tramite_id else None,
            "folder": self.folder,
            "uid": self.uid,
        }
        return {"kind": self.kind.value, **{name: value for name, value in told.items() if value is not None}}

    def __str__(self) -> str:
        """Say it in one line."""
        where = " ".join(f"{name}={value}" for name, value in self.to_json().items() if name != "kind")
        return f"{self.kind.value}: {self.kind.words} ({where})"


def count_kinds(differences: Iterable[Difference]) -> dict[str, int]:
    """Return how many there are of each kind."""
    return dict(sorted(Counter(each.kind.value for each in differences).items()))


def is_stale(leased_until: datetime | None, *, at: datetime) -> bool:
    """Say whether a lease ended long ago without being given back, or runs for longer than any may."""
    return leased_until is not None and not (at - STALE <= leased_until <= at + LONGEST_LEASE)
