"""Mails taken in for tests, as a worker would, without a server."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

from intake.imap import Account
from intake.mailbox import Source
from intake.reception import Means
from intake.replay import replay
from intake.spool import Spool
from tests.counter import MONDAY

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from models.mail import MailItem
    from tests.counter import Counter
    from tests.lasting_jail import LastingJail

EARLIER = MONDAY - timedelta(days=3)
"""Friday 6 March 2026, 10:00 in Lima."""

SUSPICIOUS = b"From: Otra <otra@example.pe>\r\n"
"""A second From: what begins with it goes to quarantine."""

AUTOMATIC = b"Auto-Submitted: auto-replied\r\n"


def source(office: str = "SEDE-CENTRAL", *, user: str | None = None) -> Source:
    """Return a mailbox of that office, on no server."""
    account = Account("127.0.0.1", 1, user or f"{office.lower()}@example.pe", "", None)
    return Source(account, office_code=office)


class Postman:
    """Brings mails to a counter."""

    def __init__(self, counter: Counter, jail: LastingJail, folder: Path) -> None:
        self.counter = counter
        self.means = Means(counter.tools, jail, Spool(folder / "spool"))

    async def bring(self, content: bytes, *, office: str = "SEDE-CENTRAL", received_at: datetime = EARLIER) -> MailItem:
        """Take a mail in."""
        replayed = await replay(self.means, source(office), io.BytesIO(content), received_at=received_at)
        return replayed.item
