"""
Mailboxes for pymap that serve every mail exactly as it came.

pymap's own parse each mail when it is put in, which fails on hostile headers, drops the last byte of a mail without a
blank line, and keeps all of it in memory. These keep a path, and read and parse only what a client asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.mime import MessageBody, MessageContent, MessageHeader
from pymap.parsing.specials import ObjectId

from mesadepartes.clock import now

if TYPE_CHECKING:
    from pymap.parsing.message import AppendMessage
    from pymap.parsing.specials.flag import Flag

Lines = Sequence[tuple[int, int, int]]


@lru_cache(maxsize=1)
def read_mail(path: Path) -> bytes:
    """Return a mail's bytes; the last one read stays in memory, for clients that fetch in small pieces."""
    return path.read_bytes()


class ExactHeader(MessageHeader):
    """The lines up to the first empty one, cut into fields but not interpreted."""

    @classmethod
    def of(cls, head: bytes, lines: Lines) -> ExactHeader:
        """Return the header with these *lines*, the last of which is the empty one."""
        folds = cls._find_folds(head, lines)
        return cls(head, lines, cls._find_folded(head, memoryview(head), folds))


def header_size(content: bytes) -> int:
    """Return the size of the header with its empty line; that of the whole mail when it has none."""
    for empty in (b"\r\n", b"\n"):
        if content.startswith(empty):
            return len(empty)
    ends = [at + len(end) for end in (b"\r\n\r\n", b"\n\n") if (at := content.find(end)) >= 0]
    return min(ends, default=len(content))


class ExactContent(MessageContent):
    """The content of a mail: bytes in memory, or a file that is read when a client asks for it."""

    __slots__ = ("_size", "_source")

    # The parent's constructor, which wants the parsed parts, is left out on purpose.
    def __init__(self, source: bytes | Path) -> None:
        self._source = source
        self._size = source.stat().st_size if isinstance(source, Path) else len(source)

    def __bytes__(self) -> bytes:
        return read_mail(self._source) if isinstance(self._source, Path) else self._source

    def __len__(self) -> int:
        return self._size

    @property
    def header(self) -> MessageHeader:  # pyright: ignore[reportGeneralTypeIssues] - read when asked for
        """The header, for BODY[HEADER] and SEARCH."""
        content = bytes(self)
        head = content[: header_size(content)]
        lines = self._find_lines(head)
        return ExactHeader.of(head, lines[:-1] if head.endswith(b"\n") else lines)

    @property
    def body(self) -> MessageBody:  # pyright: ignore[reportGeneralTypeIssues] - read when asked for
        """The parsed body, for BODYSTRUCTURE and single parts; hostile mail may make this raise."""
        return MessageContent.parse(bytes(self)).body

    @property
    def lines(self) -> int:  # pyright: ignore[reportGeneralTypeIssues] - read when asked for
        """Number of lines, for BODYSTRUCTURE."""
        return bytes(self).count(b"\n")


class ExactMailbox(MailboxData):
    """One mailbox with a UIDVALIDITY of our choice."""

    def begin(self, uid_validity: int) -> ExactMailbox:
        """Number the mails from 1 under this UIDVALIDITY."""
        self._uid_validity = uid_validity
        self._max_uid = 0
        return self

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        """Keep a mail that an IMAP client brought; in memory, as the development server promises no more for those."""
        when = append_msg.when or now()
        return await self.hold(ExactContent(append_msg.literal), when, append_msg.flag_set, recent=recent)

    async def hold(
        self, content: ExactContent, when: datetime, flags: Iterable[Flag] = (), *, recent: bool = True
    ) -> Message:
        """Put in a mail and wake the clients that wait in IDLE."""
        async with self.messages_lock.write_lock():
            self._max_uid += 1
            message = Message(
                self._max_uid,
                when,
                flags,
                email_id=ObjectId.random_email_id(),
                thread_id=ObjectId.random_thread_id(),
                recent=recent,
                content=content,
            )
            self._messages[message.uid] = message
            self._mod_sequences.update([message.uid])
            self._updated.set()
        return message


class ExactMailboxSet(MailboxSet):
    """The mailboxes of one account, all of which have the same UIDVALIDITY."""

    def __init__(self, uid_validity: int) -> None:
        super().__init__()
        self.uid_validity = uid_validity
        self.inbox = self._new()
        self._inbox = self.inbox

    def _new(self) -> ExactMailbox:
        return ExactMailbox(self._content_cache, self._thread_cache).begin(self.uid_validity)

    async def add_mailbox(self, name: str) -> ObjectId:
        """Make a mailbox on behalf of a client."""
        await super().add_mailbox(name)  # refuses a name that is taken
        return (await self.make(name)).mailbox_id

    async def make(self, name: str) -> ExactMailbox:
        """Make a mailbox, empty."""
        async with self._set_lock.write_lock():
            mailbox = self._set[name] = self._new()
        return mailbox
