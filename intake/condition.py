"""What a worker knows of its mailbox while it runs: for its row, and for whoever watches the process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actions.mailboxes import MailboxState

if TYPE_CHECKING:
    from datetime import datetime

    from intake.mailbox import OpenMailbox
    from rules.mailboxes import MailboxFailure


@dataclass
class Condition:
    """How it stands with one mailbox. Counts are since the process began."""

    name: str
    holds_lease: bool = False
    is_listening: bool = False
    looked_at: datetime | None = None
    failing_since: datetime | None = None
    failure: MailboxFailure | None = None
    quarantined: int = 0
    looks: int = 0
    failures: Counter[MailboxFailure] = field(default_factory=Counter["MailboxFailure"])
    open: OpenMailbox | None = None
    """The mailbox over the connection that is open now."""
    _looked_over_this: datetime | None = None

    @property
    def backlog(self) -> int:
        """How many mails wait to be taken in, as far as it is known."""
        return self.open.backlog if self.open else 0

    def state(self) -> MailboxState:
        """Return what its row should say; what was seen over an earlier connection says nothing of now."""
        return MailboxState(self._looked_over_this, self.is_listening, self.backlog)

    def begin(self, mailbox: OpenMailbox) -> None:
        """Note that a connection is open, over which nothing was looked at yet."""
        self.open = mailbox

    def note_look(self, at: datetime) -> None:
        """Note that the folder was looked through and is listened to."""
        self.looked_at = self._looked_over_this = at
        self.looks += 1
        self.is_listening = True
        self.failure = self.failing_since = None

    def note_failure(self, failure: MailboxFailure, *, at: datetime) -> None:
        """Note that the mailbox is not read, and why."""
        self.failures[failure] += 1
        self.failure = failure
        self.failing_since = self.failing_since or at

    def end(self) -> None:
        """Note that the connection is gone."""
        self.open = self._looked_over_this = None
        self.is_listening = False
