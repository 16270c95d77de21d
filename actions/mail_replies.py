"""What becomes of a mail besides a filing: a reply to an observation, a question about a trámite, a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from actions import corrections, notices
from actions.mail_links import make_link
from actions.tasks import open_task
from models.receipts import Notice
from models.tramites import Tramite
from reading.mail_senders import is_party
from reading.terms import terms_of
from rules.corrections import Term
from rules.lifecycle import TramiteStatus
from rules.mail_links import LinkPurpose
from rules.notices import SECRET, NoticeKind, NoticeState
from rules.refusals import InvalidInput, Refusal, WrongStep
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.answering import Answer
    from actions.corrections import MailedCorrection
    from actions.mail import MailFiling
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


CONFIRM_TO_ADD: Final = (
    "Su correo responde a la observación de otro trámite, pero no pudimos comprobar que viene de su dirección. Por eso "
    "ingresó como un documento nuevo, con este número. Si usted lo envió, confírmelo con el enlace de más abajo: "
    "entonces se agregará a ese trámite como subsanación, con la fecha en que llegó su correo, y este número quedará "
    "anulado."
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


async def lock_answered(tramite_id: UUID | None) -> Tramite | None:
    """
    Lock, within a transaction, the trámite that a mail is about without being added to it; None if there is none.

    To be done before anything is numbered: whoever holds a trámite may be waiting for the numbers.
    """
    if tramite_id is None:
        return None
    return await Tramite.filter(id=tramite_id).select_for_update(no_key=True).first()


async def hint_of(tools: Tools, answered: Tramite, filing: MailFiling, *, at: datetime) -> str:
    """Return what the sender is told, beside the receipt, of a mail that came at *at* about a locked trámite."""
    claims_party = is_party(answered, filing.sender_address, account=filing.account)
    if claims_party and await is_awaited(tools, answered, at=at):
        return CONFIRM_TO_ADD
    return NOT_ADDED


async def tell_desk(tools: Tools, answered: Tramite, filed: Tramite, *, at: datetime) -> None:
    """
    Lay before the desk, within a transaction, a mail that came at *at* and was filed though it is about another
    trámite, which is locked and whose observation may still be answered: it must not be lost from sight.
    """
    if await is_awaited(tools, answered, at=at):
        await open_task(tools, TaskKind.REPLY_NOT_ADDED, tramite=answered, detail={"number": filed.number})


async def is_awaited(tools: Tools, tramite: Tramite, *, at: datetime) -> bool:
    """Say whether an observation waits for its answer, and one that came at *at* is in time."""
    is_open = tramite.status is TramiteStatus.OBSERVED
    return is_open and (await terms_of([tramite], at=min(at, tools.clock())))[tramite.id] is not Term.OVER


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
