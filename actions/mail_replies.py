"""What becomes of a mail besides a filing: a reply to an observation, a question about a trámite, a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from actions import corrections, notices
from actions.mail_links import make_link
from models.receipts import Notice
from models.tramites import Tramite
from rules.mail_links import LinkPurpose
from rules.notices import SECRET, NoticeKind, NoticeState
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


NOT_ADDED: Final = (
    "Su correo responde a uno nuestro sobre otro trámite, pero no se agregó a él: solo se agrega lo que subsana una "
    "observación pendiente y se comprueba que viene de la dirección de quien lo presentó. Por eso ingresó como un "
    "documento nuevo, con este número. Si quería subsanar, hágalo dentro del plazo con su cuenta o en la mesa de "
    "partes."
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


async def refuse_mail(tools: Tools, sentences: tuple[str, ...], *, answer: Answer, at: datetime) -> Notice:
    """Promise, within a transaction, to tell who wrote a mail why it was not taken; nothing of the mail is in it."""
    return await notices.promise(
        tools,
        NoticeKind.MAIL_REFUSED,
        address=answer.address,
        suppression=answer.suppression,
        in_reply_to=answer.in_reply_to,
        answer_key=answer.key,
        detail={"reasons": list(sentences), "receivedAt": at.isoformat()},
    )


async def tell_status(tools: Tools, tramite_id: UUID, *, answer: Answer) -> Notice:
    """Promise, within a transaction, to tell the proven party of a trámite how it stands now."""
    tramite = await Tramite.get(id=tramite_id).select_related("office")
    return await notices.promise(
        tools,
        NoticeKind.MAIL_STATUS,
        tramite=tramite,
        address=answer.address,
        suppression=answer.suppression,
        in_reply_to=answer.in_reply_to,
        answer_key=answer.key,
        detail={"status": tramite.status.label},
    )


async def offer_completion(
    connection: TransactionWrapper, tools: Tools, tramite: Tramite, notice: Notice, *, hint: str | None = None
) -> None:
    """
    Put into the receipt of what was just filed, within a transaction, the link by which what it lacks is completed.

    None is made for a receipt that is not sent: nobody would have it.
    """
    detail: dict[str, Any] = notice.detail | ({HINT: hint} if hint else {})
    if tramite.missing and notice.state is NoticeState.PENDING:
        token = await make_link(connection, tools, tramite, LinkPurpose.COMPLETE)
        detail = detail | {SECRET: {**detail.get(SECRET, {}), COMPLETE: token}}
    if detail != notice.detail:
        await Notice.filter(id=notice.id).update(detail=detail)
