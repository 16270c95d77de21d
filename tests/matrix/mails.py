"""Received mails, and what staff do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from actions import mail
from actions.mail_replay import new_slot
from intake.spool import ContentKey
from models.people import User
from rules.mail import MailOutcome, SuppressionReason
from tests.matrix.asking import Fields, http, mutation, query
from tests.matrix.table import OWN
from tests.matrix.world import OFFICE, STRANGE_OFFICE, Person, Thing, World

if TYPE_CHECKING:
    from models.mail import MailItem


FROM_ELSEWHERE = 2
"""The relation of a mail that came to another office."""


async def held(world: World, person: Person, relation: int) -> Thing:
    """Return a mail in quarantine: says to be of who asks, came to the office of all these people, or to another."""
    sender = f"{uuid4().hex}@example.pe"
    if relation == OWN and person.role is not None:
        sender = (await User.get(id=person.viewer.user_id)).email.upper()
    item = await _keep(world, STRANGE_OFFICE if relation == FROM_ELSEWHERE else OFFICE, sender)
    return Thing(item.id, (str(item.id), item.original_id))


async def _keep(world: World, office: str, sender: str) -> MailItem:
    tools = world.counter.tools
    kind = "Content-Type: text/plain\r\n"
    content = f"From: {sender}\r\nSubject: {uuid4().hex}\r\n{kind}{kind}\r\nHola\r\n"
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
