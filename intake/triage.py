"""What becomes of a mail, judged from what parsing found; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from intake import wording
from intake.anatomy import PartKind, Suspicion
from intake.file_links import has_file_link
from intake.parts import SMALL_IMAGE_BYTES
from rules import files
from rules.bounces import MOST_FAILURES, Failure, find_status
from rules.catalogue import AttachmentRole
from rules.file_rules import FileRules
from rules.lifecycle import TramiteStatus
from rules.mail import MailFacts, MailOutcome, Proof, SuppressionReason, is_automatic, may_be_answered
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from intake.anatomy import DeliveryReport, ParsedMail, Part

EMPTY: Final = "EMPTY"
"""Reason for which a mail with nothing in it is rejected."""

REASON_LENGTH: Final = 200
MOST_LISTED: Final = 20
COUNTER_RULES: Final = FileRules()
_ANNEX_NAME: Final = re.compile(r"\b(?:anexos?|adjuntos?)\b|^(?:anexo|adjunto)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thread:
    """
    The trámite that a mail answers, by a token that only the counter can have written.

    `is_party`: the mail claims to come from the address to which the counter writes about it.
    """

    tramite_id: UUID
    status: TramiteStatus
    is_party: bool


@dataclass(frozen=True, slots=True)
class Known:
    """
    What was looked up of a mail before it is judged.

    `account` is the one whose verified address the mail claims to come from; whether it does, `proof` says.
    """

    proof: Proof = Proof.NONE
    account: UUID | None = None
    thread: Thread | None = None

    @property
    def owner(self) -> UUID | None:
        """The account whose filing it is: that of a sender who is proven, and of nobody else."""
        return self.account if self.proof.is_proven else None

    @property
    def answered(self) -> Thread | None:
        """The trámite to which it is a reply: by the token and from the proven address of its party, both."""
        return self.thread if self.thread and self.thread.is_party and self.proof.is_proven else None


NOTHING_KNOWN: Final = Known()


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A part that is filed, in its role and under its name."""

    role: AttachmentRole
    name: str
    part: Part


@dataclass(frozen=True, slots=True)
class Decision:
    """
    The one outcome of a mail; `files` (the main document first) and `missing` only if it is filed or a reply.

    `suppression` is why no machine may answer it, however it ends. `failures`, of a bounce, are mails that did not
    arrive. `owner` is the account that files; `about` the trámite to which it is a reply, or of a filing, or a
    mail in quarantine, the one that it mentions without the right to.
    """

    outcome: MailOutcome
    reason: str | None = None
    suppression: SuppressionReason | None = None
    files: tuple[ChosenFile, ...] = ()
    missing: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    owner: UUID | None = None
    about: UUID | None = None


def decide(
    mail: ParsedMail,
    *,
    own_addresses: frozenset[str],
    rules: FileRules = COUNTER_RULES,
    known: Known = NOTHING_KNOWN,
) -> Decision:
    """
    Decide what becomes of a mail; *rules* say what the institution takes of its files.

    Bounces are no filings whatever they carry; what says that the counter wrote it is none either, but with a document
    it goes to a person, for that anybody can say; what a machine wrote is one only with a document; what can be read in
    two ways goes to a person. All else is received, however little it holds (TUO Ley 27444, 136.1): to the trámite that
    its sender was asked about, or as a new one.
    """
    suppression = may_be_answered(_facts(mail), own_addresses=own_addresses)
    if suppression is None and known.proof is Proof.FAILED:
        suppression = SuppressionReason.FORGED
    if suppression is SuppressionReason.BOUNCE:
        return Decision(MailOutcome.BOUNCE, suppression.value, suppression, failures=_failures(mail.report))
    if suppression is SuppressionReason.OWN_MAIL:
        outcome = MailOutcome.QUARANTINED if _brings_pdf(mail) else MailOutcome.AUTOMATIC
        return Decision(outcome, suppression.value, suppression)
    suspicions = mail.suspicions - ({Suspicion.READS_AUTOMATIC} if is_automatic(suppression) else set())
    if suspicions:
        reasons = ", ".join(sorted(suspicions))[:REASON_LENGTH]
        reads_as_answer = bool(suspicions - {Suspicion.READS_AUTOMATIC}) or _brings_pdf(mail)
        about = _mentioned(known) if reads_as_answer else None
        return Decision(MailOutcome.QUARANTINED, reasons, suppression, about=about)
    chosen, missing = _choose(mail, rules)
    if suppression is not None and is_automatic(suppression) and not chosen:
        return Decision(MailOutcome.AUTOMATIC, suppression.value, suppression)
    if not (chosen or missing or mail.text or mail.subject or any(map(_is_something, mail.parts))):
        return Decision(MailOutcome.REJECTED, EMPTY, suppression)
    answered = known.answered
    if answered is not None and (answered.status is TramiteStatus.OBSERVED or not chosen):
        left_out = tuple(_listed(missing))
        return Decision(MailOutcome.REPLY, None, suppression, chosen, left_out, about=answered.tramite_id)
    return Decision(
        MailOutcome.FILED,
        None,
        suppression,
        chosen,
        _all_missing(mail, chosen, missing),
        owner=known.owner,
        about=_mentioned(known),
    )


def _is_something(part: Part) -> bool:
    """Say whether a part may be what the mail is sent for, though no file: a mail, or an image in an empty text."""
    if part.kind is PartKind.INLINE_IMAGE:
        return part.size_bytes > 0
    return part.kind in (PartKind.MESSAGE, PartKind.WRAPPER)


def _mentioned(known: Known) -> UUID | None:
    return known.thread.tramite_id if known.thread else None


