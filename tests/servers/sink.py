"""An SMTP server that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import Envelope

from mesadepartes.embedded.smtp import HOST, LocalSmtp

ACCEPTED = "250 2.0.0 Ok"
PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True)
class SentMail:
    """One mail as it came, its envelope, and the answer it got."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    answer: str

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        message = message_from_bytes(self.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


class Sink:
    """
    The world's mail servers, for one test.

    `attempts` has every mail that was sent, `mails` those that were accepted.
    """

    host = HOST

    def __init__(self) -> None:
        self.attempts: list[SentMail] = []
        self._answers: deque[str] = deque()
        self._changed = asyncio.Condition()
        self._smtp = LocalSmtp(self._answer)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._smtp.port

    @property
    def mails(self) -> list[SentMail]:
        """What was accepted, in order."""
        return [mail for mail in self.attempts if mail.answer.startswith("2")]

    async def start(self, port: int = 0) -> None:
        """Listen."""
        await self._smtp.start(port)

    async def stop(self) -> None:
        """Refuse connections; `start(port)` with the old port listens again."""
        await self._smtp.stop()

    def answer_next(self, *answers: str) -> None:
        """Answer the next mails with these lines, such as `451 4.7.1 Try later`; those after them are accepted."""
        self._answers.extend(answers)

    async def wait_for(
        self, predicate: Callable[[SentMail], bool] = lambda mail: True, timeout: timedelta = PATIENCE
    ) -> SentMail:
        """Return the first accepted mail that *predicate* likes, waiting for it if need be."""
        async with asyncio.timeout(timeout.total_seconds()), self._changed:
            await self._changed.wait_for(lambda: any(predicate(mail) for mail in self.mails))
        return next(mail for mail in self.mails if predicate(mail))

    async def wait_for_attempts(self, count: int, timeout: timedelta = PATIENCE) -> list[SentMail]:
        """Return all mails once *count* were sent, accepted or not."""
        async with asyncio.timeout(timeout.total_seconds()), self._changed:
            await self._changed.wait_for(lambda: len(self.attempts) >= count)
        return self.attempts

    async def _answer(self, envelope: Envelope) -> str:
        answer = self._answers.popleft() if self._answers else ACCEPTED
        content = envelope.original_content or b""
        mail = SentMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, answer)
        async with self._changed:
            self.attempts.append(mail)
            self._changed.notify_all()
        return answer
