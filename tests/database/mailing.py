"""Mails as the intake records them, from whoever the test wants."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actions import mail
from actions.attachments import FiledFile
from actions.mail_links import new_link
from models.receipts import Notice
from models.tramites import Tramite
from reading.mail_accounts import account_with
from rules.catalogue import AttachmentRole
from rules.mail import MailOutcome
from rules.notices import SECRET, NoticeKind
from rules.verdicts import Judgement
from tests.counter import MONDAY, PDF

if TYPE_CHECKING:
    from rules.mail_links import LinkPurpose
    from tests.counter import Counter

ANA = "ana@example.pe"
_uids = count(1)


async def lease_of_inbox() -> mail.Lease:
    """Return the lease of the mailbox, for a worker of its own."""
    inbox = await mail.open_mailbox(account="mesadepartes@example.pe", folder="INBOX", office_code="SEDE-CENTRAL")
    await mail.Mailbox.filter(id=inbox.id).update(leased_until=None)
    lease = await mail.take_lease(inbox.id, holder=uuid4())
    assert lease is not None
    return lease


async def received(counter: Counter, **changes: Any) -> mail.ReceivedMail:
    """Return a mail of Ana with a PDF, read but not yet recorded; *changes* are of its filing."""
    uid = next(_uids)
    original = await counter.tools.store.put_bytes(f"From: {ANA}\r\n\r\n{uid}".encode())
    main = await counter.tools.store.put_bytes(PDF + str(uid).encode())
    filing = mail.MailFiling(
        subject="Pedido de copia",
        sender_name="Ana (estudio)",
        sender_address=ANA,
        files=(FiledFile(AttachmentRole.MAIN, "pedido.pdf", main.sha256, main.size_bytes),),
        missing=(),
        suppression=None,
        message_id="<1@example.pe>",
        account=await account_with(ANA),
    )
    filing = replace(filing, **changes)
    return mail.ReceivedMail(
        slot=mail.Slot(uidvalidity=7, uid=uid),
        content_key=original.sha256,
        original=original,
        received_at=MONDAY - timedelta(minutes=5),
        outcome=MailOutcome.FILED,
        contents=((main, Judgement()),),
        filing=filing,
        proof=filing.proof,
    )


async def file_mail(counter: Counter, **changes: Any) -> Tramite:
    """File a mail of Ana, and return the trámite; *changes* are of its filing."""
    item = await mail.record_mail(counter.tools, await lease_of_inbox(), await received(counter, **changes))
    return await Tramite.get(mails__id=item.id)


async def link_of(tramite: Tramite, purpose: LinkPurpose) -> str:
    """Return the token of the link that its receipt brings."""
    notice = await Notice.get(tramite_id=tramite.id, kind=NoticeKind.SUBMISSION_RECEIPT)
    return notice.detail[SECRET][purpose.value.lower()]


async def another_link(counter: Counter, tramite: Tramite, purpose: LinkPurpose) -> str:
    """Make a link that its receipt does not bring, and return its token."""
    link = new_link(counter.tools, tramite.id, purpose)
    await link.row.save(force_create=True)
    return link.token
