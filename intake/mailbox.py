"""One mailbox over one connection: what is new in it is taken in, then moved; nothing is moved before its commit."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from actions import mail as mail_actions
from actions.mail import LeaseLost, Slot
from actions.transaction import OUTAGES
from files.jail import JailBroken, JailFull
from intake import reception
from intake.answers import Listed
from intake.batches import Batches, fetched_ahead
from intake.imap import WINDOW, ConnectionLost, MessageTooLarge, MessageTooSlow, NotFetched
from intake.patience import finished
from intake.substitutes import is_substitute
from intake.troubles import failure_of, names_of
from reading import mail as ledger
from rules.files import MEGABYTE
from rules.mail import MailOutcome
from rules.mailboxes import MailboxFailure, Placement

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from actions.mail import Lease, ReceivedMail
    from intake.hard import HardMails
    from intake.imap import Account, ImapConnection
    from intake.proof import OwnServers
    from intake.reception import Arrival, Means
    from intake.spool import SpooledMail
    from models.mail import MailItem

logger = logging.getLogger(__name__)

LONGEST_MAIL: Final = 128 * MEGABYTE
"""Main document and all annexes at their limits, as base64, with some room for what lies around them."""

ESTIMATE: Final = 3
"""Servers estimate the size of a mail up to so many times too high."""

MOST_ATTEMPTS: Final = 3
TOO_LARGE, FAILED, NOT_GIVEN = "TOO_LARGE", "FAILED", "NOT_GIVEN"

PASSING: Final = (*OUTAGES, ConnectionLost, LeaseLost, JailFull, JailBroken)
"""What is not the mail's fault: all mails wait, and nothing is counted against any."""


@dataclass(frozen=True)
class Folders:
    """Where mail lies before and after."""

    inbox: str = "INBOX"
    archive: str = "Procesados"
    quarantine: str = "Cuarentena"

    def after(self, outcome: MailOutcome) -> str:
        """Return the folder for mail of that outcome."""
        return self.quarantine if outcome is MailOutcome.QUARANTINED else self.archive


@dataclass(frozen=True)
class Source:
    """A mailbox, and the office to which its mail is filed."""

    account: Account
    office_code: str
    folders: Folders = field(default_factory=Folders)
    longest_mail: int = LONGEST_MAIL
    name: str = "intake"
    """What it is called in logs and metrics, and where staff are told of it: never an address."""
    servers: OwnServers | None = None
    """The mail servers whose word counts in it, if it has its own."""


