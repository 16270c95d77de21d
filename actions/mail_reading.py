"""Mails that are kept, read anew: what staff need of one that no worker has in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from actions.reads import note_read
from reading import mails as reading
from rules.reads import ReadKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from actions.mail import MailFiling
    from actions.tools import Tools
    from files.pages import Pages
    from files.store import StoredContent
    from models.mail import MailItem
    from reading.access import Viewer
    from rules.mail import SuppressionReason


@dataclass(frozen=True)
class Correspondent:
    """Who claims to have sent a mail, and why a machine would not answer it; nothing of it is proven."""

    address: str | None
    suppression: SuppressionReason | None
    message_id: str | None


@dataclass(frozen=True)
class OpenedMail:
    """What a mail hands in; its files are in the store, and `contents` are to be recorded."""

    filing: MailFiling
    contents: tuple[tuple[StoredContent, Pages], ...]


class MailReader(Protocol):
    """Reads kept mails in the jail; the door for mail has one, which the shell hands on. Never raises for a mail."""

    async def open(self, tools: Tools, sha256: str, *, received_at: datetime) -> OpenedMail:
        """Return what the mail hands in by the rules of when it was received, however suspicious it is."""
        ...

    async def sender_of(self, tools: Tools, sha256: str) -> Correspondent:
        """Return whom an answer would go to."""
        ...

    async def text_of(self, tools: Tools, sha256: str) -> str:
        """Return the mail as plain text for people: decoded, bounded, and nothing of it fetched or run."""
        ...


async def fetch_mail(tools: Tools, viewer: Viewer, mail_id: UUID, *, form: str) -> MailItem:
    """
    Return a mail that the viewer fetches as *form* ("raw" or "text"), noting it.

    Raises:
        NoSuchMail: there is none that they may see.
        MailNoLongerKept: it is past its time.
    """
    mail = await reading.kept_mail(viewer, mail_id)
    detail = {"form": form}
    await note_read(tools, viewer, ReadKind.MAIL, tramite_id=mail.tramite_id, subject_id=mail.id, detail=detail)
    return mail
