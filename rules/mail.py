"""Mail as the counter judges it: what becomes of a mail, and whether a machine may answer it (RFC 3834)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

OWN_LOOP_HEADER: Final = "X-Loop"
"""What the counter writes into all mail it sends, with its own address, so as to know it again."""


class MailOutcome(StrEnum):
    """The one thing that became of a mail."""

    FILED = "FILED"
    REPLY = "REPLY"
    QUARANTINED = "QUARANTINED"
    AUTOMATIC = "AUTOMATIC"
    BOUNCE = "BOUNCE"
    REJECTED = "REJECTED"


class Proof(StrEnum):
    """
    What is known of who sent a mail, whose From anybody can write.

    FAILED: our own mail server says that it does not come from where it says. NONE: nobody vouches for it.
    """

    NONE = "NONE"
    PROVEN_BY_SERVER = "PROVEN_BY_SERVER"
    PROVEN_BY_DKIM = "PROVEN_BY_DKIM"
    FAILED = "FAILED"

    @property
    def is_proven(self) -> bool:
        """Whether the mail comes from the address in its From."""
        return self in (Proof.PROVEN_BY_SERVER, Proof.PROVEN_BY_DKIM)


class SenderProof(StrEnum):
    """
    How sure it is who presented a trámite by mail.

    PROVEN: the mail was shown to come from its address. CONFIRMED: whoever holds that address said so, by a link.
    """

    UNPROVEN = "UNPROVEN"
    PROVEN = "PROVEN"
    CONFIRMED = "CONFIRMED"


class SuppressionReason(StrEnum):
    """Why a notice is not sent."""

    OWN_MAIL = "OWN_MAIL"
    BOUNCE = "BOUNCE"
    NULL_RETURN_PATH = "NULL_RETURN_PATH"
    AUTO_SUBMITTED = "AUTO_SUBMITTED"
    RESPONSES_UNWANTED = "RESPONSES_UNWANTED"
    BULK = "BULK"
    MAILING_LIST = "MAILING_LIST"
    ROBOT_ADDRESS = "ROBOT_ADDRESS"
    NO_SINGLE_SENDER = "NO_SINGLE_SENDER"
    NO_ADDRESS = "NO_ADDRESS"
    FORGED = "FORGED"
    TOO_MANY = "TOO_MANY"
    NOT_FILED = "NOT_FILED"
    PREFERENCE = "PREFERENCE"
    ADDRESS_BOUNCED = "ADDRESS_BOUNCED"


@dataclass(frozen=True, slots=True)
class MailFacts:
    """
    What a mail says of itself, as decoded text; nothing of it is proven.

    `return_path` is the bare address, empty for `<>`, None without the header. `from_addresses` are all bare
    addresses of all From headers, `sender` that of Sender. `header_names` are all header names in lower case;
    other header values are whole, several of one name joined by commas. `loops` are the values of X-Loop.
    """

    from_addresses: tuple[str, ...] = ()
    sender: str | None = None
    return_path: str | None = None
    content_type: str = "text/plain"
    auto_submitted: str | None = None
    precedence: str | None = None
    auto_response_suppress: str | None = None
    loops: tuple[str, ...] = ()
    header_names: frozenset[str] = frozenset()


Marker: TypeAlias = Callable[[MailFacts, frozenset[str]], bool]

_COMMENT = re.compile(r"\([^()]*\)")
_LIST_SEPARATORS = re.compile(r"[\s,;]+")
_REPORT_TYPES = frozenset({"multipart/report", "message/delivery-status", "message/disposition-notification"})
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_UNWANTED = frozenset({"all", "autoreply", "oof"})
_AUTORESPONDERS = frozenset({"x-autoreply", "x-autorespond", "x-autoresponder"})
_ROBOT = re.compile(
    r"(?:mailer[-_]?daemon|postmaster|bounces?|(?:do[-_.]?not|no)[-_.]?reply|no[-_.]?(?:responder|contestar))(?:[-+=_.].*)?"
)


def may_be_answered(facts: MailFacts, *, own_addresses: frozenset[str]) -> SuppressionReason | None:
    """
    Return None if a machine may answer the mail, otherwise the first reason why it must not.

    Such a mail may still be a filing: a citizen's mail system adds headers that the citizen does not know of.
    *own_addresses* are those at which the counter receives and from which it sends, in lower case. How often one
    address is answered, and whether it is authentic, is judged elsewhere.
    """
    return next((reason for reason, is_marked in _MARKERS if is_marked(facts, own_addresses)), None)


def is_automatic(reason: SuppressionReason | None) -> bool:
    """Say whether *reason* means that a machine wrote the mail, so that without a document it is no filing at all."""
    return reason in _WRITTEN_BY_MACHINES


def _is_own(facts: MailFacts, own: frozenset[str]) -> bool:
    claimed = {*facts.from_addresses, *facts.loops, *filter(None, (facts.sender, facts.return_path))}
    return not own.isdisjoint(address.strip().strip("<>").lower() for address in claimed)


def _is_bounce(facts: MailFacts, _own: frozenset[str]) -> bool:
    return facts.content_type.partition(";")[0].strip().lower() in _REPORT_TYPES


def _has_null_return_path(facts: MailFacts, _own: frozenset[str]) -> bool:
    return facts.return_path is not None and not facts.return_path.strip().strip("<>").strip()


def _is_auto_submitted(facts: MailFacts, _own: frozenset[str]) -> bool:
    """RFC 3834, 5: anything but `no` is automatic, comments and parameters aside; so are three older headers."""
    if facts.auto_submitted is not None and _keyword(facts.auto_submitted) != "no":
        return True
    return not _AUTORESPONDERS.isdisjoint(facts.header_names)


def _wants_no_responses(facts: MailFacts, _own: frozenset[str]) -> bool:
    return not _UNWANTED.isdisjoint(_keywords(facts.auto_response_suppress))


def _is_bulk(facts: MailFacts, _own: frozenset[str]) -> bool:
    return not _BULK.isdisjoint(_keywords(facts.precedence))


def _is_from_list(facts: MailFacts, _own: frozenset[str]) -> bool:
    return any(name.startswith("list-") for name in facts.header_names)


def _is_robot(facts: MailFacts, _own: frozenset[str]) -> bool:
    claimed = (*facts.from_addresses, *filter(None, (facts.sender,)))
    return any(_ROBOT.fullmatch(address.strip().strip("<>").rpartition("@")[0].lower()) for address in claimed)


def _has_no_single_sender(facts: MailFacts, _own: frozenset[str]) -> bool:
    return len(facts.from_addresses) != 1 or "@" not in facts.from_addresses[0]


def _keyword(value: str) -> str:
    return _COMMENT.sub(" ", value).partition(";")[0].strip().lower()


def _keywords(value: str | None) -> frozenset[str]:
    return frozenset(_LIST_SEPARATORS.split(_COMMENT.sub(" ", value or "").lower()))


_MARKERS: tuple[tuple[SuppressionReason, Marker], ...] = (
    (SuppressionReason.OWN_MAIL, _is_own),
    (SuppressionReason.BOUNCE, _is_bounce),
    (SuppressionReason.NULL_RETURN_PATH, _has_null_return_path),
    (SuppressionReason.AUTO_SUBMITTED, _is_auto_submitted),
    (SuppressionReason.RESPONSES_UNWANTED, _wants_no_responses),
    (SuppressionReason.BULK, _is_bulk),
    (SuppressionReason.MAILING_LIST, _is_from_list),
    (SuppressionReason.ROBOT_ADDRESS, _is_robot),
    (SuppressionReason.NO_SINGLE_SENDER, _has_no_single_sender),
)

_WRITTEN_BY_MACHINES = frozenset(
    {
        SuppressionReason.OWN_MAIL,
        SuppressionReason.BOUNCE,
        SuppressionReason.NULL_RETURN_PATH,
        SuppressionReason.AUTO_SUBMITTED,
        SuppressionReason.BULK,
        SuppressionReason.MAILING_LIST,
        SuppressionReason.ROBOT_ADDRESS,
    }
)
