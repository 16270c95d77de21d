"""Several small mails fetched in one go: a server far away is waited for once, not for each of them."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from intake.answers import fetched_in_order, uid_set
from intake.hard import FIRST_BYTES_SECONDS, SLOWEST_BYTES_PER_SECOND
from intake.protocol import MessageFetch
from intake.responses import AnswerUnreadable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterator, Sequence

    from intake.answers import Listed
    from intake.imap import ImapConnection
    from intake.responses import Sink
    from intake.spool import Spool, SpooledMail

MOST_MAILS: Final = 16
SMALL_BYTES: Final = 256 * 1024
"""A mail that is said to be larger is fetched alone."""

LONGEST_BYTES: Final = 4 * 1024 * 1024
"""Servers are wrong about sizes; a mail longer than this in a batch ends it, and the connection."""


class BatchFetch(MessageFetch):
    """A fetch of several whole messages, each into the next of its sinks."""

    def __init__(self, tag: str, uids: Sequence[int], sinks: Sequence[Sink], *, timeout: float) -> None:
        super().__init__(tag, uid_set(uids), sink=sinks[0], limit_bytes=LONGEST_BYTES, timeout=timeout)
        self._sinks = sinks
        self.announced: list[int] = []

    def announce(self, size_bytes: int) -> Sink:
        """Take the announcement of the next message."""
        if len(self.announced) == len(self._sinks):
            raise AnswerUnreadable("more messages than were asked for")
        self._sink = self._sinks[len(self.announced)]
        self.announced.append(size_bytes)
        self.announced_bytes = size_bytes
        if self.is_too_large:
            raise AnswerUnreadable("a message that is too large for a batch")
        return self

    def places(self, lines: list[bytes]) -> dict[int, int]:
        """Return in which sink each UID is, if the answers tell that for certain; else nothing."""
        uids = fetched_in_order(lines)
        if len(uids) != len(self.announced) or len(set(uids)) != len(uids):
            return {}
        return {uid: place for place, uid in enumerate(uids) if self.announced[place]}


class Batches:
    """
    Cuts what is to be fetched into batches. The first one on a connection is a single mail, each next one twice as
    long: whatever mail it may be over which a server hangs up, those before it have been taken by then.
    """

    def __init__(self) -> None:
        self._most = 1

    def cut(self, described: Sequence[Listed], *, alone: Collection[int]) -> Iterator[list[Listed]]:
        """Yield the mails in their order, in batches; what is not small, or one of *alone*, is alone in its own."""

        def may_join(listed: Listed) -> bool:
            return 0 < listed.size_bytes <= SMALL_BYTES and listed.uid not in alone

        batch: list[Listed] = []
        for listed in described:
            if batch and (len(batch) >= self._most or not may_join(listed) or not may_join(batch[0])):
                yield batch
                batch, self._most = [], min(MOST_MAILS, 2 * self._most)
            batch.append(listed)
        if batch:
            yield batch


@asynccontextmanager
async def fetched_ahead(
    connection: ImapConnection, spool: Spool, batch: Sequence[Listed]
) -> AsyncGenerator[dict[int, SpooledMail]]:
    """Yield those mails of a batch that have come, by UID, until the end of the block; a single one is not fetched."""
    async with AsyncExitStack() as stack:
        if len(batch) == 1:
            yield {}
            return
        mails = [await stack.enter_async_context(spool.new_mail()) for _ in batch]
        seconds = FIRST_BYTES_SECONDS + sum(listed.size_bytes for listed in batch) / SLOWEST_BYTES_PER_SECOND
        places = await connection.fetch_batch([listed.uid for listed in batch], mails, seconds=seconds)
        yield {uid: mails[place] for uid, place in places.items()}
