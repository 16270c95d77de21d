"""Mailboxes; and what can be asked of them."""

from __future__ import annotations

from uuid import uuid4

from actions.mail import open_mailbox
from tests.matrix.asking import query
from tests.matrix.table import OWN
from tests.matrix.world import OFFICE, STRANGE_OFFICE, Person, Thing, World


async def mailbox(_world: World, _person: Person, relation: int) -> Thing:
    """Return a mailbox that files to the office of all these people, or to another."""
    account = f"buzon-{uuid4()}@entidad.example"
    made = await open_mailbox(
        account=account, folder="INBOX", office_code=OFFICE if relation == OWN else STRANGE_OFFICE
    )
    return Thing(made.id, (str(made.id), account))


@query("mailboxes", about=mailbox)
def _(_it: Thing) -> str:
    return "{ id account folder isListening backlog quarantined office { code } }"
