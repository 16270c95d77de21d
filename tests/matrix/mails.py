"""Received mails, and what staff do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import mail
from actions.mail_replay import new_slot
from intake.spool import ContentKey
from rules.mail import MailOutcome, SuppressionReason
from tests.matrix.asking import Fields, http, mutation, query
from tests.matrix.table import OWN
from tests.matrix.world import OFFICE, STRANGE_OFFICE, Person, Thing, World

if TYPE_CHECKING:
    from models.mail import MailItem


async def held(world: World, _person: Person, relation: int) -> Thing:
    """Return a mail in quarantine, of a mailbox of the office of all these people, or of another."""
    item = await _keep(world, OFFICE if relation == OWN else STRANGE_OFFICE)
    return Thing(item.id, (str(item.id), item.original_id))


async def _keep(world: World, office: str) -> MailItem:
    tools = world.counter.tools
    sender = f"{uuid4().hex}@example.pe"
    content = f"From: {sender}\r\nSubject: a\r\nContent-Type: text/plain\r\nContent-Type: text/plain\r\n\r\nHola\r\n"
    key = ContentKey()
    key.update(content.encode())
    mailbox = await mail.open_mailbox(account=f"{office.lower()}@example.pe", folder="INBOX", office_code=office)
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    received = mail.ReceivedMail(
        slot=new_slot(tools),
        content_key=key.hexdigest(),
        original=await tools.store.put_bytes(content.encode()),
        received_at=tools.clock(),
        outcome=MailOutcome.QUARANTINED,
        reason="TWO_CONTENT_TYPES",
    )
    item = await mail.record_mail(tools, lease, received)
    await mail.release_lease(lease)
    assert item.suppression is SuppressionReason.NOT_FILED
    return item


@query("mails", about=held)
def _(_it: Thing) -> str:
    return "(first: 100) { edges { node { id } } }"


@query("mail", about=held)
def _(it: Thing) -> str:
    return f'(id: "{it.id}") {{ id }}'


@http("GET", "/mails/{id}/raw", about=held)
def _(it: Thing) -> str:
    return str(it.id)


@http("GET", "/mails/{id}/text", about=held)
def _(it: Thing) -> str:
    return str(it.id)


@mutation("releaseMail", about=held)
def _(it: Thing) -> Fields:
    return {"id": str(it.id)}


@mutation("rejectMail", about=held)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "reason": "Es publicidad."}


@mutation("answerMail", about=held)
def _(it: Thing) -> Fields:
    return {"id": str(it.id), "text": "Gracias."}
