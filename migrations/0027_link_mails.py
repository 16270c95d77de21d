"""
Links of one use that are mailed with a receipt, and what is known of who sent a mail.

Of what came before, it is not known: nothing is filled in. Verified addresses of accounts are found by an index.
"""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX mail_links_token ON mail_links (token_hash);
CREATE INDEX mail_links_tramite ON mail_links (tramite_id, purpose);
CREATE INDEX mail_links_used_by ON mail_links (used_by_id) WHERE used_by_id IS NOT NULL;
CREATE INDEX mail_links_expired ON mail_links (expires_at);
CREATE INDEX users_verified_email ON users (lower(email)) WHERE email_verified_at IS NOT NULL;
"""
UNDO_INDEXES = "DROP INDEX users_verified_email;"

CHECKS = """
ALTER TABLE mail_links
    ADD CONSTRAINT mail_links_end CHECK (expires_at > made_at),
    ADD CONSTRAINT mail_links_used CHECK (used_by_id IS NULL OR used_at IS NOT NULL);
"""

GRANTS = "GRANT SELECT, INSERT, UPDATE, DELETE ON mail_links TO mesa_app;"


class Migration(migrations.Migration):
    """Creates the table with its indexes, checks and grants, and adds the columns."""

    dependencies = [("mesa", "0026_tell_mailboxes")]

    operations = [
        ops.CreateModel(
            name="MailLink",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "tramite",
                    fields.ForeignKeyField(
                        "mesa.Tramite",
                        source_field="tramite_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="mail_links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("purpose", fields.CharField(max_length=20)),
                ("token_hash", fields.BinaryField()),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "used_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="used_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="mail_links_used",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "mail_links",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A link about a trámite that came by mail; only the SHA-256 of its token is kept.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="MailItem",
            name="proof",
            field=fields.CharField(null=True, max_length=20),
        ),
        ops.AddField(
            model_name="Tramite",
            name="sender_proof",
            field=fields.CharField(null=True, max_length=20),
        ),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
