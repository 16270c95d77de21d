"""
Service tokens, and their acts among those of administration.

The index of those acts is made anew with the new ones; questions for the earlier ones alone still find them by it.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX service_tokens_token ON service_tokens (token_hash);
CREATE INDEX service_tokens_made ON service_tokens (made_at DESC, id DESC);
CREATE INDEX service_tokens_made_by ON service_tokens (made_by_id);
CREATE INDEX service_tokens_revoked_by ON service_tokens (revoked_by_id);
ALTER INDEX entries_administration RENAME TO entries_administration_of_old;
CREATE INDEX entries_administration ON entries (sequence DESC)
WHERE act IN (
    'CALENDAR_CHANGED', 'OFFICES_CHANGED', 'POLICY_CHANGED', 'SERVICE_TOKEN_MADE', 'SERVICE_TOKEN_REVOKED'
);
DROP INDEX entries_administration_of_old;
"""
UNDO_INDEXES = """
DROP INDEX entries_administration;
CREATE INDEX entries_administration ON entries (sequence DESC)
WHERE act IN ('CALENDAR_CHANGED', 'OFFICES_CHANGED', 'POLICY_CHANGED');
"""

CHECKS = """
ALTER TABLE service_tokens
    ADD CONSTRAINT service_tokens_end CHECK (expires_at > made_at AND expires_at <= made_at + interval '365 days'),
    ADD CONSTRAINT service_tokens_revoked CHECK (revoked_by_id IS NULL OR revoked_at IS NOT NULL),
    ADD CONSTRAINT service_tokens_scopes CHECK (jsonb_typeof(scopes) = 'array' AND scopes <> '[]'),
    ADD CONSTRAINT service_tokens_offices CHECK (jsonb_typeof(offices) = 'array');
"""

# What a token lets read, and until when, nobody changes: another is made.
GRANTS = """
GRANT SELECT, INSERT ON service_tokens TO mesa_app;
GRANT UPDATE (last_used_at, revoked_at, revoked_by_id) ON service_tokens TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the table, its indexes, checks and grants."""

    dependencies = [("mesa", "0038_find_in_files")]

    operations = [
        ops.CreateModel(
            name="ServiceToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=80)),
                ("token_hash", fields.BinaryField()),
                ("ending", fields.CharField(max_length=6)),
                ("scopes", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("offices", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="made_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="service_tokens_made",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "revoked_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="revoked_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="service_tokens_revoked",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "service_tokens",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A program may read, in the name of nobody; only the SHA-256 of its token is kept. `made_by` answers for it.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
