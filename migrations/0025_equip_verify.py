"""
What verifying needs: the salt of a note's digest in the register, and the reading of where reports think a trámite lies.

Notes of before have no salt, and their entries no digest: of them it is known that they were written, not what.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

CHECKS = "ALTER TABLE notes ADD CONSTRAINT notes_salt CHECK (octet_length(salt) = 16);"
UNDO_CHECKS = "ALTER TABLE notes DROP CONSTRAINT notes_salt;"
GRANTS = "GRANT SELECT ON report_positions TO mesa_app;"
UNDO_GRANTS = "REVOKE SELECT ON report_positions FROM mesa_app;"


class Migration(migrations.Migration):
    """Adds the column, its check, and the grant."""

    dependencies = [("mesa", "0024_keep_and_erase")]

    operations = [
        ops.AddField(model_name="Note", name="salt", field=fields.BinaryField(null=True)),
        ops.RunSQL(CHECKS, UNDO_CHECKS),
        ops.RunSQL(GRANTS, UNDO_GRANTS),
    ]
