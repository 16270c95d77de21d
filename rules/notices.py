"""Notices (avisos): the mails that the counter promises, and how long it goes on trying to send them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, assert_never

from rules.bounces import find_status, is_dead
from rules.mail import SuppressionReason

BOUNCED: Final = "BOUNCED"
"""What the reason begins with of a notice that was taken over first and came back later."""

INVALID_ADDRESS: Final = "INVALID_ADDRESS"
RECEIPT_GONE: Final = "RECEIPT_NO_LONGER_KEPT"
"""The receipt that went with it is past its time."""

_PERMANENT = re.compile(r"\b5[0-9]{2}\b", re.ASCII)

LONGEST_WAIT: Final = timedelta(minutes=60)
GIVE_UP_AFTER: Final = timedelta(hours=72)

SECRET: Final = "secret"  # noqa: S105 - a name
"""Name in a notice's detail of what must not outlive the sending, such as a code; it is taken out with the last try."""


class NoticeKind(StrEnum):
    """What a notice tells."""

    SUBMISSION_RECEIPT = "SUBMISSION_RECEIPT"
    UPDATED = "UPDATED"
    CONTACT_CHANGED = "CONTACT_CHANGED"
    VOIDED = "VOIDED"
    OBSERVED = "OBSERVED"
    CORRECTED = "CORRECTED"
    LAPSED = "LAPSED"
    REFERRED = "REFERRED"
    RESOLVED = "RESOLVED"
    FOLIOS_CORRECTED = "FOLIOS_CORRECTED"
    REOPENED = "REOPENED"
    WELCOME = "WELCOME"
    ACCOUNT_EXISTS = "ACCOUNT_EXISTS"
    SIGN_IN_FAILURES = "SIGN_IN_FAILURES"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RECOVERY_CODE = "RECOVERY_CODE"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - what a notice tells
    EMAIL_CHANGE_CODE = "EMAIL_CHANGE_CODE"
    EMAIL_CHANGING = "EMAIL_CHANGING"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    RECOVERY_REQUESTED = "RECOVERY_REQUESTED"
    RECOVERY_STOPPED = "RECOVERY_STOPPED"
    RECOVERY_REJECTED = "RECOVERY_REJECTED"
    RECOVERY_APPLIED = "RECOVERY_APPLIED"
    CLAIM_RECEIVED = "CLAIM_RECEIVED"
    CLAIM_REJECTED = "CLAIM_REJECTED"
    CLAIM_GRANTED = "CLAIM_GRANTED"
    ACCOUNT_CLAIMED = "ACCOUNT_CLAIMED"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    ACCOUNT_KEPT = "ACCOUNT_KEPT"
    ACCOUNT_HANDED_OVER = "ACCOUNT_HANDED_OVER"
    REGISTER_ANCHORED = "REGISTER_ANCHORED"
    CLOSURE_REQUESTED = "CLOSURE_REQUESTED"
    CLOSURE_STOPPED = "CLOSURE_STOPPED"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    SECOND_FACTOR_SET = "SECOND_FACTOR_SET"
    SECOND_FACTOR_RESET = "SECOND_FACTOR_RESET"
    SECOND_FACTOR_FAILURES = "SECOND_FACTOR_FAILURES"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"
    RECOVERY_CODES_RENEWED = "RECOVERY_CODES_RENEWED"
    STAFF_INVITED = "STAFF_INVITED"
    STAFF_ASSIGNED = "STAFF_ASSIGNED"
    STAFF_DEACTIVATED = "STAFF_DEACTIVATED"
    COMPLETED = "COMPLETED"
    MAIL_REFUSED = "MAIL_REFUSED"
    MAIL_STATUS = "MAIL_STATUS"
    MAIL_REJECTED_BY_STAFF = "MAIL_REJECTED_BY_STAFF"
    MAIL_ANSWERED_BY_STAFF = "MAIL_ANSWERED_BY_STAFF"
    MAIL_STATUS_UNTOLD = "MAIL_STATUS_UNTOLD"
    TRAMITE_ADDED = "TRAMITE_ADDED"
    TRAMITE_CLAIMED = "TRAMITE_CLAIMED"
    RECEIPT_AGAIN = "RECEIPT_AGAIN"


