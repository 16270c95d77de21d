"""Mails that are kept, read anew: what staff need of one that no worker has in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from actions.answering import Writer
from actions.reads import note_read
from reading import mails as reading
from rules.reads import ReadKind

if TYPE_CHECKING:
    from uuid import UUID

    from actions.mail import ReceivedMail
    from actions.tools import Tools
    from models.mail import MailItem
    from reading.access import Viewer


@dataclass(frozen=True)
class Correspondent:
    """
    Who claims to have sent a mail, and whether a machine would answer it; nothing of it is proven.

    `claimed` are all addresses that it names as its senders.
    """

    writer: Writer
    claimed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OpenedMail:
    """A mail as one that is received, a filing or a reply, whose files are in the store; and who sent it."""

    received: ReceivedMail
    sender: Correspondent


class MailReader(Protocol):
    """Reads kept mails in the jail; the door for mail has one, which the shell hands on. Never raises for a mail."""

    async def open(self, tools: Tools, item: MailItem) -> OpenedMail:
        """
        Return what the mail hands in by the rules of when it was received, however suspicious it is.

        Who sent it, and what it answers, is looked up as when a mail comes in.
        """
        ...

    async def sender_of(self, tools: Tools, item: MailItem) -> Correspondent:
        """Return whom an answer would go to."""
        ...

    async def received_fields(self, tools: Tools, sha256: str) -> tuple[str, ...]:
        """Return its Received fields, topmost first; none of one that breaks us."""
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