class OpenMailbox:
    """The mailbox as one connection sees it, under a lease."""

    def __init__(
        self, means: Means, connection: ImapConnection, lease: Lease, *, source: Source, uidvalidity: int
    ) -> None:
        self._means = means
        self._connection = connection
        self._lease = lease
        self._source = source
        self._uidvalidity = uidvalidity
        self._batches = Batches()
        self._ahead: dict[int, SpooledMail] = {}
        self._read: dict[Slot, ReceivedMail] = {}
        self._taken: list[tuple[Slot, MailItem]] = []
        self._alone: set[int] = set()
        self.backlog = 0
        """How many mails wait to be taken in, as far as it is known."""
        self._was_swept = False

    async def sweep(self, hard: HardMails) -> None:
        """
        Take in all that is new, oldest first. *hard* is asked, and told, of mails that are hard to fetch.

        What an earlier worker left to be moved is moved before the first look, and whatever is left after each other.

        Raises:
            ConnectionLost, LeaseLost, or an outage: the rest is for another time.
        """
        is_first, self._was_swept = not self._was_swept, True
        if is_first:
            await self._finish_moves()
        await self._take_new(hard)
        if not is_first:
            await self._finish_moves()

    async def _take_new(self, hard: HardMails) -> None:
        uids = await self._connection.uids()
        self.backlog = len(uids)
        for start in range(0, len(uids), WINDOW):
            window = uids[start : start + WINDOW]
            new = [uid for uid in await self._unsettled(window) if not hard.rests(uid)]
            self.backlog -= len(window) - len(new)
            if new:
                await self._take_all(new, hard)
        self.backlog = 0

    async def _unsettled(self, uids: list[int]) -> list[int]:
        now = self._means.tools.clock()
        settled = await ledger.settled_among(
            uids, mailbox_id=self._lease.mailbox_id, uidvalidity=self._uidvalidity, now=now
        )
        return [uid for uid in uids if uid not in settled]

    async def _take_all(self, uids: list[int], hard: HardMails) -> None:
        described = await self._connection.describe(uids)
        waiting = [*described, *await self._undescribed(uids, described)]
        for batch in self._batches.cut(waiting, alone=hard.too_large | self._alone):
            await finished(self._take_batch(batch, hard))

    async def _take_batch(self, batch: list[Listed], hard: HardMails) -> None:
        """Fetch and read several mails at once; record one after the other; move them at once."""
        async with fetched_ahead(self._connection, self._means.spool, batch) as self._ahead:
            self._read = await self._read_ahead(batch)
            self._taken = []
            for listed in batch:
                await self._take(listed, hard)
                self.backlog = max(0, self.backlog - 1)
            await self._move_all(self._taken)

    async def _read_ahead(self, batch: list[Listed]) -> dict[Slot, ReceivedMail]:
        """Read those that have come; if one of them breaks us, none: then each is read alone."""
        come = [(listed, self._ahead[listed.uid]) for listed in batch if listed.uid in self._ahead]
        arrivals = [self._arrival(listed, mail) for listed, mail in come if not is_substitute(mail.head)]
        try:
            return await reception.read_together(self._means, self._lease, arrivals) if arrivals else {}
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 - whose fault it is, and what becomes of that mail, is found out next
            logger.warning(
                "%d mails are read alone: %s", len(batch), names_of(error), extra={"action": "mails_read_alone"}
            )
            return {}

    async def _undescribed(self, uids: list[int], described: list[Listed]) -> list[Listed]:
        """Return the mails of which the server says nothing though they are there: they are asked for all the same."""
        missing = sorted(set(uids) - {listed.uid for listed in described})
        there = await self._connection.are_there(missing) if missing else set[int]()
        if there:
            logger.warning("%d mails are not described", len(there), extra={"action": "mail_not_described"})
        return [Listed(uid, 0, await self._connection.received_at(uid)) for uid in sorted(there)]

    async def _finish_moves(self) -> None:
        """Move what has its outcome but lies in the folder still: the worker was cut off, or the server refused."""
        now = self._means.tools.clock()
        while slots := await ledger.pending_moves(self._lease.mailbox_id, self._uidvalidity, now=now):
            await self._move_all([(Slot(slot.uidvalidity, slot.uid), slot.item) for slot in slots if slot.item])

    async def _take(self, listed: Listed, hard: HardMails) -> None:
        slot = Slot(self._uidvalidity, listed.uid)
        try:
            item = await self._take_in(listed, slot, hard)
        except NotFetched:
            if await self._connection.are_there([listed.uid]):
                await self._note_failure(slot, "the server does not give it")
            return
        if item is not None:
            self._taken.append((slot, item))

    async def _take_in(self, listed: Listed, slot: Slot, hard: HardMails) -> MailItem | None:
        if (ahead := self._ahead.pop(listed.uid, None)) is not None:
            if (read := self._read.get(slot)) is not None:
                return (await self._attempt(mail_actions.record_mail(self._means.tools, self._lease, read), slot))[0]
            return await self._receive_or_keep(ahead, self._arrival(listed, ahead))
        is_too_large = listed.uid in hard.too_large or listed.size_bytes > ESTIMATE * self._source.longest_mail
        async with self._means.spool.new_mail() as mail:
            if is_too_large:
                mail.write(await self._connection.fetch_header(listed.uid))
            else:
                await self._fetch(listed, mail, hard)
            return await self._receive_or_keep(mail, self._arrival(listed, mail), is_header=is_too_large)

    async def _receive_or_keep(
        self, mail: SpooledMail, arrival: Arrival, *, is_header: bool = False
    ) -> MailItem | None:
        if is_substitute(mail.head):
            return await reception.quarantine(self._means, self._lease, arrival, reason=NOT_GIVEN)
        return await self._receive(arrival, is_header=is_header)

    def _arrival(self, listed: Listed, mail: SpooledMail) -> Arrival:
        mail.close()
        slot = Slot(self._uidvalidity, listed.uid)
        received_at = listed.received_at or self._means.tools.clock()
        return reception.Arrival(slot, mail.path, mail.content_key, received_at, mail.content)

    async def _fetch(self, listed: Listed, mail: SpooledMail, hard: HardMails) -> None:
        uid, limit = listed.uid, self._source.longest_mail
        seconds = hard.seconds_for(uid, min(listed.size_bytes or limit, limit))
        try:
            await self._connection.fetch(uid, mail, limit_bytes=limit, seconds=seconds)
        except MessageTooLarge:
            hard.too_large.add(uid)
            raise ConnectionLost(TOO_LARGE) from None
        except ConnectionLost as error:
            if failure_of(error) is not MailboxFailure.STORE_UNUSABLE:
                hard.note_loss(uid, was_slow=isinstance(error, MessageTooSlow))
            raise
        hard.note_fetched(uid)

    async def _receive(self, arrival: Arrival, *, is_header: bool) -> MailItem | None:
        """Take the mail in; one that breaks us three times is kept for people."""
        receive = reception.receive_header if is_header else reception.receive
        item, attempts = await self._attempt(receive(self._means, self._lease, arrival), arrival.slot)
        if attempts < MOST_ATTEMPTS:
            return item
        reason = TOO_LARGE if is_header else FAILED
        kept = reception.quarantine(self._means, self._lease, arrival, reason=reason)
        return (await self._attempt(kept, arrival.slot))[0]

    async def _attempt(self, work: Coroutine[None, None, MailItem], slot: Slot) -> tuple[MailItem | None, int]:
        """Return what the work gives, or how often the mail has failed so far."""
        try:
            return await work, 0
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a mail sets off must not stop the mails behind it
            where = "".join(traceback.format_tb(error.__traceback__))
            return None, await self._note_failure(slot, type(error).__name__, where=where)

    async def _note_failure(self, slot: Slot, why: str, *, where: str = "") -> int:
        self._alone.add(slot.uid)
        attempts = await mail_actions.record_failure(self._means.tools, self._lease, slot)
        logger.error(
            "Mail %d could not be taken in, attempt %d: %s\n%s",
            slot.uid,
            attempts,
            why,
            where,
            extra={"action": "mail_failed", "uid": slot.uid, "attempts": attempts},
        )
        return attempts

    async def _move_all(self, taken: Sequence[tuple[Slot, MailItem]]) -> None:
        """Move mails that have their outcome, those for one folder in one go where the server can do that."""
        for folder in dict.fromkeys(self._source.folders.after(item.outcome) for _, item in taken):
            group = [(slot, item) for slot, item in taken if self._source.folders.after(item.outcome) == folder]
            uids = [slot.uid for slot, _ in group]
            if len(group) > 1 and await self._connection.move_together(uids, folder):
                await self._note_moved(group, Placement.MOVED)
                continue
            for slot, item in group:
                await self._note_moved([(slot, item)], await self._connection.move(slot.uid, folder))

    async def _note_moved(self, group: Sequence[tuple[Slot, MailItem]], placement: Placement | None) -> None:
        slots = [slot for slot, _ in group]
        await mail_actions.record_moved(self._means.tools, self._lease, *slots, placement=placement)
        for slot, item in group:
            logger.info(
                "Mail %d is %s, and %s",
                slot.uid,
                item.outcome,
                placement or "could not be moved yet",
                extra={"action": "mail_taken", "uid": slot.uid, "outcome": item.outcome.value},
            )
