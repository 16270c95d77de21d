"""Receipts that were lost: the same file is mailed again, to the contact of its trámite and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import client_keys, gate, notices, register
from actions.register import Record
from actions.steps import lock_for_desk, role_on
from actions.transaction import tx
from models.receipts import Notice
from reading.access import relation
from reading.files import ReceiptNoLongerKept, find_receipt
from rules.access import NotYours, Right, may
from rules.notices import NoticeKind
from rules.refusals import Conflict
from rules.register import Act
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.receipts import Receipt
    from reading.access import Viewer


class NoContactAddress(Conflict):
    """The trámite has no address to write to: its account was closed, or its sender gave none."""

    code = "NO_CONTACT_ADDRESS"

    def __init__(self) -> None:
        super().__init__("Este trámite no tiene un correo de contacto. La constancia se descarga desde su página.")


async def send_receipt_again(
    tools: Tools, viewer: Viewer, receipt_id: UUID, *, client_key: UUID, client: Client
) -> Notice:
    """
    Mail a receipt again, byte for byte, and return the promise; asked again with the same key, the one made before.

    For whoever filed the trámite, and for staff of its office. Five an hour for each trámite.

    Raises:
        NoSuchReceipt: there is none that the viewer may see.
        ReceiptNoLongerKept: it is past its time.
        NotYours: the viewer may see it, but not have it sent.
        NoContactAddress: there is nobody to write to.
        KeyReused: the key was used for something else.
        TooManyAttempts: it was sent too often.
    """
    receipt, now = await find_receipt(viewer, receipt_id), tools.clock()
    if not may(viewer.role, Right.SEND_RECEIPTS, relation(viewer, receipt.tramite, was_in_office=False)):
        raise NotYours
    asked = client_keys.request_hash({"sendReceiptAgain": str(receipt_id)})
    made = await client_keys.made_before(viewer.user_id, client_key, asked=asked, now=now)
    if made is not None:
        return await Notice.get(id=made)
    await gate.admit(tools, Door.RECEIPT_AGAIN, client, account=str(receipt.tramite_id))
    notice = await _promise(tools, viewer, receipt, key=client_key, asked=asked)
    tools.wake(notices.NOTICES)
    tools.wake(register.ENTRIES)
    return notice


async def _promise(tools: Tools, viewer: Viewer, receipt: Receipt, *, key: UUID, asked: bytes) -> Notice:
    async with tx() as connection:
        tramite = await lock_for_desk(viewer, receipt.tramite_id, rights=(Right.SEND_RECEIPTS,))
        if tramite.erased_at is not None:
            raise ReceiptNoLongerKept
        if tramite.contact_email is None:
            raise NoContactAddress
        notice = notices.notice_of(
            tools, NoticeKind.RECEIPT_AGAIN, tramite=tramite, detail={"receipt": str(receipt.id)}
        )
        earlier = await client_keys.claim_key(
            connection, user_id=viewer.user_id, key=key, asked=asked, makes_id=notice.id, now=notice.created_at
        )
        if earlier is not None:
            return await Notice.get(id=earlier)
        await notice.save(force_create=True)
        detail = {"receiptId": str(receipt.id), "notice": str(notice.id)}
        act = Record(
            Act.RECEIPT_SENT_AGAIN,
            notice.created_at,
            role_on(tramite, viewer),
            actor_id=viewer.user_id,
            tramite_id=tramite.id,
            detail=detail,
        )
        await register.append(connection, act)
    return notice
