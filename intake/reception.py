"""A spooled mail becomes part of the record: stored as it came, parsed in the jail, judged, and recorded at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from actions import mail as mail_actions
from actions.counter_policy import policy_of
from files.store import StoredContent
from intake import replies, wording
from intake.acquaintance import look_up
from intake.anatomy import ParsedMail
from intake.handed_in import store_files
from intake.parsing import PARSE
from intake.patience import both
from intake.proof import NO_SERVERS
from intake.receipt_time import received_by_us
from intake.replies import OF_HEADERS, is_question
from intake.triage import REASON_LENGTH, Known, decide
from reading import mail as ledger
from reading.mail_accounts import accounts_with
from reading.policies import read_latest
from rules.files import MEGABYTE
from rules.mail import MailOutcome
from rules.verdicts import code_of, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from actions.attachments import FiledFile
    from actions.mail import Lease, Slot
    from actions.tools import Tools
    from files.sieving import Runner
    from intake.mailbox import Source
    from intake.proof import OwnServers, SignatureCheck
    from intake.spool import Spool
    from intake.triage import Decision
    from models.mail import MailItem
    from reading.policies import Latest
    from rules.file_rules import FileRules
    from rules.verdicts import Finding, Judgement

PARSE_TIME: Final = timedelta(seconds=10)
PARSE_TIME_TOGETHER: Final = timedelta(seconds=2)
"""For small mails: if one of them keeps the parser busy for long, the others are soon read without it."""

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
    return await _receive(means, lease, arrival)


async def receive_header(means: Means, lease: Lease, arrival: Arrival) -> MailItem:
    """
    Receive a mail too large to be fetched, of which there is but the header: what it held is completed by link.

    Its date is kept. What a machine wrote, or can be read in two ways, goes to a person.

    Raises:
        JailFailed: the header took the parser down.
        LeaseLost: another worker has the mailbox.
    """
    return await _receive(means, lease, arrival, is_header=True)


async def _receive(means: Means, lease: Lease, arrival: Arrival, *, is_header: bool = False) -> MailItem:
    if known := await ledger.item_of(arrival.content_key, account=lease.account):
        await mail_actions.record_again(lease, arrival.slot, item=known)
        return known
    [received] = await _read(means, [arrival], is_header=is_header)
    return await mail_actions.record_mail(means.tools, lease, received)


async def read_together(
    means: Means, lease: Lease, arrivals: Sequence[Arrival]
) -> dict[Slot, mail_actions.ReceivedMail]:
    """
    Read small mails at once, each to be recorded on its own; none that was here before is among them, nor any twice.

    Raises:
        JailFailed: one of them took the parser down. Read alone, the others are none the worse for it.
    """
    keys = [arrival.content_key for arrival in arrivals]
    known = await ledger.known_among(keys, account=lease.account)
    fresh: dict[str, Arrival] = {}
    for arrival in arrivals:
        if arrival.content_key not in known:
            fresh.setdefault(arrival.content_key, arrival)
    read = await _read(means, list(fresh.values())) if fresh else []
    return {received.slot: received for received in read}


async def _read(
    means: Means, arrivals: Sequence[Arrival], *, is_header: bool = False
) -> list[mail_actions.ReceivedMail]:
    """Store mails, and meanwhile parse and judge them and store what they bring."""
    store = means.tools.store
    originals = [each.content or await store.put_file(each.path) for each in arrivals]
    known = [(each.path, each.content) for each in arrivals if each.content]
    work = _make_out(means, arrivals, originals, is_header=is_header)
    return (await both(store.put_known(known), work))[1]


async def _make_out(
    means: Means, arrivals: Sequence[Arrival], originals: Sequence[StoredContent], *, is_header: bool
) -> list[mail_actions.ReceivedMail]:
    latest, mails = await both(read_latest(), _parse(means.jail, arrivals))
    ground = _Ground(latest, await accounts_with(mail.sender_address for mail in mails))
    mails = [without_body(mail) if is_header else mail for mail in mails]
    read = [
        await _judge(means, arrival, original, mail, ground=ground, is_header=is_header)
        for arrival, original, mail in zip(arrivals, originals, mails, strict=True)
    ]
    wanted = [(each.arrival.path, each.decision.files if each.received.filing else ()) for each in read]
    stored = await store_files(means.tools, means.spool, wanted)
    return [_with_files(each, kept) for each, kept in zip(read, stored, strict=True)]


@dataclass(frozen=True)
class _Ground:
    """What was looked up for several mails at once."""

    latest: Latest
    accounts: dict[str, UUID]

    def account_of(self, mail: ParsedMail) -> UUID | None:
        return self.accounts.get((mail.sender_address or "").lower())


@dataclass(frozen=True)
class _Judged:
    """A mail that was judged; what it files still lacks its files."""

    arrival: Arrival
    mail: ParsedMail
    decision: Decision
    received: mail_actions.ReceivedMail
    rules: FileRules


async def _judge(
    means: Means, arrival: Arrival, original: StoredContent, mail: ParsedMail, *, ground: _Ground, is_header: bool
) -> _Judged:
    arrival = replace(arrival, received_at=received_by_us(mail.received, arrival.received_at, servers=means.servers))
    at, signatures = arrival.received_at, means.signatures
    known = await look_up(
        *(means.tools, mail, arrival.path),
        account=ground.account_of(mail),
        servers=means.servers,
        signatures=signatures,
        received_at=at,
    )
    rules = await _rules(means, arrival, latest=ground.latest)
    decision = decide(mail, own_addresses=means.receiving_addresses, rules=rules, known=known)
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
    if decision.outcome in (MailOutcome.FILED, MailOutcome.REPLY):
        if is_question(mail, decision, prefix=means.tools.institution.number_prefix):
            received = await replies.answer_question(means.tools, received, mail, known)
        else:
            received = replace(received, filing=_filing(mail, decision, known))
    return _Judged(arrival, mail, decision, received, rules)


def without_body(mail: ParsedMail) -> ParsedMail:
    """Forget what parsing says of a body that was not fetched."""
    return replace(mail, parts=(), suspicions=mail.suspicions & OF_HEADERS)


async def _rules(means: Means, arrival: Arrival, *, latest: Latest) -> FileRules:
    return (await policy_of(means.tools, at=min(arrival.received_at, means.tools.clock()), latest=latest)).files


def _with_files(judged: _Judged, stored: list[tuple[FiledFile, Judgement]]) -> mail_actions.ReceivedMail:
    """Return a filing or a reply with its files, which are in the store by then; anything else as it is."""
    received, files = judged.received, tuple(file for file, _ in stored)
    if received.filing is None:
        return received
    if refused := in_order(each for file, found in stored for each in judged.rules.refused_of(file.name, found)):
        return _held(received, refused, _contents(stored))
    return replace(
        received,
        filing=replace(received.filing, files=files, suppression=received.writer.suppression),
        reply=replies.reply_of(judged.mail, judged.decision, files),
        contents=_contents(stored),
    )


def _held(
    received: mail_actions.ReceivedMail,
    refused: Iterable[Finding],
    contents: tuple[tuple[StoredContent, Judgement], ...],
) -> mail_actions.ReceivedMail:
    """Return a mail as one for people: it is received whatever it brings, but no program files such a file."""
    reason = ", ".join(map(code_of, refused))[:REASON_LENGTH]
    return replace(received, outcome=MailOutcome.QUARANTINED, reason=reason, filing=None, reply=None, contents=contents)


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
) -> tuple[mail_actions.MailFiling, tuple[tuple[StoredContent, Judgement], ...]]:
    """Store the files that were chosen of the mail at *path*; return what it hands in, and contents."""
    [stored] = await store_files(means.tools, means.spool, [(path, decision.files)])
    files = tuple(file for file, _ in stored)
    return replace(_filing(mail, decision, known), files=files), _contents(stored)


def _contents(stored: list[tuple[FiledFile, Judgement]]) -> tuple[tuple[StoredContent, Judgement], ...]:
    return tuple((StoredContent(file.sha256, file.size_bytes), judgement) for file, judgement in stored)


async def _parse(jail: Runner, arrivals: Sequence[Arrival]) -> list[ParsedMail]:
    argument = json.dumps({"paths": [str(arrival.path) for arrival in arrivals]}).encode()
    size_bytes = sum(arrival.path.stat().st_size for arrival in arrivals)
    at_least = PARSE_TIME if len(arrivals) == 1 else PARSE_TIME_TOGETHER
    allowed = at_least + PARSE_TIME_PER_MEGABYTE * (size_bytes / MEGABYTE)
    answer: list[dict[str, Any]] = json.loads(await jail.run(PARSE, argument, timeout=allowed))
    return [ParsedMail.from_values(values) for values in answer]


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
