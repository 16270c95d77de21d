"""The intake of one mailbox: one worker at a time by a lease, for ever, whatever breaks around it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NoReturn
from uuid import uuid4

from actions import mail as mail_actions
from actions.mail import LeaseLost
from actions.transaction import OUTAGES
from intake.imap import CommandRefused, SignInRefused, signed_in
from intake.mailbox import PASSING, OpenMailbox
from intake.patience import REFUSED_PAUSE_SECONDS, Pauses

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.mail import Lease
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
        self._means = means
        self._source = source
        self._pauses = Pauses(means.tools.random_bytes)
        self._uidvalidity: int | None = None
        self._too_large: set[int] = set()
        self.is_ready = False
        """Whether the mailbox was looked at and is being listened to now."""

    async def run(self) -> NoReturn:
        """Read the mailbox until cancelled; the mail in hand is then finished, for at most 10 seconds."""
        self._means.spool.sweep()
        while True:
            pause = await self._try_to_work()
            self.is_ready = False
            await asyncio.sleep(pause)

    async def _try_to_work(self) -> float:
        """Work until something breaks; return how long to leave it alone, in seconds."""
        try:
            async with self._leased() as lease:
                await self._work(lease)
        except SignInRefused:
            logger.error("The mail server refuses user or password", extra={"action": "intake_refused"})  # noqa: TRY400
            return REFUSED_PAUSE_SECONDS
        except (*PASSING, CommandRefused) as error:
            logger.warning("Intake stopped: %s", _chain(error), extra={"action": "intake_stopped"})
        except Exception:
            logger.exception("Intake stopped", extra={"action": "intake_broken"})
        return self._pauses.next_seconds()

    @asynccontextmanager
    async def _leased(self) -> AsyncGenerator[Lease]:
        """Wait for the mailbox to be free, hold it, and give it back."""
        account, folders = self._source.account, self._source.folders
        mailbox = await mail_actions.open_mailbox(
            account=account.user, folder=folders.inbox, office_code=self._source.office_code
        )
        holder = uuid4()
        lease = await mail_actions.take_lease(mailbox.id, holder=holder)
        while lease is None:
            await asyncio.sleep(ASK_SECONDS)
            lease = await mail_actions.take_lease(mailbox.id, holder=holder)
        try:
            yield lease
        finally:
            try:
                await mail_actions.release_lease(lease)
            except OUTAGES as error:
                logger.warning("The lease runs out by itself: %s", _chain(error), extra={"action": "lease_left"})

    async def _work(self, lease: Lease) -> None:
        """Read the mailbox while the lease is renewed; the end of either ends the other."""
        tasks = [asyncio.create_task(self._read(lease)), asyncio.create_task(_keep(lease))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _read(self, lease: Lease) -> NoReturn:
        async with signed_in(self._source.account) as connection:
            uidvalidity = await connection.select(self._source.folders.inbox)
            self._note_uidvalidity(uidvalidity)
            mailbox = OpenMailbox(self._means, connection, lease, source=self._source, uidvalidity=uidvalidity)
            while True:
                await mailbox.sweep(self._too_large)
                self._pauses.reset()
                self.is_ready = True
                await connection.wait_for_mail(BEAT)

    def _note_uidvalidity(self, uidvalidity: int) -> None:
        """Notice that the server has numbered its mails anew; what was seen before is known by its content."""
        if self._uidvalidity not in (None, uidvalidity):
            logger.warning(
                "UIDVALIDITY is now %d, was %d", uidvalidity, self._uidvalidity, extra={"action": "uidvalidity_changed"}
            )
            self._too_large.clear()
        self._uidvalidity = uidvalidity


async def _keep(lease: Lease) -> NoReturn:
    """Renew the lease; without the database nothing can be written anyway, so that an outage only waits."""
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            await mail_actions.renew_lease(lease)
        except LeaseLost:
            raise
        except OUTAGES as error:
            logger.warning("The lease was not renewed: %s", _chain(error), extra={"action": "lease_not_renewed"})


def _chain(error: BaseException) -> str:
    """Return the names of the exception and its causes, without their texts."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < 5:
        names.append(type(cause).__name__)
        cause = cause.__cause__
    return " from ".join(names)