class NoticeState(StrEnum):
    """What became of a notice; the last three are final."""

    PENDING = "PENDING"
    SENT = "SENT"
    SUPPRESSED = "SUPPRESSED"
    UNDELIVERABLE = "UNDELIVERABLE"


class TramiteNoticeKind(StrEnum):
    """Those kinds of notices that tell of a trámite; each is a `NoticeKind` of the same value."""

    SUBMISSION_RECEIPT = "SUBMISSION_RECEIPT"
    UPDATED = "UPDATED"
    CONTACT_CHANGED = "CONTACT_CHANGED"
    VOIDED = "VOIDED"
    OBSERVED = "OBSERVED"
    CORRECTED = "CORRECTED"
    LAPSED = "LAPSED"
    REFERRED = "REFERRED"
    RESOLVED = "RESOLVED"
    FOLIOS_CORRECTED = "FOLIOS_CORRECTED"
    REOPENED = "REOPENED"
    COMPLETED = "COMPLETED"
    MAIL_STATUS = "MAIL_STATUS"
    TRAMITE_ADDED = "TRAMITE_ADDED"
    TRAMITE_CLAIMED = "TRAMITE_CLAIMED"
    RECEIPT_AGAIN = "RECEIPT_AGAIN"

    @property
    def label(self) -> str:
        """The Spanish words for people."""
        return _LABELS[self]


_LABELS: Final[Mapping[TramiteNoticeKind, str]] = {
    TramiteNoticeKind.SUBMISSION_RECEIPT: "Constancia de envío",
    TramiteNoticeKind.UPDATED: "Datos actualizados",
    TramiteNoticeKind.CONTACT_CHANGED: "Cambio del correo para avisos",
    TramiteNoticeKind.VOIDED: "Constancia de anulación",
    TramiteNoticeKind.OBSERVED: "Observación",
    TramiteNoticeKind.CORRECTED: "Subsanación recibida",
    TramiteNoticeKind.LAPSED: "Tenido por no presentado",
    TramiteNoticeKind.REFERRED: "Derivación",
    TramiteNoticeKind.RESOLVED: "Atención",
    TramiteNoticeKind.FOLIOS_CORRECTED: "Corrección de folios",
    TramiteNoticeKind.REOPENED: "Reapertura",
    TramiteNoticeKind.COMPLETED: "Documento completado",
    TramiteNoticeKind.MAIL_STATUS: "Estado consultado por correo",
    TramiteNoticeKind.TRAMITE_ADDED: "Trámite agregado a una cuenta",
    TramiteNoticeKind.TRAMITE_CLAIMED: "Confirmación con una cuenta",
    TramiteNoticeKind.RECEIPT_AGAIN: "Constancia enviada otra vez",
}

_ABOUT_TRAMITES: Final = frozenset(kind.value for kind in TramiteNoticeKind)

_ANSWERS: Final = frozenset({NoticeKind.MAIL_REFUSED, NoticeKind.MAIL_STATUS_UNTOLD})
"""Answers to mails that became no trámite."""

COURTESY: Final = frozenset({NoticeKind.UPDATED, NoticeKind.REFERRED, NoticeKind.RESOLVED})
"""What its reader may do without; receipts, what a term hangs on, and mails about an account are always sent."""

BY_HAND: Final = frozenset({NoticeKind.MAIL_REJECTED_BY_STAFF, NoticeKind.MAIL_ANSWERED_BY_STAFF})
"""What a person wrote to the sender of a mail: no loop, so that it never waits for the answers of machines."""

TELLS_STATUS: Final = frozenset(
    {
        NoticeKind.UPDATED,
        NoticeKind.VOIDED,
        NoticeKind.OBSERVED,
        NoticeKind.CORRECTED,
        NoticeKind.LAPSED,
        NoticeKind.REFERRED,
        NoticeKind.RESOLVED,
        NoticeKind.FOLIOS_CORRECTED,
        NoticeKind.REOPENED,
        NoticeKind.COMPLETED,
    }
)
"""
What ends with the number and key by which anybody sees how the trámite stands. The receipt tells them by itself; an
address that was left behind is not told them.
"""

