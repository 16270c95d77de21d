"""Tasks for the people at the desk."""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX tasks_open_tramite ON tasks (tramite_id, kind) WHERE done_at IS NULL;
CREATE INDEX tasks_open ON tasks (opened_at) WHERE done_at IS NULL;
"""

GRANTS = "GRANT SELECT, INSERT, UPDATE ON tasks TO mesa_app;"


class Migration(migrations.Migration):
    """Creates the table, its indexes and its grants."""

    dependencies = [("mesa", "0003_taxpayers")]

    operations = [
        ops.CreateModel(
            name="Task",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=30)),
                (
                    "tramite",
                    fields.ForeignKeyField(
                        "mesa.Tramite",
                        source_field="tramite_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="tasks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="user_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="tasks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("detail", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "done_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="done_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="done_tasks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "tasks",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "One thing to be done about a trámite or an account; at most one of a kind is open about the same trámite.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(GRANTS, ""),
    ]
