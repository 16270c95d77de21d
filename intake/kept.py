"""Kept mails read anew for people at the desk: in the jail, as when they came, however suspicious they are."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions.answering import Writer
from actions.counter_policy import policy_of
from actions.mail import MailFiling, ReceivedMail
from actions.mail_reading import Correspondent, OpenedMail
from actions.mail_replay import new_slot
from files.jail import JailFailed, JailFull
from files.store import StoredContent
from intake import replies, vouching, wording
from intake.acquaintance import look_up
from intake.anatomy import ParsedMail
from intake.parsing import PARSE
from intake.proof import NO_SERVERS
from intake.reception import Means, take_files, without_body
from intake.showing import SHOW, SOURCE_BYTES, joined, show_source
from intake.spool import Spool
from reading.mail_accounts import account_with
from reading.mailboxes import addresses_read
from rules.files import MEGABYTE
from rules.mail import MailOutcome, SuppressionReason
from rules.mail_desk import MailReaderBusy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from actions.tools import Tools
    from files.sieving import Runner
    from intake.proof import OwnServers, SignatureCheck
    from intake.triage import Decision, Known
    from models.mail import MailItem

READ_TIME: Final = timedelta(seconds=10)
READ_TIME_PER_MEGABYTE: Final = timedelta(milliseconds=200)

NOBODY: Final = Correspondent(Writer(suppression=SuppressionReason.NO_ADDRESS))


class KeptMails:
    """
    Reads mails out of the store; *folder* is where they are laid meanwhile.

    The rest is what the intake knows its senders by.
    """

    def __init__(
        self,
        jail: Runner,
        folder: Path,
        *,
        servers: OwnServers = NO_SERVERS,
        signatures: SignatureCheck | None = None,
    ) -> None:
        self._jail = jail
        self._folder = folder
        self._servers = servers
        self._signatures = signatures

    async def open(self, tools: Tools, item: MailItem) -> OpenedMail:
        """Return what the mail hands in by the rules of when it was received; one that breaks us hands in nothing."""
        async with self._laid_out(tools, item.original_id) as path:
            size_bytes = await asyncio.to_thread(os.path.getsize, path)
            empty = _received(tools, item, StoredContent(item.original_id, size_bytes))
            try:
                mail = await self._parse(path, item)
            except JailFailed:
                return OpenedMail(replace(empty, filing=_unreadable(), proof=item.proof), NOBODY)
            known = await self._look_up(tools, item, mail, path)
            return await self._opened(tools, item, mail, path, received=replace(empty, proof=known.proof), known=known)

    async def _opened(
        self, tools: Tools, item: MailItem, mail: ParsedMail, path: Path, *, received: ReceivedMail, known: Known
    ) -> OpenedMail:
        means = await self._means(tools)
        rules = (await policy_of(tools, at=item.received_at)).files
        decision = vouching.vouch(mail, own_addresses=means.receiving_addresses, rules=rules, known=known)
        if replies.is_only_header(item.reason):
            decision = vouching.of_header(decision)
        decision = replace(decision, suppression=_suppression(item, decision))
        filing, contents = await take_files(means, path, mail, decision, known)
        received = replace(
            received,
            outcome=decision.outcome,
            filing=filing,
            contents=contents,
            hint=decision.about,
            reply=replies.reply_of(mail, decision, filing.files),
        )
        return OpenedMail(received, _correspondent(mail, decision.suppression))

    async def sender_of(self, tools: Tools, item: MailItem) -> Correspondent:
        """Return whom an answer would go to; nobody, of a mail that breaks us."""
        async with self._laid_out(tools, item.original_id) as path:
            try:
                mail = await self._parse(path, item)
            except JailFailed:
                return NOBODY
            known = await self._look_up(tools, item, mail, path)
        own_addresses = (await self._means(tools)).receiving_addresses
        decision = vouching.vouch(mail, own_addresses=own_addresses, known=known)
        return _correspondent(mail, _suppression(item, decision))

    async def received_fields(self, tools: Tools, sha256: str) -> tuple[str, ...]:
        """Return its Received fields, topmost first; none of one that breaks us."""
        async with self._laid_out(tools, sha256) as path:
            try:
                return ParsedMail.from_json(await self._run(PARSE, path)).received
            except JailFailed:
                return ()

    async def text_of(self, tools: Tools, sha256: str) -> str:
        """Return the mail as plain text; the beginning of its source, of a mail that breaks us."""
        async with self._laid_out(tools, sha256) as path:
            try:
                return (await self._run(SHOW, path)).decode()
            except JailFailed:
                source = await asyncio.to_thread(_beginning, path)
        return joined([wording.SOURCE_ONLY, ""]) + show_source(source)

    async def _means(self, tools: Tools) -> Means:
        spool, own = Spool(self._folder), await addresses_read()
        return Means(tools, self._jail, spool, servers=self._servers, signatures=self._signatures, own_addresses=own)

    @asynccontextmanager
    async def _laid_out(self, tools: Tools, sha256: str) -> AsyncGenerator[Path]:
        """Yield the path of a copy of the mail, for the jail and for decoding its parts."""
        async with Spool(self._folder).new_mail() as copy:
            async for chunk in tools.store.read(sha256):
                copy.write(chunk)
            copy.close()
            yield copy.path

    async def _look_up(self, tools: Tools, item: MailItem, mail: ParsedMail, path: Path) -> Known:
        """Return what is known of a mail now; who vouched for its sender when it came may do so no more."""
        account = await account_with(mail.sender_address)
        known = await look_up(tools, mail, path, account=account, servers=self._servers, signatures=self._signatures)
        return known if item.proof is None else replace(known, proof=item.proof)

    async def _parse(self, path: Path, item: MailItem) -> ParsedMail:
        mail = ParsedMail.from_json(await self._run(PARSE, path))
        return without_body(mail) if replies.is_only_header(item.reason) else mail

    async def _run(self, function: str, path: Path) -> bytes:
        size_bytes = await asyncio.to_thread(os.path.getsize, path)
        allowed = READ_TIME + READ_TIME_PER_MEGABYTE * (size_bytes / MEGABYTE)
        try:
            return await self._jail.run(function, json.dumps({"path": str(path)}).encode(), timeout=allowed)
        except JailFull:
            raise MailReaderBusy from None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SOURCE_BYTES)


def _received(tools: Tools, item: MailItem, original: StoredContent) -> ReceivedMail:
    """Return a mail of the ledger as one that was just received, and hands in nothing yet."""
    return ReceivedMail(
        slot=new_slot(tools),
        content_key=item.content_key,
        original=original,
        received_at=item.received_at,
        outcome=MailOutcome.FILED,
    )


def _suppression(item: MailItem, decision: Decision) -> SuppressionReason | None:
    """Return why no machine may answer a mail: what was found when it came holds, whatever is known now."""
    is_of_mail = item.suppression not in (None, SuppressionReason.NOT_FILED, SuppressionReason.TOO_MANY)
    return item.suppression if is_of_mail else decision.suppression


def _correspondent(mail: ParsedMail, suppression: SuppressionReason | None) -> Correspondent:
    claimed = frozenset[str](mail.from_addresses) | set(filter(None, [mail.header("sender")]))
    return Correspondent(Writer(mail.sender_address, mail.message_id, suppression), claimed)


def _unreadable() -> MailFiling:
    return MailFiling(
        subject=wording.WITHOUT_SUBJECT,
        sender_name=wording.UNKNOWN_SENDER,
        sender_address=None,
        files=(),
        missing=(wording.UNREADABLE,),
        suppression=SuppressionReason.NO_ADDRESS,
        message_id=None,
    )
