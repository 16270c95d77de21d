"""One mail from a file, taken in as if it had arrived: it meets the same rules, and the same bytes are filed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from actions import mail as mail_actions
from actions.mail import LeaseLost
from actions.mail_replay import new_slot, replaying
from files.jail import JailFailed
from intake import reception
from intake.imap import LONGEST_HEADER
from intake.mailbox import FAILED, TOO_LARGE
from models.mail import MailItem
from reading import mail as ledger

if TYPE_CHECKING:
    from datetime import datetime

    from actions.mail import Lease
    from intake.mailbox import Source
    from intake.reception import Means
    from intake.spool import SpooledMail

MOST_TRIES: Final = 3
"""How often it is tried again when the mailbox goes from one worker to another meanwhile."""

CHUNK_BYTES: Final = 2**18


@dataclass(frozen=True)
class Replayed:
    """What became of a replayed mail, and whether its account had had it before."""

    item: MailItem
    was_known: bool


async def replay(means: Means, source: Source, file: BinaryIO, *, received_at: datetime) -> Replayed:
    """
    Take in the mail in *file* as one of the mailbox that arrived then; later than now counts as now.

    Raises:
        LeaseLost: the mailbox went from worker to worker all the while.
        NoSuchOffice, OfficeRetired: its office takes no documents.
    """
    account, folder = source.account.user, source.folders.inbox
    mailbox = await mail_actions.open_mailbox(account=account, folder=folder, office_code=source.office_code)
    async with means.spool.new_mail() as mail:
        is_whole = _copy(file, mail, longest=source.longest_mail)
        mail.close()
        arrival = reception.Arrival(new_slot(means.tools), mail.path, mail.content_key, received_at, mail.content)
        known = await ledger.item_of(mail.content_key, account=mailbox.account)
        for attempt in range(1, MOST_TRIES + 1):
            try:
                async with replaying(mailbox.id) as lease:
                    item = await _receive(means.of(source), lease, arrival, is_whole=is_whole)
            except LeaseLost:
                if attempt == MOST_TRIES:
                    raise
            else:
                return Replayed(item, known is not None)
    raise AssertionError


async def _receive(means: Means, lease: Lease, arrival: reception.Arrival, *, is_whole: bool) -> MailItem:
    receive = reception.receive if is_whole else reception.receive_header
    try:
        item = await receive(means, lease, arrival)
    except JailFailed:
        item = await reception.quarantine(means, lease, arrival, reason=FAILED if is_whole else TOO_LARGE)
    await mail_actions.record_moved(means.tools, lease, arrival.slot)
    return await MailItem.get(id=item.id)


def _copy(file: BinaryIO, mail: SpooledMail, *, longest: int) -> bool:
    """Copy the mail, or only its header if it is too long; say whether it is whole."""
    if file.seek(0, 2) > longest:
        file.seek(0)
        mail.write(header_of(file.read(LONGEST_HEADER)))
        return False
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        mail.write(chunk)
    return True


def header_of(beginning: bytes) -> bytes:
    """Return the header at the beginning of a mail, with the empty line that ends it."""
    ends = [at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := beginning.find(end)) >= 0]
    return beginning[: min(ends)] if ends else beginning
