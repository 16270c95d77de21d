"""A spooled mail becomes part of the record: stored as it came, parsed in the jail, judged, and recorded at once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions import mail as mail_actions
from actions import uploads
from actions.attachments import FiledFile
from actions.counter_policy import policy_of
from files.store import StoredContent
from intake import wording
from intake.anatomy import ParsedMail
from intake.decoding import decode_part
from intake.parsing import PARSE
from intake.triage import decide
from reading import mail as ledger
from rules.files import MEGABYTE
from rules.mail import MailOutcome

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from actions.mail import Lease, Slot
    from actions.tools import Tools
    from files.pages import Pages, Runner
    from intake.anatomy import Part
    from intake.spool import Spool
    from intake.triage import ChosenFile, Decision
    from models.mail import MailItem

PARSE_TIME: Final = timedelta(seconds=10)
PARSE_TIME_PER_MEGABYTE: Final = timedelta(milliseconds=200)


@dataclass(frozen=True)
class Means:
    """What taking in a mail needs."""

    tools: Tools
    jail: Runner
    spool: Spool


@dataclass(frozen=True)
class Arrival:
    """A mail, whole in its spool file, and where and when our mail server received it."""

    slot: Slot
    path: Path
    content_key: str
    received_at: datetime


async def receive(means: Means, lease: Lease, arrival: Arrival) -> MailItem:
    """
    Give the mail its outcome and return it; if the same mail was here before, the outcome of then.

    Raises:
        JailFailed: the mail took the parser down.
        LeaseLost: another worker has the mailbox.
    """
    if known := await ledger.item_of(arrival.content_key, mailbox_id=lease.mailbox_id):
        await mail_actions.record_again(lease, arrival.slot, item=known)
        return known
    original = await means.tools.store.put_file(arrival.path)
    mail = await _parse(means.jail, arrival.path, original.size_bytes)
    own_addresses = frozenset({means.tools.institution.intake_address.lower()})
    policy = await policy_of(means.tools, at=min(arrival.received_at, means.tools.clock()))
    decision = decide(mail, own_addresses=own_addresses, rules=policy.files)
    filing, contents = None, ()
    if decision.outcome is MailOutcome.FILED:
        filing, contents = await take_files(means, arrival.path, mail, decision)
    received = mail_actions.ReceivedMail(
        slot=arrival.slot,
        content_key=arrival.content_key,
        original=original,
        received_at=arrival.received_at,
        outcome=decision.outcome,
        reason=decision.reason,
        filing=filing,
        contents=contents,
        failures=decision.failures,
    )
    return await mail_actions.record_mail(means.tools, lease, received)


async def quarantine(means: Means, lease: Lease, arrival: Arrival, *, reason: str) -> MailItem:
    """
    Keep a mail for people, unread.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    received = mail_actions.ReceivedMail(
        slot=arrival.slot,
        content_key=arrival.content_key,
        original=await means.tools.store.put_file(arrival.path),
        received_at=arrival.received_at,
        outcome=MailOutcome.QUARANTINED,
        reason=reason,
    )
    return await mail_actions.record_mail(means.tools, lease, received)


async def take_files(
    means: Means, path: Path, mail: ParsedMail, decision: Decision
) -> tuple[mail_actions.MailFiling, tuple[tuple[StoredContent, Pages], ...]]:
    """Store the files that were chosen of the mail at *path*; return what it hands in, and their contents."""
    kept = [await _store(means, path, chosen) for chosen in decision.files]
    contents = tuple((StoredContent(file.sha256, file.size_bytes), pages) for file, pages in kept)
    return _filing(mail, decision, tuple(file for file, _ in kept)), contents


async def _parse(jail: Runner, path: Path, size_bytes: int) -> ParsedMail:
    allowed = PARSE_TIME + PARSE_TIME_PER_MEGABYTE * (size_bytes / MEGABYTE)
    argument = json.dumps({"path": str(path)}).encode()
    return ParsedMail.from_json(await jail.run(PARSE, argument, timeout=allowed))


async def _store(means: Means, path: Path, chosen: ChosenFile) -> tuple[FiledFile, Pages]:
    """Decode a file of the mail, store it, and count its pages."""
    async with means.spool.new_path() as decoded:
        await asyncio.to_thread(_decode, path, chosen.part, decoded)
        content = await means.tools.store.put_file(decoded)
    pages = await uploads.pages_of(means.tools, chosen.name, content)
    return FiledFile(chosen.role, chosen.name, content.sha256, content.size_bytes, pages.number), pages


def _decode(path: Path, part: Part, to: Path) -> None:
    with to.open("wb") as sink:
        size = decode_part(path, part, sink, limit_bytes=part.size_bytes)
    assert size == part.size_bytes, "decoded twice, with two lengths"


def _filing(mail: ParsedMail, decision: Decision, files: tuple[FiledFile, ...]) -> mail_actions.MailFiling:
    return mail_actions.MailFiling(
        subject=mail.subject or wording.WITHOUT_SUBJECT,
        sender_name=mail.sender_name or mail.sender_address or wording.UNKNOWN_SENDER,
        sender_address=mail.sender_address,
        files=files,
        missing=decision.missing,
        suppression=decision.suppression,
        message_id=mail.message_id,
    )
