"""What becomes of a mail besides a filing: a reply to an observation, a question about a trámite, a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from actions import corrections, notices
from models.receipts import Notice
from models.tramites import Tramite
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.receipt_words import say_day
from rules.refusals import InvalidInput, Refusal, WrongStep

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.answering import Answer
    from actions.corrections import MailedCorrection
    from actions.tools import Tools

COMPLETE: Final = "complete"
"""Name in the secret of a notice of the token by which a filing is completed."""

HINT: Final = "hint"
"""Name in the detail of a notice of the sentence about what the mail seemed to be."""


OBSERVED_NEXT: Final = (
    "Tiene una observación: subsánela a más tardar el {day}. Responda al correo en que se la enviamos, desde esta "
    "misma dirección, o ingrese con su cuenta."
)
INCOMPLETE_NEXT: Final = (
    "Está incompleto: entregue lo que falta con el enlace del correo que trajo su constancia de envío."
)
LAPSED_NEXT: Final = (
    "Venció el plazo para subsanar la observación. No pierde su derecho: puede presentar el documento de nuevo."
)


@dataclass(frozen=True)
class Reply:
    """A mail that answers a trámite, by our token and from the proven address of its party."""

    tramite_id: UUID
    correction: MailedCorrection


@dataclass(frozen=True)
class NotTaken:
    """Why a reply is no correction; in Spanish, for its sender."""

    refusal: Refusal

    @property
    def sentence(self) -> str:
        """What its sender is told beside the receipt of what was filed instead."""
        return (
            f"Su correo responde a un trámite anterior, pero no se pudo agregar a él. {self.refusal.message} "
            "Por eso ingresó como un documento nuevo, con este número."
        )


async def take_reply(
    connection: TransactionWrapper, tools: Tools, reply: Reply, *, answer: Answer, at: datetime
) -> Notice | NotTaken:
    """Correct, within a transaction, what the mail answers, and return its notice; or say why that cannot be."""
    try:
        _, notice = await corrections.correct_by_mail(
            connection, tools, reply.tramite_id, reply.correction, answer=answer, at=at
        )
    except (WrongStep, InvalidInput) as refusal:
        return NotTaken(refusal)
    return notice


async def refuse_mail(
    tools: Tools, sentences: tuple[str, ...], *, kind: NoticeKind, answer: Answer, at: datetime
) -> Notice:
    """Promise, within a transaction, to tell who wrote a mail why it was not taken; nothing of the mail is in it."""
    return await notices.promise(
        tools,
        kind,
        address=answer.address,
        suppression=answer.suppression,
        in_reply_to=answer.in_reply_to,
        answer_key=answer.key,
        detail={"reasons": list(sentences), "receivedAt": at.isoformat()},
    )


async def tell_status(tools: Tools, tramite_id: UUID, *, answer: Answer) -> Notice:
    """Promise, within a transaction, to tell the proven party of a trámite how it stands now."""
    tramite = await Tramite.get(id=tramite_id).select_related("office")
    what_next = next_of(tramite)
    return await notices.promise(
        tools,
        NoticeKind.MAIL_STATUS,
        tramite=tramite,
        address=answer.address,
        suppression=answer.suppression,
        in_reply_to=answer.in_reply_to,
        answer_key=answer.key,
        detail={"status": tramite.status.label} | ({HINT: what_next} if what_next else {}),
    )


def next_of(tramite: Tramite) -> str | None:
    """Return what the party of a trámite can do now, if there is anything."""
    match tramite.status:
        case TramiteStatus.OBSERVED:
            assert tramite.correct_by is not None, "what is observed has a term"
            return OBSERVED_NEXT.format(day=say_day(tramite.correct_by))
        case TramiteStatus.PENDING:
            return INCOMPLETE_NEXT if tramite.missing else None
        case TramiteStatus.LAPSED:
            return LAPSED_NEXT
        case TramiteStatus.REFERRED | TramiteStatus.RESOLVED | TramiteStatus.VOIDED:
            return None
        case _:
            assert_never(tramite.status)
