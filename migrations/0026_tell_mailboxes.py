"""
How it stands with each mailbox, and where each mail ended up on the server.

What was moved is marked so; what is not placed yet is found by an index of its own, which the mails that cannot be
moved at all do not fill.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX mail_slots_unplaced ON mail_slots (mailbox_id, uidvalidity, uid)
    WHERE placement IS NULL AND item_id IS NOT NULL;
CREATE INDEX mail_items_quarantined ON mail_items (mailbox_id) WHERE outcome = 'QUARANTINED';
DROP INDEX mail_slots_unmoved;
"""

UNDO_INDEXES = """
CREATE INDEX mail_slots_unmoved ON mail_slots (mailbox_id, uidvalidity, uid) WHERE moved_at IS NULL;
DROP INDEX mail_slots_unplaced, mail_items_quarantined;
"""

FILL = "UPDATE mail_slots SET placement = 'MOVED' WHERE moved_at IS NOT NULL;"

CHECKS = """
ALTER TABLE mailboxes ADD CONSTRAINT mailboxes_failing CHECK ((failing_since IS NULL) = (failure IS NULL));
ALTER TABLE mail_slots ADD CONSTRAINT mail_slots_placed CHECK (placement IS NULL OR item_id IS NOT NULL);
"""

UNDO_CHECKS = """
ALTER TABLE mailboxes DROP CONSTRAINT mailboxes_failing;
ALTER TABLE mail_slots DROP CONSTRAINT mail_slots_placed;
"""


def _instant() -> fields.DatetimeField:
    return fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)


class Migration(migrations.Migration):
    """Adds the columns, fills them, and changes the indexes."""

    dependencies = [("mesa", "0025_equip_verify")]

    operations = [
        ops.AddField(model_name="Mailbox", name="name", field=fields.CharField(max_length=60, null=True)),
        ops.AddField(model_name="Mailbox", name="looked_at", field=_instant()),
        ops.AddField(
            model_name="Mailbox", name="is_listening", field=fields.BooleanField(default=False, db_default=False)
        ),
        ops.AddField(model_name="Mailbox", name="backlog", field=fields.IntField(default=0, db_default=0)),
        ops.AddField(model_name="Mailbox", name="failing_since", field=_instant()),
        ops.AddField(model_name="Mailbox", name="failure", field=fields.CharField(max_length=30, null=True)),
        ops.AddField(model_name="Mailbox", name="uidvalidity", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="MailSlot", name="placement", field=fields.CharField(max_length=10, null=True)),
        ops.RunSQL(FILL, ""),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, UNDO_CHECKS),
    ]
