"""
Periodic work, receipts of corrections, and what the life cycle looks for.

A correction is received as the next version and has a receipt of its own.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

INDEXES = """
CREATE INDEX tramites_correct_by ON tramites (correct_by, id) WHERE status = 'OBSERVED';
"""

CHECKS = """
ALTER TABLE receipts ADD CONSTRAINT receipts_version CHECK (version = 1 OR (version > 1 AND kind = 'SUBMISSION'));
ALTER TABLE rounds ADD CONSTRAINT rounds_lease CHECK ((lease_holder IS NULL) = (leased_until IS NULL));
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON rounds TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the table, the version of a receipt, indexes, checks and grants."""

    dependencies = [("mesa", "0010_search")]

    operations = [
        ops.CreateModel(
            name="Round",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40)),
                ("next_run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lease_holder", fields.UUIDField(null=True)),
                ("leased_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_run_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_done", fields.IntField(null=True)),
                ("failures", fields.IntField(default=0)),
            ],
            options={
                "table": "rounds",
                "app": "mesa",
                "pk_attr": "name",
                "table_description": "One periodic work, by its name; the row is its lease and its memory.",
            },
            bases=["Model"],
        ),
        ops.AddField(model_name="Receipt", name="version", field=fields.SmallIntField(default=1, db_default=1)),
        ops.RemoveConstraint(model_name="Receipt", name=None, fields=["tramite", "kind"]),
        ops.AddConstraint(
            model_name="Receipt", constraint=UniqueConstraint(fields=("tramite", "kind", "version"), name=None)
        ),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
