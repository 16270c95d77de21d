"""The intake of one mailbox: one worker at a time by a lease, for ever, whatever breaks around it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NoReturn
from uuid import uuid4

from actions import mail as mail_actions
from actions import mailboxes
from actions.mail import LeaseLost
from actions.transaction import OUTAGES
from intake.condition import Condition
from intake.hard import HardMails
from intake.imap import signed_in
from intake.mailbox import OpenMailbox
from intake.patience import REFUSED_PAUSE_SECONDS, Pauses
from intake.troubles import REFUSALS, failure_of, names_of
from rules.mailboxes import MailboxFailure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.mail import Lease
    from intake.imap import ImapConnection
    from intake.mailbox import Source
    from intake.reception import Means

logger = logging.getLogger(__name__)

RENEW_SECONDS: Final = 3.0
ASK_SECONDS: Final = 2.0
"""How often a worker asks for a lease that another one holds."""

BEAT: Final = timedelta(seconds=30)
"""How long the server is listened to before the mailbox is looked at anyway."""


class Worker:
    """Reads one mailbox. It may be cancelled or killed at any time: what has no outcome yet is still on the server."""

    def __init__(self, means: Means, source: Source) -> None:
        self._means = means.of(source)
        self._source = source
        self._pauses = Pauses(means.tools.random_bytes)
        self._hard = HardMails()
        self._uidvalidity: int | None = None
        self.condition = Condition(source.name)

    @property
    def is_ready(self) -> bool:
        """Whether the mailbox was looked at and is being listened to now."""
        return self.condition.is_listening

    async def run(self) -> NoReturn:
        """Read the mailbox until cancelled; the mail in hand is then finished, for at most 10 seconds."""
        await self._sweep_spool()
        while True:
            pause = await self._try_to_work()
            await asyncio.sleep(pause)

    async def _sweep_spool(self) -> None:
        try:
            await asyncio.to_thread(self._means.spool.sweep)
        except OSError as error:
            logger.warning("The spool was not swept: %s", names_of(error), extra=self._extra("spool_not_swept"))

    async def _try_to_work(self) -> float:
        """Work until something breaks; return how long to leave it alone, in seconds."""
        try:
            async with self._leased() as lease:
                await self._work_or_tell(lease)
        except LeaseLost:
            logger.warning("Another worker has the mailbox", extra=self._extra("lease_lost"))
        except Exception as error:  # noqa: BLE001 - whatever it is, the mailbox is tried again
            self._note(error)
            if isinstance(error, REFUSALS):
                return REFUSED_PAUSE_SECONDS
        else:
            return 0.0
        return self._pauses.next_seconds()

    async def _work_or_tell(self, lease: Lease) -> None:
        """Work; what it breaks of is told in the mailbox's row, while it is ours."""
        try:
            await self._work(lease)
        except LeaseLost:
            raise
        except Exception as error:
            failure, now = failure_of(error), self._means.tools.clock()
            if failure is not MailboxFailure.DATABASE_AWAY:
                await mailboxes.record_trouble(lease, failure, at=now)
            raise
        finally:
            self.condition.end()

    def _note(self, error: Exception) -> None:
        failure = failure_of(error)
        self.condition.note_failure(failure, at=self._means.tools.clock())
        extra = self._extra("intake_stopped") | {"failure": failure.value}
        if failure is MailboxFailure.BROKEN:
            logger.error("Intake stopped", exc_info=error, extra=extra)
        else:
            logger.warning("Intake stopped: %s", names_of(error), extra=extra)

    def _extra(self, action: str) -> dict[str, str]:
        return {"action": action, "mailbox": self._source.name}

    @asynccontextmanager
    async def _leased(self) -> AsyncGenerator[Lease]:
        """Wait for the mailbox to be free, hold it, and give it back."""
        account, folders = self._source.account, self._source.folders
        mailbox = await mail_actions.open_mailbox(
            account=account.user, folder=folders.inbox, office_code=self._source.office_code, name=self._source.name
        )
        holder = uuid4()
        lease = await mail_actions.take_lease(mailbox.id, holder=holder)
        while lease is None:
            await asyncio.sleep(ASK_SECONDS)
            lease = await mail_actions.take_lease(mailbox.id, holder=holder)
        self.condition.holds_lease = True
        try:
            yield lease
        finally:
            self.condition.holds_lease = False
            try:
                await mail_actions.release_lease(lease)
            except OUTAGES as error:
                logger.warning("The lease runs out by itself: %s", names_of(error), extra=self._extra("lease_left"))

    async def _work(self, lease: Lease) -> None:
        """Read the mailbox while the lease is renewed; the end of either ends the other."""
        tasks = [asyncio.create_task(self._read(lease)), asyncio.create_task(self._keep(lease))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _read(self, lease: Lease) -> None:
        """Read the mailbox; returns when it should be opened anew, with another access token."""
        async with signed_in(self._source.account) as connection:
            uidvalidity = await connection.select(self._source.folders.inbox)
            await self._note_uidvalidity(lease, uidvalidity)
            mailbox = OpenMailbox(self._means, connection, lease, source=self._source, uidvalidity=uidvalidity)
            self.condition.begin(mailbox)
            await self._look(mailbox, connection)
            while connection.may_go_on:
                await self._look(mailbox, connection)

    async def _look(self, mailbox: OpenMailbox, connection: ImapConnection) -> None:
        await mailbox.sweep(self._hard)
        self._pauses.reset()
        self.condition.note_look(self._means.tools.clock())
        await connection.wait_for_mail(BEAT)

    async def _note_uidvalidity(self, lease: Lease, uidvalidity: int) -> None:
        """Notice that the server has numbered its mails anew; what was seen before is known by its content."""
        before = await mailboxes.record_uidvalidity(lease, uidvalidity)
        if before not in (None, uidvalidity):
            logger.warning(
                "UIDVALIDITY is now %d, was %d", uidvalidity, before, extra=self._extra("uidvalidity_changed")
            )
        if self._uidvalidity != uidvalidity:
            self._hard.clear()
        self._uidvalidity = uidvalidity

    async def _keep(self, lease: Lease) -> NoReturn:
        """Renew the lease; without the database nothing can be written anyway, so that an outage only waits."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                self.condition.quarantined = await mailboxes.keep_mailbox(lease, self.condition.state())
            except LeaseLost:
                raise
            except OUTAGES as error:
                logger.warning("The lease was not renewed: %s", names_of(error), extra=self._extra("lease_not_renewed"))
