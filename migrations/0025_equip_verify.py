"""Lets whoever verifies the counter as the application read where reports think that each trámite lies."""

from tortoise import migrations
from tortoise.migrations import operations as ops

GRANTS = "GRANT SELECT ON report_positions TO mesa_app;"
UNDO = "REVOKE SELECT ON report_positions FROM mesa_app;"


class Migration(migrations.Migration):
    """Grants the reading of `report_positions`."""

    dependencies = [("mesa", "0024_keep_and_erase")]
    operations = [ops.RunSQL(GRANTS, UNDO)]
