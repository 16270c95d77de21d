"""
The ledger of mails as people read it: a mailbox after the other, and planned by how outcomes and mailboxes go together.

A list of all mailboxes is merged of theirs. An index of all mails by date would be taken for the list of one mailbox
too, and be read from end to end where that one had its mails long ago. What is in quarantine is counted, and listed in
its order, by the index of outcomes; one without an order would be taken for the list, and all that it has be sorted.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

STATISTICS = "CREATE STATISTICS mail_items_outcomes (mcv) ON mailbox_id, outcome FROM mail_items;"
UNDO_STATISTICS = "DROP STATISTICS mail_items_outcomes;"

INDEXES = "DROP INDEX mail_items_list, mail_items_outcome, mail_items_quarantined;"
UNDO_INDEXES = """
CREATE INDEX mail_items_list ON mail_items (received_at, id);
CREATE INDEX mail_items_outcome ON mail_items (outcome, received_at, id);
CREATE INDEX mail_items_quarantined ON mail_items (mailbox_id) WHERE outcome = 'QUARANTINED';
"""


class Migration(migrations.Migration):
    """Adds the statistics, and drops the three indexes."""

    dependencies = [("mesa", "0029_keep_mail_decisions")]

    operations = [ops.RunSQL(STATISTICS, UNDO_STATISTICS), ops.RunSQL(INDEXES, UNDO_INDEXES)]
