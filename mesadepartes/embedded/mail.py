"""
The mail server of `make run`: citizens' mail goes in by SMTP and out by IMAP, the counter's own mail is kept to read.

    spool/     mail to the intake address, as it came; put into INBOX again at each start
    outbox/    mail to anybody else: what the counter sent; also in the IMAP folder `Enviados`
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mesadepartes.embedded.disk import write_private
from mesadepartes.embedded.imap import LocalImap
from mesadepartes.embedded.mailbox import ExactContent, ExactMailbox, ExactMailboxSet
from mesadepartes.embedded.smtp import LocalSmtp
from mesadepartes.embedded.spool import Spool, arrived_at

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope

logger = logging.getLogger(__name__)

ARCHIVE, QUARANTINE, SENT = "Procesados", "Cuarentena", "Enviados"
ACCEPTED = "250 2.0.0 Ok: kept"
NOT_KEPT = "451 4.3.0 The mail could not be kept; try again later"


class DevelopmentMail:
    """
    One mail server for one intake address, whose IMAP login is that address.

    A mail is on the disk before its 250. IMAP flags and moves last until the next start: then every mail is in INBOX
    again, in the order and with the date of its arrival, under a new UIDVALIDITY.
    """

    def __init__(self, folder: Path, *, intake_address: str, password: str, smtp_port: int, imap_port: int) -> None:
        self.smtp_port = smtp_port
        self.imap_port = imap_port
        self._folder = folder
        self._spool = Spool(folder / "spool")
        self._outbox = Spool(folder / "outbox")
        self._intake_address = intake_address
        self._password = password
        self._smtp = LocalSmtp(self._answer)
        self._imap: LocalImap | None = None
        self._inbox: ExactMailbox | None = None
        self._sent: ExactMailbox | None = None

    async def start(self) -> None:
        """Serve, with all the mail of the past. Port 0 takes a free one; `smtp_port` and `imap_port` then tell it."""
        self._spool.prepare()
        self._outbox.prepare()
        mailboxes = ExactMailboxSet(next_uid_validity(self._folder / "uidvalidity"))
        await mailboxes.make(ARCHIVE)
        await mailboxes.make(QUARANTINE)
        self._inbox, self._sent = mailboxes.inbox, await mailboxes.make(SENT)
        await self._hand_over(self._spool, self._inbox)
        await self._hand_over(self._outbox, self._sent)
        self._imap = LocalImap(mailboxes, user=self._intake_address, password=self._password)
        try:
            await self._imap.start(self.imap_port)
            await self._smtp.start(self.smtp_port)
        except OSError:
            await self.stop()
            raise
        self.imap_port, self.smtp_port = self._imap.port, self._smtp.port
        logger.info("Development mail serves", extra={"action": "mail_started", "smtp_port": self.smtp_port})

    async def stop(self) -> None:
        """Take no more mail and end."""
        await self._smtp.stop()
        if self._imap:
            await self._imap.stop()
            self._imap = None

    async def _hand_over(self, spool: Spool, mailbox: ExactMailbox) -> None:
        for path in spool.kept():
            await mailbox.hold(ExactContent(path), arrived_at(path))

    async def _answer(self, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        ours = [self._is_intake(address) for address in envelope.rcpt_tos]
        try:
            if any(ours):
                await self._keep(content, self._spool, self._inbox)
            if not all(ours):
                await self._keep(content, self._outbox, self._sent)
        except OSError:
            logger.exception("Mail of %d bytes could not be kept", len(content), extra={"action": "mail_not_kept"})
            return NOT_KEPT
        return ACCEPTED

    async def _keep(self, content: bytes, spool: Spool, mailbox: ExactMailbox | None) -> None:
        path = await asyncio.to_thread(spool.keep, content)
        assert mailbox is not None, "mail came before the start"
        await mailbox.hold(ExactContent(path), arrived_at(path))

    def _is_intake(self, address: str) -> bool:
        return address.casefold() == self._intake_address.casefold()


def next_uid_validity(path: Path) -> int:
    """Return a number greater than at any start before, as RFC 3501 section 2.3.1.1 asks, and remember it in *path*."""
    last = path.read_bytes() if path.exists() else b""
    # What a power failure cut short says nothing; the clock alone is then as good as it gets.
    number = max(int(time.time()), int(last) + 1 if last.isdigit() else 0)
    write_private(path, str(number).encode())
    return number
