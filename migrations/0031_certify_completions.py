"""A receipt for what was completed by link: of the version of the files that it added, as that of a correction."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CHECKS = """
ALTER TABLE receipts DROP CONSTRAINT receipts_version;
ALTER TABLE receipts ADD CONSTRAINT receipts_version
    CHECK (version = 1 OR (version > 1 AND kind IN ('SUBMISSION', 'COMPLETION')));
"""

UNDO_CHECKS = """
ALTER TABLE receipts DROP CONSTRAINT receipts_version;
ALTER TABLE receipts ADD CONSTRAINT receipts_version CHECK (version = 1 OR (version > 1 AND kind = 'SUBMISSION'));
"""


class Migration(migrations.Migration):
    """Lets a receipt of a completion be of a later version."""

    dependencies = [("mesa", "0030_list_mails")]

    operations = [ops.RunSQL(CHECKS, UNDO_CHECKS)]
