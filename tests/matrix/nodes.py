"""Things by their ids alone: each type of them, in every relation."""

from __future__ import annotations

from models.catalogue import Office
from tests.matrix.accounts import claim, draft, holder, open_upload, recovery, session
from tests.matrix.administration import service_token
from tests.matrix.asking import node
from tests.matrix.desk import noted, template
from tests.matrix.finding import export, search
from tests.matrix.mailboxes import mailbox
from tests.matrix.mails import held
from tests.matrix.staff import invitation
from tests.matrix.tramites import pending, task
from tests.matrix.world import OFFICE, Person, Thing, World


async def account(world: World, person: Person, relation: int) -> Thing:
    """Return an account."""
    return Thing(holder(world, person, relation).user_id)


async def office(_world: World, _person: Person, _relation: int) -> Thing:
    """Return the office of all these people."""
    return Thing((await Office.get(code=OFFICE)).id)


for type_name, about in {
    "Draft": draft,
    "Export": export,
    "IdentityClaim": claim,
    "Invitation": invitation,
    "Mail": held,
    "Mailbox": mailbox,
    "Office": office,
    "RecoveryRequest": recovery,
    "SavedSearch": search,
    "ServiceToken": service_token,
    "Session": session,
    "Task": task,
    "Template": template,
    "Tramite": pending,
    "Upload": open_upload,
    "User": account,
}.items():
    node(type_name, about=about)(lambda it: str(it.id))

node("Tramite", about=pending, root="nodes")(lambda it: str(it.id))
node("Attachment", about=pending)(lambda it: it["file"])
node("Receipt", about=pending)(lambda it: it["receipt"])
node("Notice", about=pending)(lambda it: it["notice"])
node("Note", about=noted)(lambda it: it["note"])
