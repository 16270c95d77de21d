"""Finding trámites: an index for each order of an office, so that its list never goes through those of others."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX tramites_office_filed ON tramites (office_id, filed_on DESC, id DESC);
CREATE INDEX tramites_office_deadline ON tramites (office_id, correct_by, id) WHERE correct_by IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Creates the indexes."""

    dependencies = [("mesa", "0013_notices")]
    operations = [
        ops.RunSQL(INDEXES, "DROP INDEX tramites_office_filed; DROP INDEX tramites_office_deadline;"),
    ]
