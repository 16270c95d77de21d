"""A spooled mail becomes part of the record: stored as it came, parsed in the jail, judged, and recorded at once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from actions import mail as mail_actions
from actions import uploads
from actions.attachments import FiledFile
from actions.counter_policy import policy_of
from files.store import StoredContent
from intake import replies, wording
from intake.acquaintance import look_up
from intake.anatomy import ParsedMail
from intake.decoding import decode_part
from intake.parsing import PARSE
from intake.patience import both
from intake.proof import NO_SERVERS
from intake.receipt_time import received_by_us
from intake.replies import OF_HEADERS, is_question
from intake.spool import HashingSink
from intake.triage import Known, decide
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
    from intake.mailbox import Source
    from intake.proof import OwnServers, SignatureCheck
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
    servers: OwnServers = NO_SERVERS
    signatures: SignatureCheck | None = None
    own_addresses: frozenset[str] = frozenset()
    """Addresses of the mailboxes, in lower case, besides that of the institution."""

    def of(self, source: Source) -> Means:
        """Return them for one mailbox, which may have mail servers of its own."""
        return self if source.servers is None else replace(self, servers=source.servers)

    @property
    def receiving_addresses(self) -> frozenset[str]:
        """All addresses at which the counter receives, in lower case."""
        return self.own_addresses | {self.tools.institution.intake_address.lower()}


@dataclass(frozen=True)
class Arrival:
    """A mail, whole in its spool file, and where and when our mail server received it."""

    slot: Slot
    path: Path
    content_key: str
    received_at: datetime
    content: StoredContent | None = None
    """What the file holds, if that was found when it was written."""


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
    return await mail_actions.record_mail(means.tools, lease, await _read(means, arrival))


async def receive_header(means: Means, lease: Lease, arrival: Arrival) -> MailItem:
    """
    Receive a mail too large to be fetched, of which there is but the header: what it held is completed by link.

    Its date is kept. What a machine wrote, or can be read in two ways, goes to a person.

    Raises:
        JailFailed: the header took the parser down.
        LeaseLost: another worker has the mailbox.
    """
    if known := await ledger.item_of(arrival.content_key, mailbox_id=lease.mailbox_id):
        await mail_actions.record_again(lease, arrival.slot, item=known)
        return known
    return await mail_actions.record_mail(means.tools, lease, await _read(means, arrival, is_header=True))


async def _read(means: Means, arrival: Arrival, *, is_header: bool = False) -> mail_actions.ReceivedMail:
    """Parse and judge a mail, and store what it brings."""
    original, mail = await both(
        means.tools.store.put_file(arrival.path, known=arrival.content), _parse(means.jail, arrival.path)
    )
    mail = without_body(mail) if is_header else mail
    arrival = replace(arrival, received_at=received_by_us(mail.received, arrival.received_at, servers=means.servers))
    at, signatures = arrival.received_at, means.signatures
    known = await look_up(means.tools, mail, arrival.path, servers=means.servers, signatures=signatures, received_at=at)
    decision = await _decide(means, arrival, mail, known)
    if is_header:
        decision = replies.of_header(decision)
    received = mail_actions.ReceivedMail(
        slot=arrival.slot,
        content_key=arrival.content_key,
        original=original,
        received_at=arrival.received_at,
        outcome=decision.outcome,
        reason=decision.reason,
        proof=known.proof,
        failures=decision.failures,
        hint=decision.about,
        writer=replies.writer_of(mail, decision),
        refusal=replies.refusal_of(decision),
    )
    if decision.outcome not in (MailOutcome.FILED, MailOutcome.REPLY):
        return received
    if is_question(mail, decision, prefix=means.tools.institution.number_prefix):
        return await replies.answer_question(means.tools, received, mail, known)
    return await _with_files(means, arrival, mail, decision, replace(received, filing=_filing(mail, decision, known)))


def without_body(mail: ParsedMail) -> ParsedMail:
    """Forget what parsing says of a body that was not fetched."""
    return replace(mail, parts=(), suspicions=mail.suspicions & OF_HEADERS)


async def _decide(means: Means, arrival: Arrival, mail: ParsedMail, known: Known) -> Decision:
    policy = await policy_of(means.tools, at=min(arrival.received_at, means.tools.clock()))
    return decide(mail, own_addresses=means.receiving_addresses, rules=policy.files, known=known)


async def _with_files(
    means: Means, arrival: Arrival, mail: ParsedMail, decision: Decision, received: mail_actions.ReceivedMail
) -> mail_actions.ReceivedMail:
    """Return a filing or a reply with its files, which are in the store by then."""
    files, contents = await _stored(means, arrival.path, decision)
    assert received.filing is not None
    return replace(
        received,
        filing=replace(received.filing, files=files, suppression=received.writer.suppression),
        reply=replies.reply_of(mail, decision, files),
        contents=contents,
    )


async def quarantine(means: Means, lease: Lease, arrival: Arrival, *, reason: str) -> MailItem:
    """
    Keep a mail for people, unread.

    Raises:
        LeaseLost: another worker has the mailbox.
    """
    received = mail_actions.ReceivedMail(
        slot=arrival.slot,
        content_key=arrival.content_key,
        original=await means.tools.store.put_file(arrival.path, known=arrival.content),
        received_at=arrival.received_at,
        outcome=MailOutcome.QUARANTINED,
        reason=reason,
    )
    return await mail_actions.record_mail(means.tools, lease, received)


async def take_files(
    means: Means, path: Path, mail: ParsedMail, decision: Decision, known: Known
) -> tuple[mail_actions.MailFiling, tuple[tuple[StoredContent, Pages], ...]]:
    """Store the files that were chosen of the mail at *path*; return what it hands in, and contents to record."""
    files, contents = await _stored(means, path, decision)
    return replace(_filing(mail, decision, known), files=files), contents


async def _stored(
    means: Means, path: Path, decision: Decision
) -> tuple[tuple[FiledFile, ...], tuple[tuple[StoredContent, Pages], ...]]:
    kept = [await _store(means, path, chosen) for chosen in decision.files]
    contents = tuple((StoredContent(file.sha256, file.size_bytes), pages) for file, pages in kept)
    return tuple(file for file, _ in kept), contents


async def _parse(jail: Runner, path: Path) -> ParsedMail:
    argument = json.dumps({"path": str(path)}).encode()
    return ParsedMail.from_json(await jail.run(PARSE, argument, timeout=_parse_time(path)))


def _parse_time(path: Path) -> timedelta:
    return PARSE_TIME + PARSE_TIME_PER_MEGABYTE * (path.stat().st_size / MEGABYTE)


async def _store(means: Means, path: Path, chosen: ChosenFile) -> tuple[FiledFile, Pages]:
    """Decode a file of the mail, store it, and count its pages."""
    async with means.spool.new_path() as decoded:
        known = await asyncio.to_thread(_decode, path, chosen.part, decoded)
        content = await means.tools.store.put_file(decoded, known=known)
    pages = await uploads.pages_of(means.tools, chosen.name, content)
    return FiledFile(chosen.role, chosen.name, content.sha256, content.size_bytes, pages.number), pages


def _decode(path: Path, part: Part, to: Path) -> StoredContent:
    with to.open("wb", buffering=0) as file:
        sink = HashingSink(file)
        size = decode_part(path, part, sink, limit_bytes=part.size_bytes)
    assert size == part.size_bytes, "decoded twice, with two lengths"
    return StoredContent(sink.digest.hexdigest(), size)


def _filing(mail: ParsedMail, decision: Decision, known: Known) -> mail_actions.MailFiling:
    return mail_actions.MailFiling(
        subject=mail.subject or wording.WITHOUT_SUBJECT,
        sender_name=mail.sender_name or mail.sender_address or wording.UNKNOWN_SENDER,
        sender_address=mail.sender_address,
        files=(),
        missing=replies.missing_of(decision),
        suppression=decision.suppression,
        message_id=mail.message_id,
        proof=known.proof,
        account=known.account,
    )
