"""Kept mails read anew for people at the desk: in the jail, as when they came, however suspicious they are."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions.counter_policy import policy_of
from actions.mail import MailFiling
from actions.mail_reading import Correspondent, OpenedMail
from files.jail import JailFailed, JailFull
from intake import reception, wording
from intake.anatomy import ParsedMail
from intake.parsing import PARSE
from intake.showing import SHOW, SOURCE_BYTES, joined, show_source
from intake.spool import Spool
from intake.triage import decide
from rules.files import MEGABYTE
from rules.mail import MailOutcome, SuppressionReason
from rules.mail_desk import MailReaderBusy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime
    from pathlib import Path

    from actions.tools import Tools
    from files.pages import Runner
    from intake.triage import Decision

READ_TIME: Final = timedelta(seconds=10)
READ_TIME_PER_MEGABYTE: Final = timedelta(milliseconds=200)


class KeptMails:
    """Reads mails out of the store; *folder* is where they are laid meanwhile."""

    def __init__(self, jail: Runner, folder: Path) -> None:
        self._jail = jail
        self._folder = folder

    async def open(self, tools: Tools, sha256: str, *, received_at: datetime) -> OpenedMail:
        """Return what the mail hands in by the rules of when it was received; one that breaks us hands in nothing."""
        async with self._laid_out(tools, sha256) as path:
            try:
                mail = await self._parse(path)
            except JailFailed:
                return OpenedMail(_unreadable(), ())
            decision = await _decide(tools, mail, received_at)
            means = reception.Means(tools, self._jail, Spool(self._folder))
            return OpenedMail(*await reception.take_files(means, path, mail, decision))

    async def sender_of(self, tools: Tools, sha256: str) -> Correspondent:
        """Return whom an answer would go to; nobody, of a mail that breaks us."""
        async with self._laid_out(tools, sha256) as path:
            try:
                mail = await self._parse(path)
            except JailFailed:
                return Correspondent(None, SuppressionReason.NO_ADDRESS, None)
        suppression = decide(mail, own_addresses=own_addresses(tools)).suppression
        return Correspondent(mail.sender_address, suppression, mail.message_id)

    async def text_of(self, tools: Tools, sha256: str) -> str:
        """Return the mail as plain text; the beginning of its source, of a mail that breaks us."""
        async with self._laid_out(tools, sha256) as path:
            try:
                return (await self._run(SHOW, path)).decode()
            except JailFailed:
                source = await asyncio.to_thread(_beginning, path)
        return joined([wording.SOURCE_ONLY, ""]) + show_source(source)

    @asynccontextmanager
    async def _laid_out(self, tools: Tools, sha256: str) -> AsyncGenerator[Path]:
        """Yield the path of a copy of the mail, for the jail and for decoding its parts."""
        async with Spool(self._folder).new_mail() as copy:
            async for chunk in tools.store.read(sha256):
                copy.write(chunk)
            copy.close()
            yield copy.path

    async def _parse(self, path: Path) -> ParsedMail:
        return ParsedMail.from_json(await self._run(PARSE, path))

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


def own_addresses(tools: Tools) -> frozenset[str]:
    """Return the addresses at which the counter receives, in lower case."""
    return frozenset({tools.institution.intake_address.lower()})


async def _decide(tools: Tools, mail: ParsedMail, received_at: datetime) -> Decision:
    """Judge a mail that a person vouches for: what is suspicious about it does not count."""
    rules = (await policy_of(tools, at=received_at)).files
    decision = decide(replace(mail, suspicions=frozenset()), own_addresses=own_addresses(tools), rules=rules)
    if decision.outcome is MailOutcome.FILED:
        return decision
    return replace(decision, files=(), missing=(wording.NO_MAIN,))


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
