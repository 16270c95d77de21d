"""Replies that were not added to what they answer: their sender is told, and the desk must not lose them from sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actions.tasks import open_task
from models.tramites import Tramite
from reading.mail_senders import is_party
from reading.terms import terms_of
from rules.corrections import Term
from rules.lifecycle import TramiteStatus
from rules.mail_missing import TOO_LARGE
from rules.tasks import TaskKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from actions.mail import MailFiling
    from actions.tools import Tools
    from models.mail import MailItem

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
    can_be_confirmed = claims_party and not filing.proof.is_proven and TOO_LARGE not in filing.missing
    if can_be_confirmed and await is_awaited(tools, answered, at=at):
        return CONFIRM_TO_ADD
    return NOT_ADDED


async def tell_desk(tools: Tools, answered: Tramite, filed: Tramite, *, at: datetime) -> None:
    """
    Lay before the desk, within a transaction, a mail that came at *at* and was filed though it is about another
    trámite, which is locked and whose observation may still be answered: it must not be lost from sight.
    """
    if await is_awaited(tools, answered, at=at):
        await open_task(tools, TaskKind.REPLY_NOT_ADDED, tramite=answered, detail={"number": filed.number})


async def tell_desk_of_quarantine(tools: Tools, item: MailItem) -> None:
    """Lay before the desk, within a transaction, a mail that only people can read, if it answers an observation."""
    answered = await lock_answered(item.hint_id)
    if answered is not None and await is_awaited(tools, answered, at=item.received_at):
        await open_task(tools, TaskKind.REPLY_QUARANTINED, tramite=answered, detail={"mail": str(item.id)})


async def is_awaited(tools: Tools, tramite: Tramite, *, at: datetime) -> bool:
    """Say whether an observation waits for its answer, and one that came at *at* is in time."""
    is_open = tramite.status is TramiteStatus.OBSERVED
    return is_open and (await terms_of([tramite], at=min(at, tools.clock())))[tramite.id] is not Term.OVER
