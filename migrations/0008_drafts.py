"""
What comes before a filing: drafts, the pages of files, and the privacy policy that is accepted.

Drafts, and uploads that nobody filed, are no record: they may be deleted. An upload that became part of one may not.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX drafts_owner ON drafts (owner_id, saved_at DESC);
CREATE INDEX drafts_expiry ON drafts (expires_at);
CREATE INDEX uploads_expiry ON uploads (expires_at) WHERE used_at IS NULL;
CREATE INDEX attachments_content ON attachments (content_id);
"""

GUARD = """
CREATE FUNCTION uploads_refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an upload that was filed stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER uploads_used_stay BEFORE DELETE ON uploads
FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION uploads_refuse_deletion();
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON drafts TO mesa_app;
GRANT DELETE ON uploads TO mesa_app;
GRANT SELECT, INSERT ON privacy_policies TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates tables, columns, guard and grants."""

    dependencies = [("mesa", "0007_calendar")]

    operations = [
        ops.CreateModel(
            name="Draft",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="owner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("form", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("version", fields.IntField(default=1)),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "drafts",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A form as far as it is filled in (borrador); no record, and gone when it is filed, discarded or too old.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyText",
            fields=[
                ("version", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=20)),
                ("text", fields.TextField(unique=False)),
                ("sha256", fields.CharField(max_length=64)),
                ("first_seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "privacy_policies",
                "app": "mesa",
                "pk_attr": "version",
                "table_description": "A privacy policy that was in force; what somebody accepted stays readable.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Content",
            name="pages",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Content",
            name="pages_problem",
            field=fields.CharField(null=True, max_length=20),
        ),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(GUARD, "DROP TRIGGER uploads_used_stay ON uploads; DROP FUNCTION uploads_refuse_deletion;"),
        ops.RunSQL(GRANTS, ""),
    ]
