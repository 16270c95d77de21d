"""
Administration: offices that no longer take documents, and the counter's policy by its versions.

The first version changes nothing: what held before there were versions.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

FIRST_VERSION = """
INSERT INTO policy_versions (id, number, made_at, from_at, changes)
VALUES (gen_random_uuid(), 1, '2020-01-01T00:00Z', '2020-01-01T00:00Z', '{}');
"""

INDEXES = """
CREATE INDEX entries_administration ON entries (sequence DESC)
WHERE act IN ('CALENDAR_CHANGED', 'OFFICES_CHANGED', 'POLICY_CHANGED');
"""

CHECKS = """
ALTER TABLE policy_versions ADD CONSTRAINT policy_versions_never_backwards CHECK (from_at >= made_at);
ALTER TABLE offices ADD CONSTRAINT offices_hours_order CHECK (opens_at < closes_at);
"""

GRANTS = "GRANT SELECT, INSERT ON policy_versions TO mesa_app;"


class Migration(migrations.Migration):
    """Creates the table with its first version, and adds the columns."""

    dependencies = [("mesa", "0022_report_facts")]

    operations = [
        ops.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("number", fields.IntField(unique=True)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("from_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("changes", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
            ],
            options={
                "table": "policy_versions",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "One change: from an instant on, these values hold; all others stay. `number` is the order of all.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="Office",
            options={
                "table": "offices",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A destination of documents (dependencia); never deleted. `opens_at` and `closes_at` are its first hours.",
            },
        ),
        ops.AddField(
            model_name="Office",
            name="retired_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(model_name="Office", name="revision", field=fields.IntField(default=1, db_default=1)),
        ops.RunSQL(FIRST_VERSION, "DELETE FROM policy_versions;"),
        ops.RunSQL(INDEXES, "DROP INDEX entries_administration;"),
        ops.RunSQL(CHECKS, "ALTER TABLE offices DROP CONSTRAINT offices_hours_order;"),
        ops.RunSQL(GRANTS, ""),
    ]
