"""Mailboxes of the counter, as staff are told of them."""

import datetime as dt

import strawberry

from schema.catalogue import Office
from schema.described import says
from schema.mail_enums import MailboxFailure
from schema.node import Node


@strawberry.type(description="A folder of a mail account (buzón) whose mails are taken in, and how it stands with it.")
class Mailbox(Node):
    """A mailbox."""

    name: str | None = says("What it is called in the settings; null until it is read for the first time since then.")
    account: str = says("User of the mail account (cuenta).")
    folder: str = says("Folder (carpeta) that is read.")
    office: Office = says("Office (dependencia) to which its mails are filed.")
    is_listening: bool = says("Whether a worker has looked through it and listens for new mail now.")
    looked_at: dt.datetime | None = says("When it was last looked through (última revisión); null if never.")
    backlog: int = says("How many mails wait to be taken in (pendientes), as far as the folder was looked through.")
    failing_since: dt.datetime | None = says("Since when it is not read (con fallas desde); null while it is.")
    failure: MailboxFailure | None = says("Why it is not read; null while it is.")
    uid_validity: str | None = says("How the server numbers its mails (UIDVALIDITY); null until it was opened.")
    quarantined: int = says("How many of its mails are in quarantine (cuarentena).")
