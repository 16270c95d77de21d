"""What a judged mail is answered with, and what it adds to a trámite that is there already."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from actions.answering import Writer
from actions.corrections import MailedCorrection
from actions.mail_replies import Reply
from intake import wording
from intake.acquaintance import asked_by_party
from intake.anatomy import PartKind, Suspicion
from intake.triage import EMPTY, REASON_LENGTH, Decision
from rules.catalogue import AttachmentRole
from rules.mail import MailOutcome, is_automatic
from rules.mail_answers import QUESTION_LENGTH, number_asked_for
from rules.notices import NoticeKind

if TYPE_CHECKING:
    from actions.attachments import FiledFile
    from actions.mail import ReceivedMail
    from actions.tools import Tools
    from intake.anatomy import ParsedMail
    from intake.triage import Known

TOO_LARGE: Final = "TOO_LARGE"
STATUS: Final = "STATUS"
"""Why a mail is a reply without being a correction, or was refused: it asks how a trámite stands."""

OF_HEADERS: Final = frozenset(
    {
        Suspicion.TWO_FROM,
        Suspicion.TWO_CONTENT_TYPES,
        Suspicion.TWO_ENCODINGS,
        Suspicion.TWO_BOUNDARIES,
        Suspicion.NUL_IN_HEADER,
        Suspicion.BARE_CR_IN_HEADER,
        Suspicion.BROKEN_HEADER,
        Suspicion.TOO_MANY_FIELDS,
        Suspicion.READS_AUTOMATIC,
    }
)
"""Suspicions that a header alone can raise."""

_REFUSALS: Final = {EMPTY: (wording.EMPTY,)}

_QUOTED = re.compile(
    r"(?<!-)-{2,}+\s*(?:mensaje original|original message|mensaje reenviado)"
    r"|\bEl [^<>]{5,120}?(?:<[^<>\s]{3,254}>)?\s*escribi[oó]:"
    r"|\bOn [^<>]{5,120}?(?:<[^<>\s]{3,254}>)?\s*wrote:"
    r"|\bDe: .{1,200}?\bEnviado",
    re.IGNORECASE,
)
"""Where what was written before begins, as the usual programs mark it."""


def writer_of(mail: ParsedMail, decision: Decision) -> Writer:
    """Return who is answered, if anybody may be."""
    return Writer(mail.sender_address, mail.message_id, decision.suppression)


def refusal_of(decision: Decision) -> tuple[str, ...]:
    """Return the sentences for which a mail is rejected, as its sender reads them."""
    return _REFUSALS[decision.reason or ""] if decision.outcome is MailOutcome.REJECTED else ()


def of_header(decision: Decision) -> Decision:
    """Return what becomes of a mail of which only the header was fetched, as it is too large."""
    match decision.outcome:
        case MailOutcome.BOUNCE:
            return decision
        case MailOutcome.QUARANTINED:
            return replace(decision, reason=f"{TOO_LARGE}, {decision.reason}"[:REASON_LENGTH])
        case MailOutcome.AUTOMATIC:
            return replace(decision, outcome=MailOutcome.QUARANTINED, reason=TOO_LARGE)
        case _ if is_automatic(decision.suppression):
            return replace(decision, outcome=MailOutcome.QUARANTINED, reason=TOO_LARGE)
        case _:
            missing = tuple(each for each in decision.missing if each not in (wording.NO_MAIN, wording.ONLY_LINKS))
            return replace(decision, outcome=MailOutcome.FILED, reason=TOO_LARGE, missing=(wording.TOO_LARGE, *missing))


def is_only_header(reason: str | None) -> bool:
    """Say whether the reason of a mail tells that only its header was fetched."""
    return TOO_LARGE in (reason or "").split(", ")


def is_question(mail: ParsedMail, decision: Decision, *, prefix: str) -> bool:
    """
    Say whether a mail that brings no file, taken or not, asks how a trámite stands, and says nothing more.

    *prefix* is that of the institution's numbers.
    """
    brings_file = decision.reason == TOO_LARGE or any(part.kind is PartKind.FILE for part in mail.parts)
    said = own_words(mail.text) or ""
    is_short = len(said) <= QUESTION_LENGTH
    return not brings_file and is_short and number_asked_for(mail.subject, said, prefix=prefix) is not None


async def answer_question(tools: Tools, received: ReceivedMail, mail: ParsedMail, known: Known) -> ReceivedMail:
    """
    Return a mail that asks for a status as one that is answered: by the status, if its sender is the proven party.

    Anybody else is told where to look, in the same words whether there is such a trámite or not.
    """
    prefix = tools.institution.number_prefix
    number = number_asked_for(mail.subject, own_words(mail.text) or "", prefix=prefix)
    asked = await asked_by_party(mail, known, number or "")
    if asked is not None:
        return replace(received, outcome=MailOutcome.REPLY, reason=STATUS, asked=asked, hint=None)
    return replace(
        received,
        outcome=MailOutcome.REJECTED,
        reason=STATUS,
        refusal=(wording.STATUS_ELSEWHERE,),
        refused_as=NoticeKind.MAIL_STATUS_UNTOLD,
        hint=None,
    )


def reply_of(mail: ParsedMail, decision: Decision, files: tuple[FiledFile, ...]) -> Reply | None:
    """Return what a reply adds to the trámite that it answers."""
    if decision.outcome is not MailOutcome.REPLY or decision.about is None:
        return None
    return Reply(decision.about, MailedCorrection(own_words(mail.text), files))


def missing_of(decision: Decision) -> tuple[str, ...]:
    """Return what a mail lacks as a filing; a reply is one, if it cannot be taken as a reply."""
    if decision.outcome is not MailOutcome.REPLY:
        return decision.missing
    has_main = any(file.role is AttachmentRole.MAIN for file in decision.files)
    return (*([] if has_main else [wording.NO_MAIN]), *decision.missing)


def own_words(text: str) -> str | None:
    """Return what the sender wrote, without the mail that they answer; None if that is nothing."""
    found = _QUOTED.search(text)
    return (text[: found.start()] if found else text).strip(" >\n") or None
