"""Mailbox, ledger, store and trámites held against each other: every difference, found without changing anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions.mail_replay import REPLAYED
from intake.audit_dates import is_date_of, was_copied_later
from intake.audit_store import of_addresses, of_mailboxes, of_store
from intake.imap import WINDOW, CommandRefused, NotFetched, signed_in
from intake.protocol import ConnectionLost
from intake.sign_in import ServerBusy, SignInRefused
from intake.spool import ContentKey
from intake.tokens import GrantRefused, TokensUnavailable
from models.mail import Mailbox
from reading import mail_audit as reading
from rules.mail import MailOutcome
from rules.mail_audit import GRACE, Difference, DifferenceKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from intake.answers import Listed
    from intake.imap import ImapConnection
    from intake.mailbox import Source

NIGHTLY: Final = timedelta(days=8)
"""How far back the bytes of mails are read each night; all of them are read by hand."""

UNSEEN: Final = (ConnectionLost, SignInRefused, ServerBusy, TokensUnavailable, GrantRefused, CommandRefused)
"""Why a mailbox cannot be looked at."""

LONGEST_FETCH: Final = 2**40
"""Nothing of a fetched mail is kept, so that no length is too long."""


@dataclass(frozen=True)
class Scope:
    """What is looked at: mails recorded or received since then, all without it, with everything as of *now*."""

    now: datetime
    since: datetime | None = None

    def covers(self, listed: Listed) -> bool:
        """Say whether a mail on the server is looked at."""
        return self.since is None or listed.received_at is None or listed.received_at >= self.since


async def audit(tools: Tools, sources: Sequence[Source], scope: Scope) -> AsyncIterator[Difference]:
    """
    Yield every difference: within the database, between it and the store, and with each mailbox on its server.

    Raises:
        One of UNSEEN: a server cannot be looked at. All others were, before.
    """
    in_database = [
        *await reading.of_ledger(now=scope.now),
        *await of_addresses(tools, since=scope.since),
        *await of_mailboxes(sources),
    ]
    for each in in_database:
        yield each
    async for each in of_store(tools, since=scope.since):
        yield each
    misdated = {each.item_id for each in in_database if each.kind is DifferenceKind.WRONG_DATE}
    failures = list[Exception]()
    for source in sources:
        try:
            async for each in _of_server(tools, source, scope):
                if each.kind is not DifferenceKind.WRONG_DATE or each.item_id not in misdated:
                    yield each
        except UNSEEN as error:
            failures.append(error)
    if failures:
        raise failures[0]


async def _of_server(tools: Tools, source: Source, scope: Scope) -> AsyncIterator[Difference]:
    """Yield what differs between the folders of a mailbox and its ledger; one that was never opened has none."""
    of_account = await Mailbox.filter(account=source.account.user)
    mailbox = next((each for each in of_account if each.folder == source.folders.inbox), None)
    seen = Seen()
    async with signed_in(source.account) as connection:
        look = _Look(source, connection, mailbox, tuple(each.id for each in of_account), scope, seen)
        async for each in look.at_inbox():
            yield each
        for folder in dict.fromkeys((source.folders.archive, source.folders.quarantine)):
            async for each in look.at_folder_after(folder):
                yield each
    if mailbox is None:
        return
    until = scope.now - GRACE
    expected = await reading.expected_on_server(mailbox.id, since=scope.since, until=until, replayed=REPLAYED)
    for item_id in expected:
        if item_id not in seen.mails:
            yield Difference(DifferenceKind.NOT_ON_SERVER, mailbox_id=mailbox.id, item_id=item_id)
    async for item_id in _misdated(tools, source, seen, mailbox_id=mailbox.id, since=scope.since):
        yield Difference(DifferenceKind.WRONG_DATE, mailbox_id=mailbox.id, item_id=item_id)


async def _misdated(
    tools: Tools, source: Source, seen: Seen, *, mailbox_id: UUID, since: datetime | None
) -> AsyncIterator[UUID]:
    for item_id in seen.misdated(mailbox_id, since=since):
        if not await was_copied_later(tools, source, seen.mails[item_id], seen.received[item_id]):
            yield item_id


@dataclass
class Seen:
    """Mails of the ledger that lie on the server, and when it says that it received each copy."""

    mails: dict[UUID, reading.Known] = field(default_factory=dict["UUID", "reading.Known"])
    received: dict[UUID, list[datetime | None]] = field(default_factory=dict["UUID", "list[datetime | None]"])

    def note(self, mail: reading.Known, listed: Listed) -> None:
        """Remember a copy."""
        self.mails[mail.item_id] = mail
        self.received.setdefault(mail.item_id, []).append(listed.received_at)

    def misdated(self, mailbox_id: UUID, *, since: datetime | None) -> list[UUID]:
        """Return the mails of a mailbox that have no date of a copy; replayed ones have that which they were given."""
        return [
            mail.item_id
            for mail in self.mails.values()
            if mail.mailbox_id == mailbox_id
            and not mail.is_replayed
            and (since is None or mail.received_at >= since)
            and not any(is_date_of(each, mail) for each in self.received[mail.item_id])
        ]


@dataclass(frozen=True)
class _Look:
    """
    The folders of a mailbox, looked through one after the other.

    Folders for later are shared by the mailboxes of an account, *mailbox_ids*. What is known is noted in *seen*.
    """

    source: Source
    connection: ImapConnection
    mailbox: Mailbox | None
    mailbox_ids: tuple[UUID, ...]
    scope: Scope
    seen: Seen

    async def at_inbox(self) -> AsyncIterator[Difference]:
        """Yield the mails that nobody has taken in, though there was the time for it."""
        folder = self.source.folders.inbox
        uidvalidity = await self.connection.select(folder)
        async for listed in self._listed():
            places = await self._places(uidvalidity, listed)
            taken = [each for each in listed if each.uid in places and places[each.uid].item_id is not None]
            for uid, known in (await self._known(taken)).items():
                mail = next((each for each in known if each.item_id == places[uid].item_id), None)
                if mail is None:
                    yield self._difference(DifferenceKind.NOT_IN_LEDGER, folder, uid, None)
                elif self._was_moved(places[uid]):
                    yield self._difference(DifferenceKind.WRONG_FOLDER, folder, uid, mail)
            for each in listed:
                if each.uid not in places and not self._is_fresh(each):
                    yield self._difference(DifferenceKind.NOT_IN_LEDGER, folder, each.uid, None)

    async def at_folder_after(self, folder: str) -> AsyncIterator[Difference]:
        """Yield the mails of a folder where mail lies that has its outcome, which have none or another."""
        try:
            await self.connection.select(folder)
        except CommandRefused:
            return  # made when the first mail is moved there
        async for listed in self._listed():
            for uid, known in (await self._known(listed)).items():
                if not known:
                    yield self._difference(DifferenceKind.NOT_IN_LEDGER, folder, uid, None)
                elif not any(self._belongs(each, folder) for each in known):
                    yield self._difference(DifferenceKind.WRONG_FOLDER, folder, uid, known[0])

    def _belongs(self, mail: reading.Known, folder: str) -> bool:
        return mail.is_decided or self.source.folders.after(MailOutcome(mail.outcome)) == folder

    async def _listed(self) -> AsyncIterator[list[Listed]]:
        uids = await self.connection.uids()
        for start in range(0, len(uids), WINDOW):
            described = await self.connection.describe(uids[start : start + WINDOW])
            yield [each for each in described if self.scope.covers(each)]

    async def _places(self, uidvalidity: int, listed: Sequence[Listed]) -> dict[int, reading.Place]:
        if self.mailbox is None:
            return {}
        return await reading.places_of(self.mailbox.id, uidvalidity, [each.uid for each in listed])

    def _is_fresh(self, listed: Listed) -> bool:
        return listed.received_at is not None and listed.received_at > self.scope.now - GRACE

    def _was_moved(self, place: reading.Place) -> bool:
        return place.moved_at is not None and place.moved_at <= self.scope.now - GRACE

    async def _known(self, listed: Sequence[Listed]) -> dict[int, list[reading.Known]]:
        """Return what the ledger says of each of those mails, by its content; but for what is gone meanwhile."""
        keys = {each.uid: found for each in listed if (found := await self._keys_of(each))}
        asked = {key for each in keys.values() for key in each}
        known = await reading.known_contents(self.mailbox_ids, asked, replayed=REPLAYED)
        told = {uid: [mail for key in each for mail in known.get(key, [])] for uid, each in keys.items()}
        for each in listed:
            for mail in told.get(each.uid, []):
                self.seen.note(mail, each)
        return told

    async def _keys_of(self, listed: Listed) -> list[str]:
        """Return the content keys that the worker may have made of a mail; of a long one it perhaps took the header."""
        keys = list[str]()
        try:
            if listed.size_bytes > self.source.longest_mail:
                header = ContentKey()
                header.update(await self.connection.fetch_header(listed.uid))
                keys.append(header.hexdigest())
            sink = _KeySink()
            await self.connection.fetch(listed.uid, sink, limit_bytes=LONGEST_FETCH)
            keys.append(sink.key.hexdigest())
        except NotFetched:
            return []
        return keys

    def _difference(self, kind: DifferenceKind, folder: str, uid: int, known: reading.Known | None) -> Difference:
        mailbox_id = self.mailbox.id if self.mailbox else None
        return Difference(kind, mailbox_id, known.item_id if known else None, folder=folder, uid=uid)


class _KeySink:
    """Keeps nothing of a message but its content key."""

    def __init__(self) -> None:
        self.key = ContentKey()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.key.update(data)
