"""
Answers to mails: each mail has one decision about its answer, and answers are counted by address and in all.

What was filed before has its receipt for an answer. Addresses of before are not counted: their key is not known here.
"""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX mail_items_notice ON mail_items (notice_id);
CREATE INDEX mail_items_hint ON mail_items (hint_id) WHERE hint_id IS NOT NULL;
CREATE INDEX notices_answers_to ON notices (answer_key, created_at) WHERE answer_key IS NOT NULL;
CREATE INDEX notices_answers_sent ON notices (finished_at) WHERE answer_key IS NOT NULL AND state = 'SENT';
CREATE INDEX notices_answers_leased ON notices (leased_until) WHERE answer_key IS NOT NULL AND state = 'PENDING';
"""
UNDO_INDEXES = """
DROP INDEX mail_items_notice, mail_items_hint, notices_answers_to, notices_answers_sent, notices_answers_leased;
"""

FILL = """
UPDATE mail_items m SET notice_id = n.id FROM notices n
WHERE n.tramite_id = m.tramite_id AND n.kind = 'SUBMISSION_RECEIPT' AND m.notice_id IS NULL;
"""
FILL_UNANSWERED = """
UPDATE mail_items SET suppression = 'NOT_FILED' WHERE notice_id IS NULL AND suppression IS NULL;
"""

CHECKS = """
ALTER TABLE mail_items ADD CONSTRAINT mail_items_answered CHECK (num_nonnulls(notice_id, suppression) > 0);
"""
UNDO_CHECKS = "ALTER TABLE mail_items DROP CONSTRAINT mail_items_answered;"


class Migration(migrations.Migration):
    """Adds the columns, fills them, and from then on wants a decision for each mail."""

    dependencies = [("mesa", "0027_link_mails")]

    operations = [
        ops.AddField(
            model_name="MailItem",
            name="hint",
            field=fields.ForeignKeyField(
                "mesa.Tramite",
                source_field="hint_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="hinting_mails",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="MailItem",
            name="notice",
            field=fields.ForeignKeyField(
                "mesa.Notice",
                source_field="notice_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="answered_mails",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(model_name="Notice", name="answer_key", field=fields.BinaryField(null=True)),
        ops.RunSQL(FILL, ""),
        ops.RunSQL(FILL_UNANSWERED, ""),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, UNDO_CHECKS),
    ]