SAYS_WHERE_TO_COMPLAIN: Final = frozenset(
    {
        NoticeKind.SUBMISSION_RECEIPT,
        NoticeKind.OBSERVED,
        NoticeKind.CORRECTED,
        NoticeKind.COMPLETED,
        NoticeKind.LAPSED,
        NoticeKind.MAIL_REFUSED,
        NoticeKind.MAIL_STATUS,
        NoticeKind.MAIL_STATUS_UNTOLD,
        NoticeKind.MAIL_REJECTED_BY_STAFF,
        NoticeKind.MAIL_ANSWERED_BY_STAFF,
    }
)
"""What tells of a decision about a document that was handed in, or about a mail."""

WITHOUT_TASK: Final = frozenset({NoticeKind.VERIFY_EMAIL, NoticeKind.EMAIL_CHANGE_CODE, NoticeKind.STAFF_INVITED})
"""Mails to an address that nobody proved yet: who mistyped it sees that no code comes, and the desk can do nothing."""


def next_try(attempts: int) -> timedelta | None:
    """
    Return how long to wait after the *attempts*-th failed attempt, or None to give up.

    1, 2, 4, 8, 16, 32 minutes, then 60 each, while the waits add up to at most 72 hours.
    """
    if attempts < 1:
        raise ValueError("Waiting begins after the first attempt")
    waited = timedelta()
    for attempt in range(1, attempts + 1):
        waited += _wait_after(attempt)
        if waited > GIVE_UP_AFTER:
            return None
    return _wait_after(attempts)


def _wait_after(attempt: int) -> timedelta:
    return min(timedelta(minutes=2 ** min(attempt - 1, 10)), LONGEST_WAIT)


def is_courtesy(kind: NoticeKind, detail: Mapping[str, object]) -> bool:
    """Say whether its reader may do without a notice of that *detail*; one that brings a receipt is sent always."""
    return kind in COURTESY and "receipt" not in detail


def withheld(kind: NoticeKind, *, is_wanted: bool, has_bounced: bool) -> SuppressionReason | None:
    """
    Return why a notice that is due is not sent after all, or None.

    *is_wanted*: its reader wants courtesy notices. *has_bounced*: its address was found dead and not proved since.
    What tells of an account is sent all the same: codes prove an address anew, and a mark that is wrong must not hide
    from people that somebody takes over their account.
    """
    if has_bounced and (kind.value in _ABOUT_TRAMITES or kind in _ANSWERS):
        return SuppressionReason.ADDRESS_BOUNCED
    if not is_wanted and kind in COURTESY:
        return SuppressionReason.PREFERENCE
    return None


_SUPPRESSED: Final[Mapping[str, str]] = {
    SuppressionReason.PREFERENCE: "Quien presentó el trámite pidió no recibir avisos como este.",
    SuppressionReason.ADDRESS_BOUNCED: "A esa dirección ya no llegan los correos. Indique otra, o confírmela de nuevo.",
    SuppressionReason.NO_ADDRESS: "No hay una dirección de correo a la cual escribir.",
    SuppressionReason.TOO_MANY: "Ya se respondieron varios correos a esa dirección en las últimas 24 horas.",
}


def say_reason(state: NoticeState, reason: str | None) -> str | None:
    """Return in plain Spanish why a notice has not been sent; None for one that has, or that nobody tried to yet."""
    match state:
        case NoticeState.SENT:
            return None
        case NoticeState.PENDING:
            return "Todavía no se pudo entregar; se sigue intentando." if reason else None
        case NoticeState.SUPPRESSED:
            return _SUPPRESSED.get(reason or "", "El correo al que respondía no admite respuestas automáticas.")
        case NoticeState.UNDELIVERABLE:
            return _say_undeliverable(reason or "")
        case _:
            assert_never(state)


def _say_undeliverable(reason: str) -> str:
    if reason == INVALID_ADDRESS or is_dead(find_status(reason)):
        return "La dirección no existe o ya no recibe correo. Indique otra."
    if reason == RECEIPT_GONE:
        return "La constancia que llevaba ya no se conserva: pasó el tiempo por el que la institución la guarda."
    if reason.startswith(BOUNCED):
        return "El correo fue devuelto por el servidor de quien debía recibirlo."
    if _PERMANENT.search(reason):
        return "El servidor de correo de quien debía recibirlo lo rechazó."
    return "No se pudo entregar en 72 horas de intentos."
