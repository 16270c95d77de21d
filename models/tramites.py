"""The trámite, its files, and where it has been referred."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from tortoise import fields
from tortoise.models import Model

from models.columns import enum_column
from rules.catalogue import AttachmentRole, Channel, DocumentKind
from rules.lifecycle import TramiteStatus
from rules.mail import SenderProof

if TYPE_CHECKING:
    from models.catalogue import Office
    from models.files import Content
    from models.people import User
    from models.receipts import Receipt
    from models.register import Entry


class Tramite(Model):
    """A document handed in at the counter, and what became of it."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    number = fields.CharField(max_length=24, unique=True)
    lookup_key = fields.CharField(max_length=32, unique=True)
    status = enum_column(TramiteStatus, max_length=20)
    observed_before = fields.BooleanField(default=False)
    channel = enum_column(Channel, max_length=20)
    # None for a mail of which nobody has shown that an account sent it: From is a claim, not an identity.
    applicant: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="tramites", null=True, on_delete=fields.RESTRICT
    )
    applicant_id: uuid.UUID | None
    office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="tramites", on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID
    document_kind = enum_column(DocumentKind, max_length=20, null=True)
    document_number = fields.CharField(max_length=100, null=True)
    subject = fields.CharField(max_length=300)
    folios = fields.IntField(null=True)
    organization_ruc = fields.CharField(max_length=11, null=True)
    organization_name = fields.CharField(max_length=200, null=True)
    sender_name = fields.CharField(max_length=200)
    # How sure it is who sent the mail; None for what came by another door, or before that was kept.
    sender_proof = enum_column(SenderProof, max_length=20, null=True)
    contact_email = fields.CharField(max_length=254, null=True)
    contact_mobile = fields.CharField(max_length=20, null=True)
    privacy_policy_version = fields.CharField(max_length=20, null=True)
    missing: list[str] = fields.JSONField(default=list)  # pyright: ignore[reportAssignmentType]  # sentences in Spanish
    sent_at = fields.DatetimeField()
    filed_on = fields.DateField()
    filing_rule: dict[str, Any] = fields.JSONField()  # pyright: ignore[reportAssignmentType]
    # When a clerk first had it at the desk; it stays.
    received_at: dt.datetime | None = fields.DatetimeField(null=True)
    correct_by: dt.date | None = fields.DateField(null=True)
    # How `correct_by` came about, as `rules.workdays.Deadline`; None for what was observed before that was kept.
    deadline_rule: dict[str, Any] | None = fields.JSONField(null=True)  # pyright: ignore[reportAssignmentType]
    observation = fields.TextField(null=True)
    # The points of it, each as it was written; empty if it is words only.
    observation_points: list[str] = fields.JSONField(default=list, db_default=[])  # pyright: ignore[reportAssignmentType]
    resolution: str | None = fields.TextField(null=True)
    # The member of staff who has taken it on; None while nobody has.
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "mesa.User", related_name="owned_tramites", null=True, on_delete=fields.RESTRICT
    )
    owner_id: uuid.UUID | None
    # One more after each change, so that of two who change it at once the second is told.
    revision = fields.IntField(default=1, db_default=1)
    # Last days for the desk, as `rules.due`; None for what was settled before they were kept.
    route_by: dt.date | None = fields.DateField(null=True)
    attend_by: dt.date | None = fields.DateField(null=True)
    # Whichever of the three days counts in its status, made by the database: right whoever changes the status.
    due_on: dt.date | None = fields.DateField(null=True, generated=True)
    # Whether a file of it had been handed in with another trámite before; kept by the database.
    repeats = fields.BooleanField(default=False, db_default=False)
    # When what it told of people was erased, past its time; number, dates, status and digests stay.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    attachments: fields.ReverseRelation[Attachment]
    referrals: fields.ReverseRelation[Referral]
    past_offices: fields.ReverseRelation[PastOffice]
    receipts: fields.ReverseRelation[Receipt]
    entries: fields.ReverseRelation[Entry]

    class Meta(Model.Meta):
        table = "tramites"


class Attachment(Model):
    """A file of a trámite; never overwritten, a correction adds a version."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    tramite: fields.ForeignKeyRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="attachments", on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID
    version = fields.SmallIntField(default=1)
    role = enum_column(AttachmentRole, max_length=20)
    position = fields.SmallIntField()
    name = fields.CharField(max_length=200)
    content: fields.ForeignKeyRelation[Content] = fields.ForeignKeyField(
        "mesa.Content", related_name="attachments", on_delete=fields.RESTRICT
    )
    content_id: str
    size_bytes = fields.BigIntField()
    # Until it was seen to that the text of its content is taken out.
    awaits_text = fields.BooleanField(default=True, db_default=True)
    # Past its time: nobody is given its bytes any more, whether they are still there for others or not.
    erased_at: dt.datetime | None = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "attachments"
        unique_together = (("tramite", "version", "position"),)


class Referral(Model):
    """A trámite went from one office to another; both go on seeing it."""

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    tramite: fields.ForeignKeyRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="referrals", on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID
    from_office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="referrals_out", on_delete=fields.RESTRICT
    )
    from_office_id: uuid.UUID
    to_office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="referrals_in", on_delete=fields.RESTRICT
    )
    to_office_id: uuid.UUID
    referred_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "referrals"


class PastOffice(Model):
    """
    An office that referred a trámite, and goes on seeing it, with what its list is ordered by.

    The database keeps it, from referrals and whatever changes of the trámite: nobody else writes it.
    """

    id = fields.UUIDField(primary_key=True, default=uuid.uuid4)
    tramite: fields.ForeignKeyRelation[Tramite] = fields.ForeignKeyField(
        "mesa.Tramite", related_name="past_offices", on_delete=fields.RESTRICT
    )
    tramite_id: uuid.UUID
    office: fields.ForeignKeyRelation[Office] = fields.ForeignKeyField(
        "mesa.Office", related_name="past_tramites", on_delete=fields.RESTRICT
    )
    office_id: uuid.UUID
    status = enum_column(TramiteStatus, max_length=20)
    sent_at = fields.DatetimeField()
    filed_on = fields.DateField()
    due_on: dt.date | None = fields.DateField(null=True)

    class Meta(Model.Meta):
        table = "past_offices"
        unique_together = (("tramite", "office"),)
