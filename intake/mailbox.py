"""One mailbox over one connection: what is new in it is taken in, then moved; nothing is moved before its commit."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from obstore.exceptions import BaseError as StoreError

from actions import mail as mail_actions
from actions.mail import LeaseLost, Slot
from actions.transaction import OUTAGES
from files.jail import JailBroken, JailFull
from intake import reception
from intake.imap import WINDOW, ConnectionLost, MessageTooLarge, NotFetched
from intake.patience import finished
from reading import mail as ledger
from rules.files import MEGABYTE
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from actions.mail import Lease
    from intake.answers import Listed
    from intake.imap import Account, ImapConnection
    from intake.reception import Arrival, Means
    from intake.spool import SpooledMail
    from models.mail import MailItem

logger = logging.getLogger(__name__)

LONGEST_MAIL: Final = 128 * MEGABYTE
"""Main document and all annexes at their limits, as base64, with some room for what lies around them."""

ESTIMATE: Final = 3
"""Servers estimate the size of a mail up to so many times too high."""

MOST_ATTEMPTS: Final = 3
TOO_LARGE, FAILED = "TOO_LARGE", "FAILED"

PASSING: Final = (*OUTAGES, StoreError, ConnectionLost, LeaseLost, JailFull, JailBroken)
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

    async def sweep(self, too_large: set[int]) -> None:
        """
        Take in all that is new, oldest first. UIDs in *too_large* are not fetched whole; more are added to it.

        Raises:
            ConnectionLost, LeaseLost, or an outage: the rest is for another time.
        """
        await self._finish_moves()
        uids = await self._connection.uids()
        for start in range(0, len(uids), WINDOW):
            if new := await self._unsettled(uids[start : start + WINDOW]):
                await self._take_all(new, too_large)

    async def _unsettled(self, uids: list[int]) -> list[int]:
        now = self._means.tools.clock()
        settled = await ledger.settled_among(
            uids, mailbox_id=self._lease.mailbox_id, uidvalidity=self._uidvalidity, now=now
        )
        return [uid for uid in uids if uid not in settled]

    async def _take_all(self, uids: list[int], too_large: set[int]) -> None:
        described = await self._connection.describe(uids)
        if missing := len(uids) - len(described):
            logger.warning("%d mails are listed but not described", missing, extra={"action": "mail_not_described"})
        for listed in described:
            await finished(self._take(listed, too_large))

    async def _finish_moves(self) -> None:
        """Move what has its outcome but lies in the folder still: the worker was cut off, or the server refused."""
        while slots := await ledger.pending_moves(self._lease.mailbox_id, self._uidvalidity):
            for slot in slots:
                assert slot.item is not None
                if not await self._move(Slot(slot.uidvalidity, slot.uid), slot.item):
                    return

    async def _take(self, listed: Listed, too_large: set[int]) -> None:
        slot = Slot(self._uidvalidity, listed.uid)
        try:
            item = await self._take_in(listed, slot, too_large)
        except NotFetched:
            await self._note_failure(slot, "the server does not give it")
            return
        if item is not None:
            await self._move(slot, item)

    async def _take_in(self, listed: Listed, slot: Slot, too_large: set[int]) -> MailItem | None:
        is_too_large = listed.uid in too_large or listed.size_bytes > ESTIMATE * self._source.longest_mail
        async with self._means.spool.new_mail() as mail:
            if is_too_large:
                mail.write(await self._connection.fetch_header(listed.uid))
            else:
                await self._fetch(listed.uid, mail, too_large)
            mail.close()
            received_at = listed.received_at or self._means.tools.clock()
            arrival = reception.Arrival(slot, mail.path, mail.content_key, received_at)
            return await self._receive(arrival, is_header=is_too_large)

    async def _fetch(self, uid: int, mail: SpooledMail, too_large: set[int]) -> None:
        try:
            await self._connection.fetch(uid, mail, limit_bytes=self._source.longest_mail)
        except MessageTooLarge:
            too_large.add(uid)
            raise ConnectionLost(TOO_LARGE) from None

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

    async def _move(self, slot: Slot, item: MailItem) -> bool:
        is_moved = await self._connection.move(slot.uid, self._source.folders.after(item.outcome))
        if is_moved:
            await mail_actions.record_moved(self._means.tools, self._lease, slot)
        logger.info(
            "Mail %d is %s%s",
            slot.uid,
            item.outcome,
            "" if is_moved else ", and could not be moved",
            extra={"action": "mail_taken", "uid": slot.uid, "outcome": item.outcome.value, "moved": is_moved},
        )
        return is_moved