def _brings_pdf(mail: ParsedMail) -> bool:
    return any(part.kind is PartKind.FILE and files.FILE_KINDS["pdf"].matches(part.head) for part in mail.parts)


def _failures(report: DeliveryReport | None) -> tuple[Failure, ...]:
    """
    Return what was given up for good. Whoever is still trying says `delayed`; that action counts and not the class of
    the status, which stays 4.x.x when a server gives up after days.
    """
    if report is None or not report.message_ids:
        return ()
    failed = [recipient for recipient in report.recipients if recipient.action == "failed"]
    return tuple(
        Failure(recipient.addresses, find_status(recipient.status) or "", report.message_ids)
        for recipient in failed[:MOST_FAILURES]
    )


def _facts(mail: ParsedMail) -> MailFacts:
    return MailFacts(
        from_addresses=mail.from_addresses,
        sender=mail.header("sender"),
        return_path=mail.header("return-path"),
        content_type=mail.media_type,
        auto_submitted=mail.header("auto-submitted"),
        precedence=mail.header("precedence"),
        auto_response_suppress=mail.header("x-auto-response-suppress"),
        loops=mail.loops,
        header_names=mail.header_names,
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file of the mail under the name it would have."""

    name: str
    part: Part

    @property
    def is_pdf(self) -> bool:
        """Whether its content says so; what the sender's program says of it does not matter."""
        return files.FILE_KINDS["pdf"].matches(self.part.head)


def _choose(mail: ParsedMail, rules: FileRules) -> tuple[tuple[ChosenFile, ...], list[str]]:
    attached = [part for part in mail.parts if part.kind is PartKind.FILE]
    candidates = [_candidate(part) for part in attached or _photographs(mail)]
    main = _main(candidates, rules)
    annexes, left_out = _annexes((candidate for candidate in candidates if candidate is not main), rules)
    chosen = [ChosenFile(AttachmentRole.MAIN, main.name, main.part)] if main else []
    return (*chosen, *annexes), left_out


def _photographs(mail: ParsedMail) -> list[Part]:
    """Return the images in the text that are too large for a logo: where nothing is attached, they are the document."""
    shown = [part for part in mail.parts if part.kind is PartKind.INLINE_IMAGE]
    return [part for part in shown if part.size_bytes > SMALL_IMAGE_BYTES]


def _candidate(part: Part) -> _Candidate:
    candidate = _Candidate(part.name or files.NAMELESS, part)
    if files.extension_of(candidate.name) in files.FILE_KINDS and not candidate.is_pdf:
        return candidate
    meant = "pdf" if candidate.is_pdf else _extension_by_media_type(part)
    if not meant or files.extension_of(candidate.name) == meant:
        return candidate
    return _Candidate(files.clean_file_name(f"{candidate.name}.{meant}"), part)


def _extension_by_media_type(part: Part) -> str | None:
    kinds = (kind for kind in files.FILE_KINDS.values() if kind.media_type == part.media_type)
    return next((kind.extension for kind in kinds if kind.matches(part.head)), None)


def _main(candidates: list[_Candidate], rules: FileRules) -> _Candidate | None:
    """Return the main document: the first PDF of a size it may have, rather one that does not call itself an annex."""
    possible = [candidate for candidate in candidates if candidate.is_pdf and _may_be_main(candidate, rules)]
    named = [candidate for candidate in possible if not _ANNEX_NAME.search(candidate.name)]
    return next(iter(named or possible), None)


def _may_be_main(candidate: _Candidate, rules: FileRules) -> bool:
    try:
        rules.check_file(candidate.name, size_bytes=candidate.part.size_bytes, role=AttachmentRole.MAIN, position=0)
    except InvalidInput:
        return False
    return True


def _annexes(candidates: Iterable[_Candidate], rules: FileRules) -> tuple[list[ChosenFile], list[str]]:
    """Return the annexes, and of the others why not; one that needs the first place gets it."""
    largest_first = sorted(candidates, key=lambda each: each.part.size_bytes <= rules.other_annex_max_bytes)
    annexes: list[ChosenFile] = []
    left_out: list[str] = []
    for candidate in largest_first:
        try:
            _check_annex(candidate, rules, position=len(annexes) + 1)
        except InvalidInput as refusal:
            left_out.append(wording.left_out(candidate.name, refusal))
        else:
            annexes.append(ChosenFile(AttachmentRole.ANNEX, candidate.name, candidate.part))
    return annexes, left_out


def _check_annex(candidate: _Candidate, rules: FileRules, *, position: int) -> None:
    files.check_head(candidate.name, candidate.part.head)
    rules.check_annex_count(position)
    size = candidate.part.size_bytes
    rules.check_file(candidate.name, size_bytes=size, role=AttachmentRole.ANNEX, position=position)


def _all_missing(mail: ParsedMail, chosen: tuple[ChosenFile, ...], left_out: list[str]) -> tuple[str, ...]:
    has_main = any(file.role is AttachmentRole.MAIN for file in chosen)
    return (
        *([] if has_main else [wording.ONLY_LINKS if has_file_link(mail.text) else wording.NO_MAIN]),
        *([] if mail.subject else [wording.NO_SUBJECT]),
        *_listed(left_out),
        *([wording.FORWARDED] if any(part.kind is PartKind.MESSAGE for part in mail.parts) else []),
    )


def _listed(left_out: list[str]) -> list[str]:
    more = len(left_out) - MOST_LISTED
    return [*left_out[:MOST_LISTED], *([wording.more_left_out(more)] if more > 0 else [])]
