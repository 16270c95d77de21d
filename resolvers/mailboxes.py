"""Mailboxes: how it stands with each."""

import strawberry

from reading.mailboxes import mailboxes_for
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.mailboxes import MAILBOX
from schema.mailboxes import Mailbox


@strawberry.type
class MailboxQuery:
    """The mailboxes."""

    @strawberry.field(
        description="The mailboxes (buzones) whose mails are taken in, by name, at most 100: those of their offices to "
        "clerks, all to the rest of the staff; empty for others."
    )
    async def mailboxes(self, info: Info) -> list[Mailbox]:
        """Return the mailboxes."""
        found = await mailboxes_for(await signed_in(info))
        return await MAILBOX.show(found, wanted(info), await info.context.scene())
