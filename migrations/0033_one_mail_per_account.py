"""
A content is taken in once for each mail account, over all its folders; until now each folder had its own.

Where an account has the same content twice by then, both stay what they are, with all that they became: the later ones
are numbered, so that they do not stand in the way, and whatever comes from now on is a duplicate of the first. A mail
has the account of its mailbox, also when that is renamed.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

FILL = """
UPDATE mail_items SET account = told.account, earlier_copies = told.number
FROM (
    SELECT i.id, m.account, row_number() OVER (
        PARTITION BY m.account, i.content_key ORDER BY i.recorded_at, i.received_at, i.id) - 1 AS number
    FROM mail_items i JOIN mailboxes m ON m.id = i.mailbox_id
) told
WHERE told.id = mail_items.id;
"""

KEYS = """
ALTER TABLE mailboxes ADD CONSTRAINT mailboxes_of_account UNIQUE (id, account);
ALTER TABLE mail_items ADD CONSTRAINT mail_items_account FOREIGN KEY (mailbox_id, account)
    REFERENCES mailboxes (id, account) ON UPDATE CASCADE ON DELETE RESTRICT;
"""
UNDO_KEYS = """
ALTER TABLE mail_items DROP CONSTRAINT mail_items_account;
ALTER TABLE mailboxes DROP CONSTRAINT mailboxes_of_account;
"""

CHECKS = "ALTER TABLE mail_items ADD CONSTRAINT mail_items_copies CHECK (earlier_copies >= 0);"
UNDO_CHECKS = "ALTER TABLE mail_items DROP CONSTRAINT mail_items_copies;"


class Migration(migrations.Migration):
    """Adds the columns, fills them, and changes what is unique."""

    dependencies = [("mesa", "0032_count_answers")]

    operations = [
        ops.AddField(model_name="MailItem", name="account", field=fields.CharField(max_length=254, null=True)),
        ops.AddField(model_name="MailItem", name="earlier_copies", field=fields.SmallIntField(default=0, db_default=0)),
        ops.RunSQL(FILL, ""),
        ops.AlterField(model_name="MailItem", name="account", field=fields.CharField(max_length=254)),
        ops.RemoveConstraint(model_name="MailItem", fields=["mailbox", "content_key"]),
        ops.AddConstraint(
            model_name="MailItem", constraint=UniqueConstraint(fields=("account", "content_key", "earlier_copies"))
        ),
        ops.AlterModelOptions(
            name="MailItem",
            options={
                "table": "mail_items",
                "app": "mesa",
                "unique_together": (("account", "content_key", "earlier_copies"),),
                "pk_attr": "id",
                "table_description": "One distinct mail of an account, named by the hash of its normalised bytes, and its one outcome.",
            },
        ),
        ops.RunSQL(KEYS, UNDO_KEYS),
        ops.RunSQL(CHECKS, UNDO_CHECKS),
    ]
