"""
What the round of the antivirus looks for: files that it has never seen, the youngest first, and malware found of late.

Nearly every content is in neither index: one that was scanned leaves the first, and few are in the second.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX contents_never_scanned ON contents (stored_at)
    WHERE scan IS NULL AND findings IS NOT NULL AND erased_at IS NULL;
CREATE INDEX contents_infected ON contents (scanned_at) WHERE scan = 'INFECTED';
"""
UNDO_INDEXES = "DROP INDEX contents_never_scanned, contents_infected;"


class Migration(migrations.Migration):
    """Adds two indexes."""

    dependencies = [("mesa", "0036_judge_contents")]

    operations = [ops.RunSQL(INDEXES, UNDO_INDEXES)]
