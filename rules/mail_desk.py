"""Mail as staff handle it: who sees the ledger of a mailbox, who decides, and what they may do with a mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from rules.access import Role
from rules.mail import MailOutcome, SuppressionReason
from rules.mail_answers import answered_address
from rules.refusals import Conflict, NotAllowed, NotFound, TooManyRequests, WrongStep
from rules.words import clean_paragraph

REASON_MAX_LENGTH: Final = 1000
ANSWER_MAX_LENGTH: Final = 2000


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


class OwnMail(NotAllowed):
    """Nobody decides what they sent themselves; somebody else of the office may."""

    code = "OWN_MAIL"

    def __init__(self) -> None:
        super().__init__(
            "Ese correo dice venir de su propia dirección, así que usted no puede decidir sobre él. Pida que lo "
            "atienda otra persona de la dependencia."
        )


_HAPPENED: Final[Mapping[MailOutcome, str]] = {
    MailOutcome.FILED: "Ese correo ya ingresó como trámite.",
    MailOutcome.REPLY: "Ese correo ya se agregó al trámite al que responde.",
    MailOutcome.REJECTED: "Ese correo ya fue rechazado.",
    MailOutcome.AUTOMATIC: "Ese correo lo envió un sistema automático y no trae documentos: no espera una decisión.",
    MailOutcome.BOUNCE: "Ese correo avisa que uno nuestro no llegó: no espera una decisión.",
}


class MailNotQuarantined(WrongStep):
    """The mail does not wait for a person: it had another outcome, or somebody was quicker."""

    code = "MAIL_NOT_QUARANTINED"

    def __init__(self, outcome: MailOutcome) -> None:
        super().__init__(f"{_HAPPENED[outcome]} Actualice la lista de correos.", path=("id",))


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
        raise MailNotQuarantined(outcome)


def check_not_own(claimed: Collection[str], *, own: str) -> None:
    """
    Judge whether somebody may decide a mail that names *claimed* as its senders; *own* is the address of their account.

    What a mail says of its sender is not proven, and need not be: another person decides.

    Raises:
        OwnMail: it says that they sent it.
    """
    if answered_address(own) in {answered_address(address) for address in claimed}:
        raise OwnMail


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
