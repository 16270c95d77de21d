"""
What the sieve and the antivirus found of a content, and when each of them looks at it again.

Both queues are few rows of many. What was judged by an older sieve is found by an index of its own, in which what was
never judged comes first.
"""

from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX contents_judge_after ON contents (judge_after) WHERE judge_after IS NOT NULL;
CREATE INDEX contents_scan_after ON contents (scan_after) WHERE scan_after IS NOT NULL;
CREATE INDEX contents_judged_version ON contents ((coalesce(judged_version, 0)));
"""
UNDO_INDEXES = "DROP INDEX contents_judge_after, contents_scan_after, contents_judged_version;"


class Migration(migrations.Migration):
    """Adds columns and indexes; the application's role may use them as the rest of the table."""

    dependencies = [("mesa", "0035_seal_receipts")]

    operations = [
        ops.AddField(model_name="Content", name="kind", field=fields.CharField(null=True, max_length=10)),
        ops.AddField(model_name="Content", name="findings", field=ArrayField(element_type="text", null=True)),
        ops.AddField(model_name="Content", name="judged_version", field=fields.SmallIntField(null=True)),
        ops.AddField(model_name="Content", name="judge_after", field=fields.DatetimeField(null=True)),
        ops.AddField(model_name="Content", name="judge_attempts", field=fields.SmallIntField(default=0, db_default=0)),
        ops.AddField(model_name="Content", name="scan", field=fields.CharField(null=True, max_length=20)),
        ops.AddField(model_name="Content", name="signature", field=fields.CharField(null=True, max_length=200)),
        ops.AddField(model_name="Content", name="scanned_at", field=fields.DatetimeField(null=True)),
        ops.AddField(model_name="Content", name="scan_after", field=fields.DatetimeField(null=True)),
        ops.AddField(model_name="Content", name="scan_attempts", field=fields.SmallIntField(default=0, db_default=0)),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
    ]
