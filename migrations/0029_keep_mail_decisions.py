"""
What people do with mails: their decisions, the ledger in the order in which people read it, and a task of the counter.

A mail is released or rejected once, whoever is quicker. A task that is about no trámite and no account is open once.
"""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX mail_decisions_final ON mail_decisions (item_id) WHERE kind <> 'ANSWERED';
CREATE INDEX mail_decisions_item ON mail_decisions (item_id, made_at, id);
CREATE INDEX mail_items_list ON mail_items (received_at, id);
CREATE INDEX mail_items_mailbox ON mail_items (mailbox_id, received_at, id);
CREATE INDEX mail_items_outcome ON mail_items (outcome, received_at, id);
CREATE INDEX mail_items_mailbox_outcome ON mail_items (mailbox_id, outcome, received_at, id);
CREATE UNIQUE INDEX tasks_open_counter ON tasks (kind)
    WHERE done_at IS NULL AND tramite_id IS NULL AND user_id IS NULL;
"""
UNDO_INDEXES = """
DROP INDEX mail_items_list, mail_items_mailbox, mail_items_outcome, mail_items_mailbox_outcome, tasks_open_counter;
"""

CHECKS = """
ALTER TABLE mail_decisions ADD CONSTRAINT mail_decisions_text CHECK (
    length(text) BETWEEN 1 AND 2000 AND (kind <> 'RELEASED' OR text IS NULL)
);
"""

GRANTS = "GRANT SELECT, INSERT, UPDATE ON mail_decisions TO mesa_app;"


class Migration(migrations.Migration):
    """Adds the table, its check and grant, and the indexes."""

    dependencies = [("mesa", "0028_answer_mails")]

    operations = [
        ops.CreateModel(
            name="MailDecision",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "mesa.MailItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="decisions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=20)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="made_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="mail_decisions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("text", fields.TextField(null=True, unique=False)),
                (
                    "notice",
                    fields.ForeignKeyField(
                        "mesa.Notice",
                        source_field="notice_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="mail_decisions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "mail_decisions",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "What a member of staff did with a mail: released or rejected it, once, or answered it.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
