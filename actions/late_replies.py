"""Answers to observations by mails that were proven only later: by the link that went to the address of the party."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import corrections, issuing, notices
from actions.attachments import files_now
from actions.corrections import MailedCorrection
from actions.register import Record, append
from actions.steps import save_change, take_step_as
from actions.stray_replies import lock_answered
from models.mail import MailItem
from models.people import User
from reading.mail_accounts import account_with
from reading.mail_senders import is_party
from reading.validations import validated_among
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.chain import facts_digest
from rules.lifecycle import Step, TramiteStatus
from rules.mail_missing import TOO_LARGE
from rules.notices import NoticeKind
from rules.receipt_words import say_hour, say_sent_day
from rules.refusals import InvalidInput, WrongStep
from rules.register import Act

if TYPE_CHECKING:
    from datetime import datetime

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.tramites import Tramite

SAID = (
    "Respondió por correo el {day} a las {hour} (hora de Lima) y después confirmó el envío. Lo que escribió está en el "
    "correo con que ingresó el trámite {number}, que queda anulado."
)
ADDED = "Quien lo envió lo confirmó: lo que trajo quedó agregado al trámite {number} como subsanación."


async def add_reply(connection: TransactionWrapper, tools: Tools, filed: Tramite, user: User | None) -> Tramite | None:
    """
    Make what a mail brought, within a transaction, the correction of the trámite that it answers; return that one.

    *filed* is what it became meanwhile, locked, and now confirmed by who holds its address, as *user* or as nobody.
    What counts is when the mail came, not when it was confirmed. None if it answers nothing, or not of the same party,
    or cannot be added, or not any more: then nothing was changed.
    """
    item = await MailItem.filter(tramite_id=filed.id, hint_id__isnull=False).first()
    if item is None or filed.status is TramiteStatus.VOIDED:
        return None
    answered = await lock_answered(item.hint_id)
    if answered is None or TOO_LARGE in filed.missing or not await _is_party(answered, filed, user):
        return None
    correction = MailedCorrection(_said(filed, item.received_at), tuple(await files_now(filed)))
    try:
        await corrections.correct_by_mail(connection, tools, answered.id, correction, answer=None, at=item.received_at)
    except (WrongStep, InvalidInput):
        return None
    return answered


async def _is_party(answered: Tramite, filed: Tramite, user: User | None) -> bool:
    address = filed.contact_email
    accounts = {await account_with(address), user.id if user else None}
    return any(is_party(answered, address, account=account) for account in accounts)


def _said(filed: Tramite, at: datetime) -> str:
    return SAID.format(day=say_sent_day(at), hour=say_hour(at), number=filed.number)


async def void_added(connection: TransactionWrapper, tools: Tools, filed: Tramite, answered: Tramite) -> None:
    """
    Void, within a transaction, what was filed and is now part of *answered*; both are locked.

    What the desk has taken up meanwhile stays as it is: then both hold the same files.
    """
    is_validated = bool(await validated_among([filed]))
    try:
        before = take_step_as(Role.APPLICANT, filed, Step.VOID, is_validated=is_validated)
    except WrongStep:
        return
    now, said = tools.clock(), ADDED.format(number=answered.number)
    await save_change(filed, ["status"])
    receipt = await issuing.issue_receipt(
        tools,
        filed,
        ReceiptKind.VOIDING,
        applicant=await User.get(id=filed.applicant_id) if filed.applicant_id else None,
        files=await files_now(filed),
        acted_at=now,
    )
    await notices.promise(tools, NoticeKind.VOIDED, tramite=filed, detail={"receipt": str(receipt.id), "hint": said})
    record = Record(
        Act.VOIDED,
        at=now,
        role=Role.APPLICANT,
        actor_id=filed.applicant_id,
        tramite_id=filed.id,
        from_status=before,
        to_status=filed.status,
        text=said,
        detail={"facts": facts_digest(receipt.facts)},
    )
    await append(connection, record)
