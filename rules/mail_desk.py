"""Mail as staff handle it: who sees the ledger of a mailbox, who decides, and what they may do with a mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.access import Role
from rules.mail import MailOutcome, SuppressionReason
from rules.refusals import Conflict, NotAllowed, NotFound, TooManyRequests, WrongStep
from rules.words import clean_paragraph

REASON_MAX_LENGTH: Final = 1000
ANSWER_MAX_LENGTH: Final = 2000

ANSWERS_PER_DAY: Final = 5
"""Mails that the counter writes to one address in a day, be it as a machine or by a person's hand."""

ANSWER_WINDOW: Final = timedelta(hours=24)


class MailRight(StrEnum):
    """What a member of staff may do with the mails of a mailbox."""

    SEE = "SEE"
    DECIDE = "DECIDE"


class Reach(StrEnum):
    """Over which mailboxes a right goes: those that file to an office of theirs, or all."""

    OFFICES = "OFFICES"
    ALL = "ALL"


MAIL_RIGHTS: Mapping[Role, Mapping[MailRight, Reach]] = {
    Role.CLERK: {MailRight.SEE: Reach.OFFICES, MailRight.DECIDE: Reach.OFFICES},
    Role.SUPERVISOR: {MailRight.SEE: Reach.ALL, MailRight.DECIDE: Reach.ALL},
    Role.AUDITOR: {MailRight.SEE: Reach.ALL},
}
"""Rights by role; absent means no."""


class MailDecisionKind(StrEnum):
    """What a person did with a mail; the first two are final, and a mail has one of them at most."""

    RELEASED = "RELEASED"
    REJECTED = "REJECTED"
    ANSWERED = "ANSWERED"


class NoSuchMail(NotFound):
    """There is no such mail, or the viewer may not see it: both are answered alike."""

    code = "MAIL_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos ese correo. Actualice la lista de correos.", path=("id",))


class MailNoLongerKept(NotFound):
    """The mail itself is past its time; the ledger still tells what became of it."""

    code = "MAIL_NO_LONGER_KEPT"

    def __init__(self) -> None:
        super().__init__("Ese correo ya no se conserva: se cumplió su plazo. Queda constancia de qué pasó con él.")


class NotYourMail(NotAllowed):
    """The mail may be seen but is for others to decide."""

    code = "NOT_YOUR_MAIL"

    def __init__(self) -> None:
        super().__init__(
            "Puede ver este correo, pero no decidir sobre él: le corresponde al personal de la dependencia."
        )


class MailNotQuarantined(WrongStep):
    """The mail does not wait for a person: it had another outcome, or somebody was quicker."""

    code = "MAIL_NOT_QUARANTINED"

    def __init__(self) -> None:
        super().__init__(
            "Ese correo ya no está en cuarentena: alguien lo atendió antes. Actualice la lista.", path=("id",)
        )


class MailUnanswerable(Conflict):
    """The mail must not be answered: a machine wrote it, or it has no single sender."""

    code = "MAIL_UNANSWERABLE"

    def __init__(self) -> None:
        super().__init__(
            "A ese correo no se le puede responder: lo envió un sistema automático o una lista, o no se sabe quién lo "
            "envió. Si hace falta, comuníquese con la persona por otro medio.",
            path=("id",),
        )


class TooManyAnswers(TooManyRequests):
    """The address was written to as often today as it may be."""

    code = "TOO_MANY_ANSWERS"

    def __init__(self) -> None:
        super().__init__(
            "A esa dirección ya se le escribieron varios correos en las últimas 24 horas. Responda mañana, o "
            "comuníquese por otro medio.",
            path=("id",),
        )


class MailReaderBusy(TooManyRequests):
    """Too many mails are being read at this moment."""

    code = "MAIL_READER_BUSY"

    def __init__(self) -> None:
        super().__init__("Se están abriendo muchos correos en este momento. Vuelva a intentar en un minuto.")


def may_handle(role: Role, right: MailRight, *, in_office: bool) -> bool:
    """Say whether *role* has *right* over a mailbox that files to an office of theirs or not; absent is denied."""
    reach = MAIL_RIGHTS.get(role, {}).get(right)
    return reach is Reach.ALL or (reach is Reach.OFFICES and in_office)


def check_quarantined(outcome: MailOutcome) -> None:
    """
    Judge whether a mail still waits for somebody to release or reject it.

    Raises:
        MailNotQuarantined: it does not.
    """
    if outcome is not MailOutcome.QUARANTINED:
        raise MailNotQuarantined


def why_unanswered(
    suppression: SuppressionReason | None, *, address: str | None, written: int
) -> SuppressionReason | None:
    """
    Return why a mail is not answered, None if it may be.

    *suppression* is what the mail itself says, *address* that of its one sender, *written* how many mails went there
    in the last 24 hours.
    """
    if suppression is not None:
        return suppression
    if address is None:
        return SuppressionReason.NO_ADDRESS
    return SuppressionReason.TOO_MANY if written >= ANSWERS_PER_DAY else None


def check_answerable(reason: SuppressionReason | None) -> None:
    """
    Judge whether a person may answer a mail of which *reason* tells why a machine would not.

    Raises:
        TooManyAnswers: its address was written to too often.
        MailUnanswerable: it must not be answered at all.
    """
    if reason is SuppressionReason.TOO_MANY:
        raise TooManyAnswers
    if reason is not None:
        raise MailUnanswerable


def clean_reason(text: str | None) -> str:
    """
    Return why a mail is no filing, as its sender may read it: 1 to 1,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=REASON_MAX_LENGTH)


def clean_answer(text: str | None) -> str:
    """
    Return what staff write to the sender of a mail: 1 to 2,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=ANSWER_MAX_LENGTH)
