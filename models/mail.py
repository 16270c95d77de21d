"""The mailbox as a ledger: who reads it, what was seen in it, what became of each mail."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.mail import MailOutcome, Proof, SuppressionReason
from rules.mailboxes import MailboxFailure, Placement

if TYPE_CHECKING:
    from models.catalogue import Office
    from models.files import Content
    from models.receipts import Notice
    from models.tramites import Tramite


class Mailbox(Model):
    """
    A folder of a mail account, the office it files to, and the lease of the one worker that reads it.

    From `looked_at` on, how it stands with it as of the last renewal of the lease; `failing_since` lasts until the
    folder was looked at again.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    account = fields.CharField(max_length=254)
    folder = fields.CharField(max_length=200)
    office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="mailboxes", on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID
    holder = fields.UUIDField(null=True)
    epoch = fields.BigIntField(default=0)
    leased_until: dt.datetime | None = fields.DatetimeField(null=True)
    name = fields.CharField(max_length=60, null=True)
    looked_at: dt.datetime | None = fields.DatetimeField(null=True)
    is_listening = fields.BooleanField(default=False, db_default=False)
    backlog = fields.IntField(default=0, db_default=0)
    failing_since: dt.datetime | None = fields.DatetimeField(null=True)
    failure = enum_column(MailboxFailure, max_length=30, null=True)
    uidvalidity: int | None = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "mailboxes"
        unique_together = (("account", "folder"),)


class MailItem(Model):
    """
    One distinct mail of an account, named by the hash of its normalised bytes, and its one outcome.

    `mailbox` is the folder in which it was found first, and `account` has that. `earlier_copies` counts the mails of
    the same content that the account had before: none, but for those of when each folder had its own.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    account = fields.CharField(max_length=254)
    mailbox: fields.ForeignKeyRelation[Mailbox] = fields.ForeignKeyField(
        "mesa.Mailbox", related_name="items", on_delete=fields.RESTRICT
    )
    mailbox_id: uuid.UUID
    content_key = fields.CharField(max_length=64)
    earlier_copies = fields.SmallIntField(default=0, db_default=0)
    original: fields.ForeignKeyRelation[Content] = fields.ForeignKeyField(
        "mesa.Content", related_name="mails", on_delete=fields.RESTRICT
    )
    original_id: str
    received_at = fields.DatetimeField()
    recorded_at = fields.DatetimeField()
    outcome = enum_column(MailOutcome, max_length=20)
    reason = fields.CharField(max_length=200, null=True)
    suppression = enum_column(SuppressionReason, max_length=30, null=True)
    # What was known of who sent it; None for a mail that was not read, or came before that was kept.
    proof = enum_column(Proof, max_length=20, null=True)
    tramite: fields.ForeignKeyNullableRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="mails", null=True, on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID | None
    # What it says to answer, or asks about, when it became none of that: for people to see.
    hint: fields.ForeignKeyNullableRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="hinting_mails", null=True, on_delete=fields.RESTRICT
    )
    hint_id: uuid.UUID | None
    # The one answer to it, promised or suppressed; None if there never was one to be.
    notice: fields.ForeignKeyNullableRelation[Notice] = fields.ForeignKeyField(
        "mesa.Notice", related_name="answered_mails", null=True, on_delete=fields.RESTRICT
    )
    notice_id: uuid.UUID | None
    # Past its time: the original is no longer kept; its digest is.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "mail_items"
        unique_together = (("account", "content_key", "earlier_copies"),)


class MailSlot(Model):
    """
    A place in a mailbox (UIDVALIDITY, UID). `item` is None while attempts to take the mail have failed.

    `placement` is None while the mail has an outcome but is to be moved still; `next_try_at` says when at the earliest.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    mailbox: fields.ForeignKeyRelation[Mailbox] = fields.ForeignKeyField(
        "mesa.Mailbox", related_name="slots", on_delete=fields.RESTRICT
    )
    mailbox_id: uuid.UUID
    uidvalidity = fields.BigIntField()
    uid = fields.BigIntField()
    item: fields.ForeignKeyNullableRelation[MailItem] = fields.ForeignKeyField(
        "mesa.MailItem", related_name="slots", null=True, on_delete=fields.RESTRICT
    )
    item_id: uuid.UUID | None
    duplicate = fields.BooleanField(default=False)
    attempts = fields.SmallIntField(default=0)
    next_try_at: dt.datetime | None = fields.DatetimeField(null=True)
    moved_at: dt.datetime | None = fields.DatetimeField(null=True)
    placement = enum_column(Placement, max_length=10, null=True)

    class Meta(Model.Meta):
        table = "mail_slots"
        unique_together = (("mailbox", "uidvalidity", "uid"),)
